"""/healthz: this process answers. /readyz: the whole system works, each part said in words. No sign-in, no secrets."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mqtt_app import probes


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503: {"ok", "checks": {name: {"ok", "detail"}}}."""
    found = {name: probe() for name, probe in probes.urgent_probes()}
    ok = all(finding.ok for finding in found.values())
    checks = {name: {"ok": finding.ok, "detail": finding.detail} for name, finding in found.items()}
    response = JsonResponse({"ok": ok, "checks": checks}, status=200 if ok else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # asked every second, it would fill the log
    return response
