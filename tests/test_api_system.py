"""What the machine room shows: listeners, queues, sizes, parsers; the ledger and the connection log over time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis import Redis

from mqtt_app import assignments
from mqtt_app.health import pulses
from mqtt_app.models import LedgerMinute, Listener, MqttConnection, MqttConnectionLog
from mqtt_app.parsers import registry
from mqtt_app.queues import QUEUES
from sites.models import Role
from tests import rows

pytestmark = pytest.mark.django_db


def client(field: object = None) -> Client:
    return rows.browser(rows.person("ada", Role.VIEWER, field.site) if field else rows.person("ada"))


def test_a_listener_is_alive_until_its_heartbeat_is_ten_seconds_old() -> None:
    field = rows.furnished()
    Listener.objects.create(name="dead", heartbeat=timezone.now() - timedelta(seconds=30), capacity=5)
    MqttConnection.objects.update(listener=Listener.objects.get(name="listener-1"), status="connected")
    answer = client(field).get("/api/v1/system/").json()
    alive = {one["name"]: (one["is_alive"], one["connections"], one["connected"]) for one in answer["listeners"]}
    assert alive == {"listener-1": (True, 1, 1), "dead": (False, 0, 0)}
    assert answer["is_listening"] is True


def test_a_queue_says_how_much_waits_and_whether_somebody_takes_it() -> None:
    pulses.beat("canary:control")
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete(*QUEUES)  # what earlier tests sent and nobody took
        redis.lpush("ingest", b"a task", b"another")
        try:
            queues = {one["name"]: one for one in client().get("/api/v1/system/").json()["queues"]}
        finally:
            redis.delete("ingest")
    assert (queues["ingest"]["depth"], queues["ingest"]["is_consumed"]) == (2, False)
    assert (queues["control"]["depth"], queues["control"]["is_consumed"]) == (0, True)


def test_the_last_reconcile_tells_how_long_it_took() -> None:
    assignments.reconcile()
    found = client().get("/api/v1/system/").json()["reconcile"]
    assert 0 <= found["detail"]["took_s"] < 10
    assert 0 <= found["age_s"] < 10


def test_a_broken_condition_of_the_guarantee_is_told_to_superusers_with_what_mends_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            boss = rows.browser(rows.person("boss", is_superuser=True))
            told = boss.get("/api/v1/system/").json()["broken_conditions"]
            assert client().get("/api/v1/system/").json()["broken_conditions"] == []
        finally:
            cursor.execute("RESET synchronous_commit")
    assert [(one["id"], one["is_error"]) for one in told] == [("fieldledger.E009", True)]
    assert "synchronous_commit = off" in told[0]["words"]
    assert "postgresql.conf" in told[0]["hint"]
    assert boss.get("/api/v1/system/").json()["broken_conditions"] == []


def test_sizes_and_versions_are_told() -> None:
    answer = client().get("/api/v1/system/").json()
    assert answer["database_bytes"] > 1_000_000
    assert {"python", "django", "postgresql", "celery"} <= answer["versions"].keys()


def test_flower_is_linked_where_somebody_said_where_it_is(settings: LazySettings) -> None:
    ada = client()
    assert ada.get("/api/v1/system/").json()["flower_url"] == ""
    settings.FLOWER_URL = "https://flower.example"
    assert ada.get("/api/v1/system/").json()["flower_url"] == "https://flower.example"


def test_every_installed_parser_is_listed_in_the_order_it_is_asked() -> None:
    listed = client().get("/api/v1/parsers/").json()
    assert [one["name"] for one in listed] == registry.names()
    assert all(one["patterns"] or one["topics"] for one in listed)


def test_the_ledger_can_be_drawn_by_the_hour() -> None:
    field = rows.furnished()
    LedgerMinute.objects.all().delete()
    hour = datetime(2026, 3, 1, 10, tzinfo=UTC)
    for minutes, received, failed in ((0, 5, 1), (59, 7, 0), (60, 1, 1)):
        LedgerMinute.objects.create(
            connection=field.connection, epoch=1, qos=1, minute=hour + timedelta(minutes=minutes),
            received=received, stored=received - failed, failed=failed,
        )  # fmt: skip
    span = "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z"
    answer = client(field).get(f"/api/v1/mqtt/ledger/series/?{span}").json()
    assert [(one["at"], one["received"], one["stored"], one["failed"]) for one in answer] == [
        ("2026-03-01T10:00:00Z", 12, 11, 1),
        ("2026-03-01T11:00:00Z", 1, 0, 1),
    ]
    stranger = rows.browser(rows.person("eve"))
    assert stranger.get(f"/api/v1/mqtt/ledger/series/?{span}").json() == []
    assert client_of("ada").get(f"/api/v1/mqtt/ledger/series/?{span}&step=minute").status_code == 400


def client_of(name: str) -> Client:
    browser = Client()
    browser.force_login(rows.User.objects.get(username=name))
    return browser


def test_the_log_is_counted_by_hour_and_level_and_empty_hours_are_there() -> None:
    field = rows.furnished()
    MqttConnectionLog.objects.all().delete()
    for hour, level in ((1, "INFO"), (1, "ERROR"), (1, "ERROR"), (3, "WARNING")):
        at = datetime(2026, 3, 1, hour, 30, tzinfo=UTC)
        MqttConnectionLog.objects.create(connection=field.connection, timestamp=at, level=level, message="broker gone")
    browser = client(field)
    path = "/api/v1/connection-logs/histogram/?from=2026-03-01T01:00:00Z&to=2026-03-01T04:00:00Z"
    answer = browser.get(path).json()
    assert [(one["info"], one["warning"], one["error"]) for one in answer] == [
        (1, 0, 2),
        (0, 0, 0),
        (0, 1, 0),
        (0, 0, 0),
    ]
    assert sum(one["info"] for one in browser.get(f"{path}&search=nothing").json()) == 0
    assert len(browser.get("/api/v1/connection-logs/histogram/").json()) in (24, 25)
    assert browser.get("/api/v1/connection-logs/histogram/?from=2020-01-01T00:00:00Z").status_code == 400
