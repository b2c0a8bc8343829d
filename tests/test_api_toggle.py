"""Start and stop: a wish is written at once, and says when it will be a fact."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mqtt_app import connections
from mqtt_app.listening import lease
from mqtt_app.models import Listener, MqttConnection, Pulse
from sites.models import AuditEntry, Role
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def field():
    return rows.furnished()


@pytest.fixture
def client(field):
    return rows.browser(rows.person("ada", Role.OPERATOR, field.site))


def wish(client, field, verb: str) -> dict:
    response = client.post(f"/api/v1/mqtt/site/{field.site.pk}/{verb}/")
    assert response.status_code == 202
    return response.json()


def test_a_wish_can_be_repeated_and_reversed_and_is_accepted_each_time(client, field):
    for verb, active in (("stop", False), ("stop", False), ("start", True), ("start", True), ("stop", False)):
        answer = wish(client, field, verb)
        assert answer["is_active"] == active
        assert MqttConnection.objects.get().is_active == active
    assert answer.keys() == {
        "is_active", "status", "applies_by", "next_reconcile_at", "reconcile_period_s", "listener_alive",
    }  # fmt: skip


def test_a_wish_writes_its_own_column_and_no_other(client, field):
    before = model_to_dict(MqttConnection.objects.get())
    wish(client, field, "stop")
    assert model_to_dict(MqttConnection.objects.get()) == before | {"is_active": False}
    wish(client, field, "force-discovery")
    after = model_to_dict(MqttConnection.objects.get())
    until = after["discover_until"]
    assert after == before | {"is_active": False, "discover_until": until}
    assert abs(until - timezone.now() - timedelta(minutes=10)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("age", "waits"),
    [(0, 30), (12, 18), (29, 1), (31, 30), (3_600, 30), (-3_600, 30), (None, 30)],
)
def test_the_next_reconcile_is_a_period_after_the_last_and_never_further_away_than_one(age, waits):
    now = timezone.now()
    if age is not None:
        Pulse.objects.create(name="reconcile", at=now - timedelta(seconds=age))
    Pulse.objects.create(name="housekeeping", at=now - timedelta(seconds=5))
    outlook = connections.outlook(now)
    assert outlook.next_reconcile_at == now + timedelta(seconds=waits)
    assert outlook.applies_by == outlook.next_reconcile_at + timedelta(seconds=2)
    assert outlook.reconcile_period_s == 30


def test_a_listener_is_alive_while_its_heart_beat_within_ten_seconds(client, field):
    now = timezone.now()
    Listener.objects.update(heartbeat=now - timedelta(seconds=60))
    assert wish(client, field, "start")["listener_alive"] is False
    Listener.objects.create(name="listener-2", heartbeat=now)
    assert wish(client, field, "start")["listener_alive"] is True


def test_the_status_tells_wish_fact_and_what_stands_between(client, field):
    due = timezone.now() + timedelta(seconds=18)
    MqttConnection.objects.update(status="error", mqtt_retry_count=4, mqtt_next_retry=due, last_error="CONNACK 5")
    answer = client.get(f"/api/v1/mqtt/site/{field.site.pk}/status/").json()
    assert (answer["is_active"], answer["status"], answer["mqtt_retry_count"]) == (True, "error", 4)
    assert answer["last_error"] == "CONNACK 5"
    assert abs(parse_datetime(answer["mqtt_next_retry"]) - due) < timedelta(milliseconds=2)
    everyones = client.get("/api/v1/mqtt/connection-status/").json()
    assert [item["connection_id"] for item in everyones["items"]] == [field.connection.pk]
    assert client.get("/api/v1/mqtt/connection-status/?status=connected").json()["items"] == []


def test_the_next_attempt_is_wished_at_once_where_there_is_one(client, field):
    path = f"/api/v1/mqtt/site/{field.site.pk}/retry/"
    MqttConnection.objects.update(status="connected")
    assert client.post(path).status_code == 409
    MqttConnection.objects.update(status="error")
    assert client.post(path).status_code == 202
    asked = MqttConnection.objects.get().retry_wished_at
    assert asked
    assert lease.wish_of(field.connection.pk).retry_wished_at == asked
    assert AuditEntry.objects.filter(kind="connection").latest("id").changes.keys() == {"retry_wished_at"}
    MqttConnection.objects.update(is_active=False)
    assert client.post(path).status_code == 409


def test_a_site_without_a_connection_has_no_status(client, field):
    field.connection.delete()
    path = f"/api/v1/mqtt/site/{field.site.pk}"
    assert client.get(f"{path}/status/").status_code == 404
    for verb in ("start", "stop", "retry", "force-discovery"):
        assert client.post(f"{path}/{verb}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_starts_and_stops_that_race_are_all_accepted_and_the_last_one_stands(client, field):
    def race(verb: str) -> None:
        try:
            wish(client, field, verb)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(race, ["start", "stop"] * 50))
    wish(client, field, "stop")
    assert MqttConnection.objects.get().is_active is False
