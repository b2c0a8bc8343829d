"""API tokens: made once, shown once, kept as a hash, found again by it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from sites import access
from sites.models import ApiToken, Role

PREFIX_LENGTH = 10  # characters kept readable, so that a person can tell tokens apart
USE_NOTED_EVERY = timedelta(minutes=1)  # last_used_at is for people; one write per request would be for nobody

ROLES = {ApiToken.Scope.READ: Role.VIEWER, ApiToken.Scope.OPERATE: Role.OPERATOR, ApiToken.Scope.ADMIN: Role.ADMIN}


def digest(secret: str) -> str:
    """SHA-256 is enough here: a token is 256 random bits, so there is nothing to guess slowly."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def issue(
    user: User, name: str, scope: str, expires_at: datetime, site_ids: Sequence[int] | None = None
) -> tuple[ApiToken, str]:
    """A new token, and its secret, which is kept nowhere. site_ids: None for all sites of its user, now and later."""
    secret = "fl_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        digest=digest(secret),
        scope=scope,
        expires_at=expires_at,
        site_ids=None if site_ids is None else sorted(set(site_ids)),
    )
    return token, secret


def find(secret: str) -> ApiToken | None:
    """The living token with this secret, of an active user; its use is noted. None for anything else.

    The user of a token for some sites reaches no others, whatever their roles.
    """
    now = timezone.now()
    living = ApiToken.objects.select_related("user").filter(expires_at__gt=now, user__is_active=True)
    token = living.filter(digest=digest(secret)).first()
    if token is not None and (token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY):
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    if token is not None and token.site_ids is not None:
        access.restrict(token.user, token.site_ids)
    return token


def role(token: ApiToken) -> Role:
    """The most this token lets its user do, wherever the user could do more."""
    return ROLES[ApiToken.Scope(token.scope)]
