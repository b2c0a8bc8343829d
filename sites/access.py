"""Who may see a site and do what there: one answer for REST, WebSocket and admin. What is not granted is denied."""

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, Q, QuerySet

from sites.models import Membership, Role, Site

M = TypeVar("M", bound=Model)

LADDER = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
"""Each role may do all that the ones before it may."""


def restrict(user: User, site_ids: Iterable[int]) -> None:
    """Let `user`, this object of it, reach these sites at most: those that a token was made for."""
    user.__dict__["only_at"] = frozenset(site_ids)


def restriction(user: User | AnonymousUser) -> frozenset[int] | None:
    """The sites that `user` reaches at most; None without such a limit."""
    return user.__dict__.get("only_at")


def reaches(role: str, at_least: Role) -> bool:
    """Whether `role` stands at `at_least` or above it on the ladder."""
    return LADDER.index(Role(role)) >= LADDER.index(at_least)


def for_user(user: User | AnonymousUser, at_least: Role = Role.VIEWER) -> QuerySet[Site]:
    """The sites where `user` holds `at_least` or more. A hidden site is there for its admins and superusers only."""
    if not user.is_active:
        return Site.objects.none()
    within = restriction(user)
    sites = Site.objects.all() if within is None else Site.objects.filter(pk__in=within)
    if user.is_superuser:
        return sites
    roles = [role for role in LADDER if reaches(role, at_least)]
    held = Membership.objects.filter(user_id=user.pk, role__in=roles)
    return sites.filter(pk__in=held.filter(Q(site__is_active=True) | Q(role=Role.ADMIN)).values("site_id"))


def visible(
    queryset: QuerySet[M], user: User | AnonymousUser, path: str = "site", at_least: Role = Role.VIEWER
) -> QuerySet[M]:
    """The rows of `queryset` at the user's sites. path: the lookup that leads from a row to its site."""
    if user.is_active and user.is_superuser and restriction(user) is None:
        return queryset
    return queryset.filter(**{f"{path}__in": for_user(user, at_least)})


def may(user: User | AnonymousUser, site_id: int, at_least: Role) -> bool:
    """Whether `user` holds `at_least` or more at this site."""
    return for_user(user, at_least).filter(pk=site_id).exists()


def highest(user: User) -> Role | None:
    """The highest role that `user` holds at any site: admin for a superuser, None for who holds none."""
    if user.is_superuser:
        return Role.ADMIN
    held = Membership.objects.filter(user_id=user.pk, site__in=for_user(user)).values_list("role", flat=True).distinct()
    return max((Role(role) for role in held), key=LADDER.index, default=None)
