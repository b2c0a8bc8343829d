"""Who stands behind a socket, and which sites they may see."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest

from sites import access, tokens
from sites.models import Membership, Role


@dataclass(frozen=True)
class Visitor:
    """Who listens, what they may do at most, and the sites they may see, by id, as the browser is told of them."""

    user_id: int
    role: Role
    sites: dict[int, dict[str, Any]]


def visitor(headers: dict[bytes, bytes], cookies: dict[str, str]) -> Visitor | None:
    """Who stands behind a token or a session, looked up anew: either may have ended since. A token goes first."""
    if b"authorization" in headers:
        scheme, _, secret = headers[b"authorization"].decode("latin-1").partition(" ")
        token = tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
        return _visitor(token.user, tokens.role(token)) if token else None
    engine = import_module(settings.SESSION_ENGINE)
    request = HttpRequest()
    request.session = engine.SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    return _visitor(user, Role.ADMIN) if isinstance(user, User) and user.is_active else None


def _visitor(user: User, at_most: Role) -> Visitor:
    held = dict(Membership.objects.filter(user=user).values_list("site_id", "role"))
    if user.is_superuser:
        held = dict.fromkeys(access.for_user(user).values_list("pk", flat=True), Role.ADMIN)
    sites: dict[int, dict[str, Any]] = {
        site.pk: {"id": site.pk, "name": site.name, "slug": site.slug, "role": _lower(held[site.pk], at_most)}
        for site in access.for_user(user)
    }
    highest: Role = max((site["role"] for site in sites.values()), key=access.LADDER.index, default=Role.VIEWER)
    return Visitor(user.pk, highest, sites)


def _lower(role: str, at_most: Role) -> Role:
    return Role(role) if access.reaches(at_most, Role(role)) else at_most
