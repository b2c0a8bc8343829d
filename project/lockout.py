"""After too many wrong passwords a name waits, at the address that gave them: said in words, on the sign-in page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def answer(request: HttpRequest, _response: HttpResponse | None = None, _credentials: Any = None) -> HttpResponse:
    """What django-axes shows instead: 429 and when to come back. It does not say whether the name exists."""
    wait = settings.AXES_COOLOFF_TIME
    context = {"locked_minutes": int(wait.total_seconds() // 60)}
    response = render(request, "login.html", context, status=429)
    response["Retry-After"] = str(int(wait.total_seconds()))
    return response
