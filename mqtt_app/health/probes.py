"""Is the system whole? One question each, answered in words: what /readyz and `manage.py doctor` ask."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from redis import Redis, RedisError
from redis.exceptions import ResponseError

from mqtt_app import queues
from mqtt_app.browsers import live
from mqtt_app.models import Listener, Pulse

REDIS_TIMEOUT_S = 2.0
RECONCILE_PERIODS_LIMIT = 2.5
UNKNOWN = "Unknown: the database does not answer."


class Finding(NamedTuple):
    """ok, what was found, what mends it where something is to be done; and the particulars.

    Anybody may read `detail`. `particulars` may name hosts, users and processes: for logs and `manage.py doctor`.
    """

    ok: bool
    detail: str
    remedy: str = ""
    particulars: str = ""


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Finding(False, "The database does not answer.", "Check DATABASE_URL and PostgreSQL.", _first_line(error))
    return Finding(True, "The database answers.")


def redis() -> Finding:
    """Answering is not enough: one that is full, or a replica, answers and takes nothing."""
    timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
    try:
        with Redis.from_url(settings.REDIS_URL, **timeouts) as client:
            client.ping()
            client.set("probe", 1, ex=60)
    except ResponseError as error:
        return Finding(False, "Redis takes nothing.", "Check its maxmemory and its role.", _first_line(error))
    except (RedisError, OSError) as error:
        return Finding(False, "Redis does not answer.", "Check REDIS_URL and Redis.", _first_line(error))
    return Finding(True, "Redis answers and takes what it is given.")


def queue_server() -> Finding:
    """RabbitMQ, or a Redis of the queues' own."""
    try:
        with queues.at(settings.CELERY_BROKER_URL) as server:
            server.take()
    except queues.AWAY as error:
        remedy = "Check CELERY_BROKER_URL and the server; `rabbitmq-diagnostics alarms` says what RabbitMQ lacks."
        return Finding(False, "The queues take nothing.", remedy, _first_line(error))
    return Finding(True, "The queues' server answers and takes what it is given.")


def channel_layer() -> Finding:
    try:
        async_to_sync(live.reach)()
    except (RedisError, OSError, TimeoutError) as error:
        return Finding(False, "Browsers cannot be told.", "Check REDIS_URL and Redis.", _first_line(error))
    return Finding(True, "The channel layer takes announcements.")


def reconcile() -> Finding:
    return _pulse(
        "reconcile",
        ("No reconcile has ended yet.", "The last reconcile ended"),
        timedelta(seconds=RECONCILE_PERIODS_LIMIT * settings.RECONCILE_PERIOD_S),
        "Start beat and the control worker, or a listener: python manage.py run_mqtt",
    )


def canary(queue: str) -> Finding:
    return _pulse(
        f"canary:{queue}",
        (f"No canary has come through the {queue} queue yet.", f"The last canary came through the {queue} queue"),
        timedelta(seconds=queues.CANARY_LIMIT_S[queue]),
        f"Start a listener, and a worker: celery -A project worker -Q {queue}",
    )


def listeners() -> Finding:
    alive = Listener.living().filter(is_stopping=False)
    try:
        names = list(alive.values_list("name", flat=True))
    except DatabaseError as error:
        return Finding(False, UNKNOWN, particulars=_first_line(error))
    if not names:
        return Finding(False, "No listener is alive: nothing is received.", "Start one: python manage.py run_mqtt")
    count = f"{len(names)} listeners are alive." if len(names) > 1 else "A listener is alive."
    return Finding(True, count, particulars=", ".join(names))


def all_probes() -> Iterable[tuple[str, Callable[[], Finding]]]:
    """Every question by name, in the order in which one rests on the other."""
    yield from (("database", database), ("redis", redis), ("channel_layer", channel_layer))
    if settings.CELERY_BROKER_URL != settings.REDIS_URL:
        yield "queue_server", queue_server
    yield from (("reconcile", reconcile), ("listeners", listeners))
    yield from ((f"canary_{queue}", partial(canary, queue)) for queue in queues.CANARY_LIMIT_S)


def urgent_probes() -> Iterable[tuple[str, Callable[[], Finding]]]:
    """Without what can wait for hours: whoever reads or switches something does without it meanwhile."""
    return [(name, probe) for name, probe in all_probes() if name != "canary_upkeep"]


def _pulse(name: str, words: tuple[str, str], limit: timedelta, remedy: str) -> Finding:
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    try:
        found = Pulse.objects.filter(name=name).values_list(age, flat=True).first()
    except DatabaseError as error:
        return Finding(False, UNKNOWN, particulars=_first_line(error))
    if found is None:
        return Finding(False, words[0], remedy)
    ok = abs(found) <= limit  # what lies ahead was written before the clock was set back: nobody knows when
    detail = f"{words[1]} {found.total_seconds():.0f} s ago; {limit.total_seconds():.0f} s are allowed."
    return Finding(ok, detail, "" if ok else remedy)


def _first_line(error: Exception) -> str:
    return (str(error) or repr(error)).splitlines()[0]
