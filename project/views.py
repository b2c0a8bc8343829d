"""The shell of the single-page application: one HTML page for all its addresses, filled by what Vite has built."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie

from project import build
from sites import access
from sites.models import Profile

ENTRY = "src/main.tsx"
# The component library writes <style> elements of its own; scripts come from here and nowhere else.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)


class Welcome(PasswordResetConfirmView):
    """Where the link of a new account leads: its owner chooses a password, and signs in with it."""

    template_name = "welcome.html"
    success_url = "/login/"


@never_cache
@login_required
@ensure_csrf_cookie
def shell(request: HttpRequest) -> HttpResponse:
    """Whatever the address: the router in the browser reads it."""
    entry = assets(settings.FRONTEND_DIST)
    if entry is None:
        response = render(request, "not_built.html", status=503)
    else:
        response = render(request, "shell.html", entry | {"start": start(request)})
    response["Content-Security-Policy"] = POLICY
    return response


def assets(dist: Path) -> dict[str, Any] | None:
    """The script and style sheets that Vite's manifest names, or None where nothing is built."""
    try:
        manifest: dict[str, dict[str, Any]] = json.loads((dist / build.MANIFEST).read_text())
        entry = manifest[ENTRY]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    parts = [manifest[name] for name in dict.fromkeys(_imported(manifest, ENTRY))]
    styles = dict.fromkeys(style for part in parts for style in part.get("css", []))
    return {"script": entry["file"], "styles": list(styles), "preloads": [part["file"] for part in parts[1:]]}


def _imported(manifest: dict[str, dict[str, Any]], name: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    """The entry and all that it imports at once; what it imports later is not needed yet."""
    yield name
    for other in manifest[name].get("imports", []):
        if other not in above:
            yield from _imported(manifest, other, (*above, name))


def start(request: HttpRequest) -> dict[str, Any]:
    """What the application needs before its first request."""
    user = request.user
    assert user.is_authenticated
    profile = Profile.objects.filter(user=user).first() or Profile(user=user)
    return {
        "username": user.get_username(),
        "name": user.first_name,
        "role": access.highest(user),
        "is_staff": user.is_staff,
        "language": profile.language,
        "theme": profile.theme,
        "single_keys": profile.single_keys,
        "build": build.name(settings.FRONTEND_DIST),
    }
