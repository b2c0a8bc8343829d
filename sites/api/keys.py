"""REST for API tokens: a person makes, lists and revokes their own."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from sites import access, rest, tokens
from sites.models import ApiToken, Role

router = Router()

TOKENS_PER_USER = 100

TokenSort = Literal["-created_at", "created_at", "expires_at", "-expires_at", "name", "-name"]


class TokenIn(Schema, extra="forbid"):
    """A misspelt limit is refused: without it the token would be good for longer, or for more, than was meant."""

    name: Annotated[rest.Text, StringConstraints(min_length=1, max_length=64)]
    scope: ApiToken.Scope = ApiToken.Scope.READ
    expires_in_days: int = Field(90, ge=1, le=366)
    sites: Annotated[list[int], Field(min_length=1, max_length=1_000)] | None = Field(
        None, description="The sites it is for, at most; null for all of yours, also those to come."
    )


class TokenOut(Schema):
    """prefix: the token's first characters, to tell one from another. sites: null for all of yours."""

    id: int
    name: str
    prefix: str
    scope: ApiToken.Scope
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    sites: list[int] | None = Field(alias="site_ids")


class TokenMade(TokenOut):
    """token is shown this once; only its hash is kept."""

    token: str


@router.get("/tokens/", response=rest.Page[TokenOut], summary="Your tokens")
def list_tokens(request: HttpRequest, paging: Query[rest.Paging], sort: TokenSort = "-created_at") -> dict[str, Any]:
    return rest.page(ApiToken.objects.filter(user=rest.caller(request).user), paging, sort)


@router.post("/tokens/", response={201: TokenMade}, summary="Make a token; it is shown this once")
def create_token(request: HttpRequest, data: TokenIn) -> Status[dict[str, Any]]:
    rest.require_scope(request, Role.ADMIN)
    user = rest.caller(request).user
    site_ids = reachable(request, data.sites)
    if ApiToken.objects.filter(user=user).count() >= TOKENS_PER_USER:
        raise rest.Refused(409, "too_many_tokens", f"You have {TOKENS_PER_USER} tokens; revoke one first.")
    expires_at = timezone.now() + timedelta(days=data.expires_in_days)
    token, secret = tokens.issue(user, data.name, data.scope, expires_at, site_ids)
    return Status(201, TokenOut.from_orm(token).dict() | {"token": secret, "site_ids": token.site_ids})


def reachable(request: HttpRequest, wanted: list[int] | None) -> list[int] | None:
    """The sites for a new token. Raises Refused (422) for one that the caller cannot see.

    A token for some sites makes none for others.
    """
    user = rest.caller(request).user
    if wanted is None:
        within = access.restriction(user)
        return None if within is None else list(within)
    seen = set(access.for_user(user).filter(pk__in=wanted).values_list("pk", flat=True))
    if absent := set(wanted) - seen:
        words = f"There is no such site, or you may not see it: {', '.join(map(str, sorted(absent)))}."
        raise rest.Refused(422, "invalid", "The request is not valid.", {"sites": words})
    return wanted


@router.delete("/tokens/{token_id}/", response={204: None}, summary="Revoke a token")
def revoke_token(request: HttpRequest, token_id: int) -> Status[None]:
    rest.require_scope(request, Role.ADMIN)
    rest.find(ApiToken.objects.filter(user=rest.caller(request).user), pk=token_id).delete()
    return Status(204, None)
