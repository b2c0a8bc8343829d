"""/metrics for Prometheus: the ledger, the queues, and when the things that must keep happening last did.

Everything is read when it is asked for, from the database and Redis: whichever web process answers says the same.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, DurationField, ExpressionWrapper, F, Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from mqtt_app import queues
from mqtt_app.health import probes
from mqtt_app.models import DiscoveredTopic, LedgerMinute, Listener, MqttConnection, MqttParsingLog, Pulse
from mqtt_app.records import balance, latency
from sites import tokens
from sites.admin.rows import EstimatedCountPaginator

WINDOW = timedelta(hours=1)
"""Of reception. Rows leave the ledger with time, so sums over all of it are no counters, and would not be cheap."""

FAILURES_COUNTED = 100_000
REASONS_NAMED = 50
CONNECTION = ("connection", "site")
TIMEOUTS: dict[str, Any] = {"socket_timeout": 2, "socket_connect_timeout": 2}


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For METRICS_TOKEN and superusers: it names every site. 503 while the database is away."""
    status = refusal(request)
    if status:
        words = "Send METRICS_TOKEN, or a superuser's token, as Authorization: Bearer.\n"
        response = HttpResponse(words, status=status, content_type="text/plain")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    registry = CollectorRegistry()
    registry.register(System())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        return HttpResponse(encode(registry), content_type=content_type)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503)


def refusal(request: HttpRequest) -> int | None:
    """The status that keeps this caller out; None lets it in."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        user = request.user
        return None if user.is_superuser else 403 if user.is_authenticated else 401
    expected = settings.METRICS_TOKEN
    if scheme.lower() == "bearer" and expected and secrets.compare_digest(secret.encode(), expected.encode()):
        return None
    token = tokens.find(secret) if scheme.lower() == "bearer" else None
    return 401 if token is None else None if token.user.is_superuser and token.site_ids is None else 403


class System(Collector):
    """The whole system, as numbers."""

    def collect(self) -> Iterator[Metric]:
        yield from ledger()
        yield from connections()
        yield from queued()
        yield from happened()
        yield from expiring()
        yield from understood()
        yield gauge("part_ok", "Whether a part works, as /readyz says.", ("part",), parts())

    def describe(self) -> Iterable[Metric]:
        """Registering asks for names only; without this it would ask for everything twice."""
        return ()


def gauge(name: str, words: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[object, ...], float]]) -> Metric:
    family = GaugeMetricFamily(f"fieldledger_{name}", words, labels=labels)
    for values, number in rows:
        family.add_metric([str(value) for value in values], number)
    return family


def ledger() -> Iterator[Metric]:
    """received = the sum of fates + in_flight + unexplained, for each connection and QoS."""
    since = (timezone.now() - WINDOW).replace(second=0, microsecond=0)
    rows = balance.sums(LedgerMinute.objects.filter(minute__gte=since), "connection__site__slug", "qos")
    keys = [(row["connection_id"], row["connection__site__slug"], row["qos"]) for row in rows]
    labels = (*CONNECTION, "qos")
    for column, words in (
        ("received", "Messages received in the last hour: the listener's own count."),
        ("in_flight", "Received in the last hour, fate not yet committed."),
        ("unexplained", "Received in the last hour, and neither in flight nor booked: anything but 0 is an alarm."),
    ):
        numbers = zip(keys, (row[column] for row in rows), strict=True)
        yield gauge(f"ledger_{column}", words, labels, numbers)
    fates = [((*key, fate), row[fate]) for key, row in zip(keys, rows, strict=True) for fate in balance.FATES]
    yield gauge("ledger_messages", "Messages received in the last hour, by fate.", (*labels, "fate"), fates)
    balanced = [(key, row["balanced"]) for key, row in zip(keys, rows, strict=True)]
    yield gauge("ledger_balanced", "1 when every message of the last hour is accounted for.", labels, balanced)


def connections() -> Iterator[Metric]:
    rows = list(
        MqttConnection.objects.order_by("pk").values_list(
            "pk", "site__slug", "status", "is_active", "epoch", "mqtt_retry_count"
        )
    )
    states = [
        ((pk, slug, status), status == state) for pk, slug, state, *_ in rows for status in MqttConnection.Status.values
    ]
    yield gauge("connection_status", "1 for the status a connection has.", (*CONNECTION, "status"), states)
    wishes = [((pk, slug), active) for pk, slug, _, active, *_ in rows]
    yield gauge("connection_wished", "1 when a connection is wished open.", CONNECTION, wishes)
    retries = [((pk, slug), count) for pk, slug, *_, count in rows]
    yield gauge("connection_retries", "Attempts since a connection was last good.", CONNECTION, retries)
    family = CounterMetricFamily(
        "fieldledger_connection_assignments", "How often a connection changed hands: its epoch.", labels=CONNECTION
    )
    for pk, slug, _, _, epoch, _ in rows:
        family.add_metric([str(pk), slug], epoch)
    yield family


def queued() -> Iterator[Metric]:
    """Of a server that is away, nothing at all; fieldledger_part_ok says so. Ages are Redis's to tell alone."""
    with suppress(RedisError, OSError), Redis.from_url(settings.REDIS_URL, **TIMEOUTS) as redis:
        yield commit_seconds(*latency.read(redis))
    try:
        with queues.at(settings.CELERY_BROKER_URL) as server:
            found = server.look()
    except queues.AWAY:
        return
    depth = [((one.queue,), one.messages) for one in found]
    yield gauge("queue_messages", "Tasks that wait in a queue.", ("queue",), depth)
    ages = [((one.queue,), age) for one in found if (age := _oldest(one)) is not None]
    yield gauge("queue_oldest_seconds", "How long the oldest task of a queue has waited.", ("queue",), ages)


def _oldest(one: queues.Waiting) -> float | None:
    """Where the server does not know it: since a canary last came through. Those that waited for a minute never do."""
    if not one.messages:
        return 0.0
    if one.oldest_s is not None or not queues.is_amqp(settings.CELERY_BROKER_URL):
        return one.oldest_s
    found = Pulse.objects.filter(name=f"canary:{one.queue}").values_list(_age("at"), flat=True).first()
    return found.total_seconds() if found else None


def commit_seconds(buckets: Sequence[tuple[str, float]], total: float) -> Metric:
    words = (
        "From the reception of a message to the commit of its fate; counted in Redis, from when that was last emptied."
    )
    return HistogramMetricFamily("fieldledger_commit_seconds", words, buckets=list(buckets), sum_value=total)


def expiring() -> Iterator[Metric]:
    rows = MqttConnection.objects.exclude(certificate_expires_at=None).order_by("pk")
    left_of = ExpressionWrapper(F("certificate_expires_at") - Now(), output_field=DurationField())
    found = rows.values_list("pk", "site__slug", "certificate_name", left_of)
    left = [((pk, slug, name), until.total_seconds()) for pk, slug, name, until in found]
    words = "Until the first certificate of a connection expires; negative: since."
    yield gauge("certificate_expires_seconds", words, (*CONNECTION, "certificate"), left)


def happened() -> Iterator[Metric]:
    ages = Pulse.objects.order_by("name").values_list("name", _age("at"))
    pulses = [((name,), age.total_seconds()) for name, age in ages]
    yield gauge("pulse_age_seconds", "Since something that must keep happening last did.", ("pulse",), pulses)
    alive = Listener.living()
    found = alive.aggregate(count=Count("pk"), oldest=Min("oldest_pending_at"))
    yield gauge("listeners_alive", "Listeners whose heartbeat is fresh.", (), [((), found["count"])])
    waits = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    words = "Age of the oldest message received and not committed: no message took longer than the most this ever was."
    yield gauge("oldest_uncommitted_seconds", words, (), [((), max(0.0, waits))])


def understood() -> Iterator[Metric]:
    topics = EstimatedCountPaginator(DiscoveredTopic.objects.order_by("pk"), 1).count
    yield gauge("discovered_topics", "Topics seen; an estimate beyond 10,000.", (), [((), topics)])
    recent = MqttParsingLog.objects.filter(timestamp__gte=Now() - WINDOW).order_by()[:FAILURES_COUNTED]
    counted = MqttParsingLog.objects.filter(pk__in=recent.values("pk")).order_by().values_list("error_type")
    reasons = [((reason,), count) for reason, count in counted.annotate(count=Count("pk"))[:REASONS_NAMED]]
    words = "Messages of the last hour that failed, whole or in part, by reason; at most 100,000 are counted."
    yield gauge("parse_failures", words, ("reason",), reasons)


def parts() -> Iterator[tuple[tuple[object, ...], float]]:
    for name, probe in probes.all_probes():
        yield (name,), probe().ok


def _age(column: str) -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(Now() - F(column), output_field=DurationField())
