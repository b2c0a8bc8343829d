"""/healthz: this process answers. /readyz: the whole system works, each part said in words. No sign-in, no secrets.

What servers answered, host names and the like stand in the log, where a part begins to fail, and in `manage.py doctor`.
"""

import logging

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mqtt_app.health import probes
from mqtt_app.health.probes import Finding

logger = logging.getLogger(__name__)

_last: dict[str, Finding] = {}
"""What this process said of each part when it was last asked."""


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503: {"ok", "checks": {name: {"ok", "detail"}}}."""
    found = {name: probe() for name, probe in probes.urgent_probes()}
    _note(found)
    ok = all(finding.ok for finding in found.values())
    checks = {name: {"ok": finding.ok, "detail": finding.detail} for name, finding in found.items()}
    response = JsonResponse({"ok": ok, "checks": checks}, status=200 if ok else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # asked every second, it would fill the log
    return response


def _note(found: dict[str, Finding]) -> None:
    for name, finding in found.items():
        before, _last[name] = _last.get(name), finding
        if not finding.ok and (before is None or before.ok):
            logger.warning("Not ready, %s: %s %s", name, finding.detail, finding.particulars)
