"""/metrics: Prometheus reads it, strangers do not, and from its numbers alone the ledger balances."""

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import current_app
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from mqtt_app.models import DiscoveredTopic, LedgerMinute, Listener, MqttParsingLog, Pulse
from mqtt_app.records import hints, latency
from project.environment import BASE_DIR
from sites.models import Role
from tasks import control
from tests import rows

pytestmark = pytest.mark.django_db

TOKEN = "a-long-random-value-for-prometheus"
QUERIES = 25
LABELS = ("connection", "site", "qos", "fate", "status", "queue", "pulse", "part", "reason", "certificate", "le")


@pytest.fixture
def prometheus(settings: LazySettings) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.fixture
def field() -> SimpleNamespace:
    found = rows.furnished()
    LedgerMinute.objects.all().delete()
    return found


@pytest.fixture
def empty_queue(settings: LazySettings) -> Iterator[None]:
    current_app.control.purge()
    yield
    current_app.control.purge()


def read(client: Client) -> dict[tuple[str, ...], float]:
    """Every sample: its name and its labels → its number."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(response.content.decode())
    found = [sample for family in families for sample in family.samples]
    named = {}
    for one in found:
        labels = [one.labels[label] for label in LABELS if label in one.labels]
        named[one.name.removeprefix("fieldledger_"), *labels] = one.value
    assert len(named) == len(found)
    assert all(one.name.startswith("fieldledger_") for one in found)
    return named


def test_from_the_metrics_alone_the_ledger_holds(prometheus: Client, field: SimpleNamespace) -> None:
    minute, other = timezone.now(), rows.furnished("site_002")
    LedgerMinute.objects.all().delete()
    book = LedgerMinute.objects.create
    book(connection=field.connection, epoch=1, qos=1, minute=minute, received=10, stored=4, failed=1, duplicate=2)
    book(connection=field.connection, epoch=1, qos=0, minute=minute, received=9, stored=6, overflowed=2, lost=1)
    book(connection=other.connection, epoch=1, qos=1, minute=minute, received=5, stored=3, is_closed=True)
    book(connection=other.connection, epoch=1, qos=1, minute=minute - timedelta(hours=2), received=70, stored=1)
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    found = read(prometheus)
    for (name, *labels), number in found.items():
        if name in ("ledger_in_flight", "ledger_unexplained", "ledger_messages"):
            sums[tuple(labels[:3])] += number
    assert sums == {tuple(key[1:]): number for key, number in found.items() if key[0] == "ledger_received"}
    here, there = str(field.connection.pk), str(other.connection.pk)
    assert found["ledger_received", here, "site_001", "1"] == 10
    assert found["ledger_messages", here, "site_001", "0", "overflowed"] == 2
    assert found["ledger_in_flight", here, "site_001", "1"] == 3
    assert found["ledger_balanced", here, "site_001", "1"] == 1
    assert found["ledger_unexplained", there, "site_002", "1"] == 2
    assert found["ledger_balanced", there, "site_002", "1"] == 0


def test_what_must_keep_happening_is_told_with_its_age(prometheus: Client, field: SimpleNamespace) -> None:
    now = timezone.now()
    Pulse.objects.create(name="canary:ingest", at=now - timedelta(seconds=40))
    Listener.objects.update(oldest_pending_at=now - timedelta(seconds=7))
    Listener.objects.create(name="dead", heartbeat=now - timedelta(minutes=1))
    found = read(prometheus)
    assert 39 < found["pulse_age_seconds", "canary:ingest"] < 60
    assert found["pulse_age_seconds", "reconcile"] < 20
    assert found["listeners_alive",] == 1
    assert 6 < found["oldest_uncommitted_seconds",] < 27
    assert (found["part_ok", "database"], found["part_ok", "canary_control"]) == (1, 0)


def test_connections_topics_and_failures_are_told(prometheus: Client, field: SimpleNamespace) -> None:
    field.connection.status, field.connection.epoch, field.connection.mqtt_retry_count = "error", 7, 3
    field.connection.save()
    old = timezone.now() - timedelta(hours=2)
    MqttParsingLog.objects.create(
        site=field.site, topic="a", received_at=old, timestamp=old, error_type="late", payload=b""
    )
    found = read(prometheus)
    here = (str(field.connection.pk), "site_001")
    states = {key[3]: number for key, number in found.items() if key[0] == "connection_status"}
    assert states == {"error": 1, "connected": 0, "connecting": 0, "disconnected": 0}
    assert found["connection_assignments_total", *here] == 7
    assert found["connection_retries", *here] == 3
    assert found["connection_wished", *here] == 1
    assert found["discovered_topics",] == DiscoveredTopic.objects.count()
    assert {key: number for key, number in found.items() if key[0] == "parse_failures"} == {
        ("parse_failures", "not_json"): 1
    }


def test_how_long_messages_took_is_a_histogram(prometheus: Client, settings: LazySettings) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete(latency.KEY)
        took = latency.counts([100.0, 100.0, 99.7, 20.0, 200.0], now=100.02)
        assert took == {"0.025": 2, "0.5": 1, "inf": 1, "0.01": 1, "sum": pytest.approx(0.04 + 0.32 + 80.02)}
        hints.give(1, "a batch", took)
        hints.give(1, "another", latency.counts([50.0], now=50.0))
        found = read(prometheus)
        redis.delete(latency.KEY)
    assert found["commit_seconds_count",] == 6
    assert found["commit_seconds_sum",] == pytest.approx(80.38)
    buckets = [number for (name, *_), number in found.items() if name == "commit_seconds_bucket"]
    assert (buckets[0], buckets[1], buckets[-2], buckets[-1]) == (2, 4, 5, 6)
    assert buckets == sorted(buckets)


def test_a_certificate_is_told_with_the_time_it_has_left(prometheus: Client, field: SimpleNamespace) -> None:
    field.connection.certificate_expires_at = timezone.now() + timedelta(days=3)
    field.connection.certificate_name = "client certificate"
    field.connection.save()
    left = read(prometheus)["certificate_expires_seconds", str(field.connection.pk), "site_001", "client certificate"]
    assert 2.9 * 86_400 < left < 3 * 86_400


def test_what_waits_in_a_queue_is_counted_and_has_an_age(prometheus: Client, empty_queue: None) -> None:
    control.canary.delay()
    time.sleep(1)
    control.canary.delay()
    found = read(prometheus)
    assert (found["queue_messages", "control"], found["queue_messages", "ingest"]) == (2, 0)
    assert 1 <= found["queue_oldest_seconds", "control"] < 20
    assert found["queue_oldest_seconds", "ingest"] == 0


def test_what_is_no_task_has_no_age_and_breaks_nothing(
    prometheus: Client, empty_queue: None, settings: LazySettings
) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.lpush("ingest", "not a task")
        found = read(prometheus)
        redis.delete("ingest")
    assert found["queue_messages", "ingest"] == 1
    assert ("queue_oldest_seconds", "ingest") not in found


def test_without_redis_the_rest_is_told(prometheus: Client, field: SimpleNamespace, settings: LazySettings) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    found = read(prometheus)
    assert found["part_ok", "redis"] == 0
    assert not [key for key in found if key[0].startswith("queue_")]
    assert found["listeners_alive",] == 1


def test_openmetrics_is_spoken_to_who_asks_for_it(prometheus: Client, field: SimpleNamespace) -> None:
    response = prometheus.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert response["Content-Type"].startswith("application/openmetrics-text")
    assert {one.name for one in openmetrics(response.content.decode())} >= {"fieldledger_connection_status"}


def test_strangers_read_nothing(field: SimpleNamespace, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = ""
    staff = rows.person("ada", Role.ADMIN, field.site, is_staff=True)
    root = rows.person("root", is_superuser=True)
    callers = {
        Client(): 401,
        Client(headers={"Authorization": "Bearer "}): 401,
        Client(headers={"Authorization": "Basic cm9vdDpyb290"}): 401,
        Client(headers={"Authorization": "Bearer é"}): 401,
        rows.browser(staff): 403,
        rows.program(staff): 403,
        rows.browser(root): 200,
        rows.program(root): 200,
    }
    for caller, status in callers.items():
        response = caller.get("/metrics")
        assert response.status_code == status
        assert ("site_001" in response.text) is (status == 200)
    assert Client().get("/metrics")["WWW-Authenticate"] == "Bearer"
    assert Client().get(f"/metrics?token={TOKEN}").status_code == 401


def test_it_takes_few_queries_however_many_connections(
    prometheus: Client, field: SimpleNamespace, django_assert_max_num_queries
) -> None:
    for number in range(20):
        rows.furnished(f"more_{number}")
    with django_assert_max_num_queries(QUERIES):
        read(prometheus)


def test_the_manual_names_every_metric(prometheus: Client, field: SimpleNamespace) -> None:
    manual = (BASE_DIR / "docs/deploy.md").read_text()
    assert [name for name, *_ in read(prometheus) if f"`{name}`" not in manual] == []
