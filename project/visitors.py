"""Who is on the other side of a request: their address, behind trusted proxies only; what they change, on record."""

import ipaddress
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mqtt_app import context
from sites import audit

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")  # a proxy's own, so that its log and ours speak of the same
SAFE = ("GET", "HEAD", "OPTIONS")


def address(request: HttpRequest) -> str:
    """The visitor's own address: what the last proxy that we trust says of who came to it, else who came to us."""
    found = str(request.META.get("REMOTE_ADDR", ""))
    for claimed in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if not claimed.strip() or not _is_trusted(found):
            break
        found = claimed.strip()
    return found if _parsed(found) else str(request.META.get("REMOTE_ADDR", ""))


def _is_trusted(found: str) -> bool:
    ip = _parsed(found)
    networks = (ipaddress.ip_network(each, strict=False) for each in settings.TRUSTED_PROXIES)
    return ip is not None and any(ip.version == each.version and ip in each for each in networks)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


class Numbered:
    """Middleware: each request has an id, in every line logged for it and in its answer."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        number = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        with context.about(request=number):
            response = self._answer(request)
        response["X-Request-ID"] = number
        return response


class OnRecord:
    """Middleware: what a signed-in person changes is put down to them. Tokens are told by the API, which reads them."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE:
            return self._answer(request)
        try:
            if "Authorization" not in request.headers and request.user.is_authenticated:
                audit.speak_for(request.user, "session")
            return self._answer(request)
        finally:
            audit.be_silent()
