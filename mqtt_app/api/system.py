"""REST for the machine room: listeners, queues and their workers, the database, and the parsers installed."""

import platform
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db.models.functions import Now
from django.http import HttpRequest
from ninja import Router, Schema
from redis import Redis, RedisError

from mqtt_app import queues
from mqtt_app.models import Listener, MqttConnection, Pulse
from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Parser
from mqtt_app.parsers.plugins import Guarded
from sites import rest
from sites.upsert import query

router = Router()

LISTED_LISTENERS = 100
REDIS_TIMEOUT_S = 2.0


class ListenerOut(Schema):
    """heartbeat_age_s: by the database's clock; beyond 10 s it counts as dead."""

    name: str
    heartbeat: datetime
    heartbeat_age_s: float
    is_alive: bool
    is_stopping: bool
    started_at: datetime
    capacity: int
    connections: int
    connected: int
    oldest_pending_at: datetime | None


class QueueOut(Schema):
    """depth: tasks that wait, null when their server does not say. canary_age_s: since one last came through."""

    name: str
    depth: int | None
    canary_age_s: float | None
    is_consumed: bool


class PulseOut(Schema):
    name: str
    at: datetime
    age_s: float
    detail: dict[str, int | float]


class ConditionOut(Schema):
    """A condition of the guarantee that does not hold. id: of the system check that found it."""

    id: str
    is_error: bool
    words: str
    hint: str


class SystemOut(Schema):
    """is_listening: a listener is alive. flower_url: empty where nobody said it. versions: what runs, by name.

    broken_conditions: of PostgreSQL and Redis, for superusers; empty for others. Wrong settings refuse the start.
    """

    at: datetime
    is_listening: bool
    listeners: list[ListenerOut]
    queues: list[QueueOut]
    reconcile: PulseOut | None
    housekeeping: PulseOut | None
    reconcile_period_s: int
    database_bytes: int
    readings_bytes: int
    redis_bytes: int | None
    readings_keep_days: int
    parsing_logs_keep_days: int
    connection_logs_keep_days: int
    batches_keep_days: int
    flower_url: str
    versions: dict[str, str]
    broken_conditions: list[ConditionOut]


class ParserOut(Schema):
    """patterns: the MQTT filters it recognises. The registry asks parsers in this order and takes the first.

    topics: a regular expression of further topics, empty for none. package: name and version of the package that brings
    it; empty for our own.
    """

    name: str
    patterns: list[str]
    module: str
    about: str
    version: str
    package: str
    topics: str


class BrokenOut(Schema):
    """A plugin that brought no parser, and why; the others work."""

    entry_point: str
    package: str
    error: str


@router.get("/system/", response=SystemOut, summary="Listeners, queues, database, versions")
def get_system(request: HttpRequest) -> dict[str, Any]:
    now = query("SELECT now()")[0][0]
    pulses = {pulse.name: _pulse(pulse, now) for pulse in Pulse.objects.all()}
    listeners = _listeners(now)
    depths = _depths()
    return {
        "at": now,
        "is_listening": any(one["is_alive"] and not one["is_stopping"] for one in listeners),
        "listeners": listeners,
        "queues": [_queue(name, depths.get(name), pulses.get(f"canary:{name}")) for name in queues.QUEUES],
        "reconcile": pulses.get("reconcile"),
        "housekeeping": pulses.get("housekeeping"),
        "reconcile_period_s": settings.RECONCILE_PERIOD_S,
        "redis_bytes": _redis_bytes(),
        "readings_keep_days": settings.READINGS_KEEP_DAYS,
        "parsing_logs_keep_days": settings.PARSING_LOGS_KEEP_DAYS,
        "connection_logs_keep_days": settings.CONNECTION_LOGS_KEEP_DAYS,
        "batches_keep_days": settings.BATCHES_KEEP_DAYS,
        "flower_url": settings.FLOWER_URL,
        "broken_conditions": _broken_conditions() if rest.caller(request).user.is_superuser else [],
    } | _database()


def _broken_conditions() -> list[dict[str, Any]]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [
        {"id": one.id or "", "is_error": one.is_serious(), "words": one.msg, "hint": one.hint or ""}
        for one in found
        if not one.is_silenced()
    ]


def _listeners(now: datetime) -> list[dict[str, Any]]:
    held: dict[int, list[str]] = {}
    for holder, status in MqttConnection.objects.exclude(listener=None).values_list("listener_id", "status"):
        held.setdefault(holder, []).append(status)
    recent = Listener.objects.filter(heartbeat__gt=Now() - timedelta(days=1)).order_by("-heartbeat")[:LISTED_LISTENERS]
    return [
        {
            "name": one.name,
            "heartbeat": one.heartbeat,
            "heartbeat_age_s": max(0.0, (now - one.heartbeat).total_seconds()),
            "is_alive": abs(now - one.heartbeat) <= Listener.DEAD_AFTER,
            "is_stopping": one.is_stopping,
            "started_at": one.started_at,
            "capacity": one.capacity,
            "connections": len(held.get(one.pk, [])),
            "connected": held.get(one.pk, []).count(MqttConnection.Status.CONNECTED),
            "oldest_pending_at": one.oldest_pending_at,
        }
        for one in recent
    ]


def _pulse(pulse: Pulse, now: datetime) -> dict[str, Any]:
    age = max(0.0, (now - pulse.at).total_seconds())
    return {"name": pulse.name, "at": pulse.at, "age_s": age, "detail": pulse.detail}


def _queue(name: str, depth: int | None, canary: dict[str, Any] | None) -> dict[str, Any]:
    age = canary["age_s"] if canary else None
    consumed = age is not None and age <= queues.CANARY_LIMIT_S[name]
    return {"name": name, "depth": depth, "canary_age_s": age, "is_consumed": consumed}


def _depths() -> dict[str, int]:
    """How much waits in each queue; nothing when nobody says."""
    try:
        with queues.at(settings.CELERY_BROKER_URL) as server:
            return {one.queue: one.messages for one in server.look()}
    except queues.AWAY:
        return {}


def _redis_bytes() -> int | None:
    """The memory in use; None when Redis does not answer."""
    timeouts: dict[str, Any] = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
    try:
        with Redis.from_url(settings.REDIS_URL, **timeouts) as client:
            memory: Any = client.info("memory")
            return int(memory["used_memory"])
    except (RedisError, OSError):
        return None


SIZES = """
SELECT pg_database_size(current_database()), current_setting('server_version'),
    (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits
     WHERE inhparent = 'sites_reading'::regclass)
"""


def _database() -> dict[str, Any]:
    [(size, server, readings)] = query(SIZES)
    packages = {name: version(name) for name in ("celery", "paho-mqtt", "django-ninja", "pydantic")}
    versions = {"python": platform.python_version(), "django": django.__version__, "postgresql": server} | packages
    return {"database_bytes": size, "readings_bytes": int(readings), "versions": versions}


@router.get("/parsers/", response=list[ParserOut], summary="The parsers installed, in the order they are asked")
def list_parsers(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    found = [parser for name in registry.names() if (parser := registry.get(name))]
    return [
        {
            "name": parser.name,
            "patterns": list(parser.patterns),
            "module": type(inner(parser)).__module__,
            "about": ((type(inner(parser)).__doc__ or "").strip().splitlines() or [""])[0],
            "version": registry.version(parser.name),
            "package": parser.package if isinstance(parser, Guarded) else "",
            "topics": topics.pattern if (topics := getattr(parser, "topics", None)) else "",
        }
        for parser in found
    ]


def inner(parser: Parser) -> object:
    return parser.inner if isinstance(parser, Guarded) else parser


@router.get("/parsers/broken/", response=list[BrokenOut], summary="Plugins that could not be loaded")
def list_broken(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    return [one._asdict() for one in registry.broken()]
