"""REST for a support bundle: one file that says what runs, how it is set and what is not well, without any secret."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from mqtt_app import examination
from mqtt_app.api import system
from mqtt_app.api.system import ConditionOut, ListenerOut, PulseOut, QueueOut
from sites import access, rest
from sites.models import Role

router = Router()

TOLD = (
    "DEBUG", "RELEASE", "ALLOW_PRIVATE_BROKERS", "API_REQUESTS_PER_MINUTE", "ASK_BROKER_DROPS", "BATCHES_IN_FLIGHT",
    "BATCHES_KEEP_DAYS", "CONNECTION_LOGS_KEEP_DAYS", "DEFAULT_INTERVAL_S", "DISCOVERED_TOPICS_PER_SITE",
    "LESSONS_PER_SITE", "LISTENER_BUFFER_BYTES", "LISTENER_CAPACITY", "PARSING_LOGS_KEEP_DAYS", "QOS0_BUFFER_MESSAGES",
    "READINGS_KEEP_DAYS", "RECONCILE_PERIOD_S", "REDISPATCH_AFTER_S",
)  # fmt: skip
"""Settings that are numbers and switches; whatever else is set may be a secret, or hold one."""


class LineOut(Schema):
    """state: ok, warning or failed. remedy: empty where nothing is to be done."""

    name: str
    state: str
    detail: str
    remedy: str


class SupportOut(Schema):
    """doctor: what `manage.py doctor` says; it names hosts, sites and processes, and no password, token or payload."""

    at: datetime
    versions: dict[str, str]
    settings: dict[str, bool | int | float | str]
    doctor: list[LineOut]
    listeners: list[ListenerOut]
    queues: list[QueueOut]
    reconcile: PulseOut | None
    housekeeping: PulseOut | None
    database_bytes: int
    readings_bytes: int
    redis_bytes: int | None
    broken_conditions: list[ConditionOut]


@router.get("/system/support/", response=SupportOut, summary="A file for whoever shall help (superusers)")
def get_support(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    rest.require_scope(request, Role.ADMIN)
    user = rest.caller(request).user
    if not user.is_superuser or access.restriction(user) is not None:
        raise rest.Refused(403, "superusers_only", "It tells of every site: only superusers take it.")
    now = timezone.now()
    response["Content-Disposition"] = f'attachment; filename="fieldledger-support-{now:%Y%m%d-%H%M%S}.json"'
    told = {name: getattr(settings, name) for name in TOLD}
    lines = [line._asdict() for line in examination.lines()]
    return system.get_system(request) | {"at": now, "settings": told, "doctor": lines}
