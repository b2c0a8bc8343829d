"""Who may see a site and do what there: one answer for REST, WebSocket and admin. What is not granted is denied."""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, Q, QuerySet

from sites.models import Membership, Role, Site

M = TypeVar("M", bound=Model)

LADDER = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
"""Each role may do all that the ones before it may."""


def reaches(role: str, at_least: Role) -> bool:
    """Whether `role` stands at `at_least` or above it on the ladder."""
    return LADDER.index(Role(role)) >= LADDER.index(at_least)


def for_user(user: User | AnonymousUser, at_least: Role = Role.VIEWER) -> QuerySet[Site]:
    """The sites where `user` holds `at_least` or more. A hidden site is there for its admins and superusers only."""
    if not user.is_active:
        return Site.objects.none()
    if user.is_superuser:
        return Site.objects.all()
    roles = [role for role in LADDER if reaches(role, at_least)]
    held = Membership.objects.filter(user_id=user.pk, role__in=roles)
    return Site.objects.filter(pk__in=held.filter(Q(site__is_active=True) | Q(role=Role.ADMIN)).values("site_id"))


def visible(
    queryset: QuerySet[M], user: User | AnonymousUser, path: str = "site", at_least: Role = Role.VIEWER
) -> QuerySet[M]:
    """The rows of `queryset` at the user's sites. path: the lookup that leads from a row to its site."""
    if user.is_active and user.is_superuser:
        return queryset
    return queryset.filter(**{f"{path}__in": for_user(user, at_least)})


def may(user: User | AnonymousUser, site_id: int, at_least: Role) -> bool:
    """Whether `user` holds `at_least` or more at this site."""
    return for_user(user, at_least).filter(pk=site_id).exists()


def highest(user: User) -> Role:
    """The highest role that `user` holds at any site; viewer for who holds none."""
    held = Membership.objects.filter(user_id=user.pk).values_list("role", flat=True).distinct()
    return max((Role(role) for role in held), key=LADDER.index, default=Role.VIEWER)
