"""REST for people: who may do what at a site, and new accounts."""

from typing import Annotated, Any

from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from sites import access, rest
from sites.models import Membership, Role, Site

router = Router()

LAST = "This is the site's only admin; make somebody else one first."


class MemberOut(Schema):
    """name: as they wish to be called; empty until they say. is_active: may sign in."""

    username: str = Field(alias="user.username")
    name: str = Field(alias="user.first_name")
    is_active: bool = Field(alias="user.is_active")
    role: Role


class MemberIn(Schema, extra="forbid"):
    role: Role


class PersonIn(Schema, extra="forbid"):
    """They choose their password themselves."""

    username: Annotated[rest.Text, StringConstraints(min_length=1, max_length=150)]
    name: Annotated[rest.Text, StringConstraints(max_length=150)] = ""


class PersonMade(Schema):
    """link: where they choose their password, once, within three days; whoever has it is let in as them."""

    username: str
    link: str


def administered(request: HttpRequest, site_id: int) -> Site:
    site = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=site_id)
    rest.require(request, site.pk, Role.ADMIN)
    return site


@router.get("/sites/{site_id}/members/", response=rest.Page[MemberOut], summary="Who may do what at a site (admin)")
def list_members(request: HttpRequest, site_id: int, paging: Query[rest.Paging]) -> dict[str, Any]:
    site = administered(request, site_id)
    return rest.page(site.memberships.select_related("user"), paging, "user__username")


@router.put(
    "/sites/{site_id}/members/{username}/", response=MemberOut, summary="Give somebody a role at a site (admin)"
)
def set_member(request: HttpRequest, site_id: int, username: rest.Text, data: MemberIn) -> Membership:
    site = administered(request, site_id)
    user = User.objects.filter(username=username).first()
    if user is None:
        raise rest.Refused(422, "no_such_person", "Nobody has this name.", {"username": "Nobody has this name."})
    with transaction.atomic():
        if data.role is not Role.ADMIN:
            keep_an_admin(request, site, user)
        member, _ = Membership.objects.update_or_create(user=user, site=site, defaults={"role": data.role})
    return member


@router.delete("/sites/{site_id}/members/{username}/", response={204: None}, summary="Take somebody off (admin)")
def remove_member(request: HttpRequest, site_id: int, username: rest.Text) -> Status[None]:
    site = administered(request, site_id)
    member = rest.find(site.memberships.select_related("user"), user__username=username)
    with transaction.atomic():
        keep_an_admin(request, site, member.user)
        member.delete()
    return Status(204, None)


def keep_an_admin(request: HttpRequest, site: Site, leaving: User) -> None:
    """Raises Refused (409) when nobody but `leaving` administers the site; a superuser may leave it to superusers.

    Needs a transaction: two admins who take each other's role at once come one after the other.
    """
    Site.objects.select_for_update().get(pk=site.pk)
    admins = set(site.memberships.filter(role=Role.ADMIN).values_list("user_id", flat=True))
    if admins == {leaving.pk} and not rest.caller(request).user.is_superuser:
        raise rest.Refused(409, "last_admin", LAST)


@router.post("/people/", response={201: PersonMade}, summary="Make an account, and the link to its first password")
def create_person(request: HttpRequest, data: PersonIn) -> Status[dict[str, str]]:
    """For superusers: an account is good for every site where somebody gives it a role, and for none before."""
    rest.require_scope(request, Role.ADMIN)
    caller = rest.caller(request).user
    if not caller.is_superuser or access.restriction(caller) is not None:
        raise rest.Refused(403, "superusers_only", "Only superusers make accounts, and no token for some sites only.")
    user = User(username=User.normalize_username(data.username), first_name=data.name.strip())
    user.set_unusable_password()
    user.full_clean()
    user.save()
    place = {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}
    return Status(
        201, {"username": user.username, "link": request.build_absolute_uri(reverse("welcome", kwargs=place))}
    )
