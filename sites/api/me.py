"""REST for whoever is signed in: who they are, what they may do, and how they like their screens."""

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import StringConstraints

from sites import access, rest
from sites.models import Profile, Role

router = Router()


class MeOut(Schema):
    """role: the highest you hold at any site; null: none yet. name: as you wish to be called; empty until you say.

    single_keys: shortcuts of one letter are on.
    """

    username: str
    name: str
    role: Role | None
    is_staff: bool
    is_superuser: bool
    may_add_sites: bool
    language: Profile.Language
    theme: Profile.Theme
    single_keys: bool


class MeChange(Schema):
    """Only what is named changes."""

    name: Annotated[rest.Text, StringConstraints(max_length=150)] | None = None
    language: Profile.Language | None = None
    theme: Profile.Theme | None = None
    single_keys: bool | None = None


def described(request: HttpRequest) -> dict[str, Any]:
    user = rest.caller(request).user
    profile = Profile.objects.filter(user=user).first() or Profile(user=user)
    return {
        "username": user.get_username(),
        "name": user.first_name,
        "role": access.highest(user),
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "may_add_sites": user.has_perm("sites.add_site") and access.restriction(user) is None,
        "language": profile.language,
        "theme": profile.theme,
        "single_keys": profile.single_keys,
    }


@router.get("/me/", response=MeOut, summary="Who you are, and how you like your screens")
def get_me(request: HttpRequest) -> dict[str, Any]:
    return described(request)


@router.patch("/me/", response=MeOut, summary="Change your name, language, theme or shortcuts")
def change_me(request: HttpRequest, data: MeChange) -> dict[str, Any]:
    rest.require_scope(request, Role.OPERATOR)
    user, fields = rest.caller(request).user, data.dict(exclude_unset=True, exclude_none=True)
    with transaction.atomic():
        if "name" in fields:
            user.first_name = fields.pop("name").strip()
            user.save(update_fields=["first_name"])
        if fields:
            Profile.objects.update_or_create(user=user, defaults=fields)
    return described(request)
