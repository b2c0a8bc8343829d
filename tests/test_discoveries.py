"""Listening to everything for a chosen time, and the report of what is new at its end."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mqtt_app import discoveries
from mqtt_app.ingest import ingest
from mqtt_app.listening import lease
from mqtt_app.models import DiscoveredTopic, DiscoveryRun, Listener, MqttConnection, MqttConnectionLog
from sites.models import Role
from tests import rows
from tests.field import batch, connect, message

UNKNOWN = b"\xff\x00"

pytestmark = pytest.mark.django_db(transaction=True)


def operator(connection: MqttConnection) -> Client:
    return rows.browser(rows.person("ada", Role.OPERATOR, connection.site))


def force(client: Client, connection: MqttConnection, query: str = "") -> int:
    return client.post(f"/api/v1/mqtt/site/{connection.site_id}/force-discovery/?{query}").status_code


def runs(client: Client, connection: MqttConnection) -> list[dict]:
    return client.get(f"/api/v1/mqtt/site/{connection.site_id}/discoveries/").json()


def cover(connection: MqttConnection) -> object:
    listener = Listener.objects.get_or_create(name="one")[0]
    MqttConnection.objects.update(listener=listener)
    return lease.wishes(listener.pk)[0][connection.pk].cover


def test_everything_is_listened_to_for_as_long_as_one_wishes_and_the_brokers_own_topics_too() -> None:
    connection = connect()
    client = operator(connection)
    assert force(client, connection, "minutes=90&system=true") == 202
    until = MqttConnection.objects.get().discover_until
    assert until
    assert timedelta(minutes=89) < until - timezone.now() <= timedelta(minutes=90)
    assert cover(connection) == {"#": 1, "$SYS/#": 0}
    assert force(client, connection) == 202
    assert cover(connection) == {"#": 1}
    for wrong in ("minutes=0", "minutes=1441", "minutes=x"):
        assert force(client, connection, wrong) == 422


def test_what_is_new_is_told_while_it_listens_and_kept_when_it_has_ended() -> None:
    connection = connect()
    ingest(batch(connection, message("site_001/gateway/0/status", b"{}")))
    DiscoveredTopic.objects.update(first_seen_at=timezone.now() - timedelta(hours=1))
    client = operator(connection)
    force(client, connection)
    ingest(
        batch(connection, *(message(f"other/{n}/x", UNKNOWN) for n in range(3)), message("site_001/gateway/0/status"))
    )
    [run] = runs(client, connection)
    assert (run["started_by"], run["finished_at"], run["with_system"]) == ("ada", None, False)
    assert (run["report"]["topics"], run["report"]["topics_without_parser"]) == (3, 3)
    [template] = run["report"]["templates"]
    assert (template["template"], template["filter"], template["messages"]) == ("other/{n}/x", "other/+/x", 3)
    assert discoveries.finish() == 0

    DiscoveryRun.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert discoveries.finish() == 1
    assert discoveries.finish() == 0
    ingest(batch(connection, message("another/9/x", b"1")))
    [ended] = runs(client, connection)
    assert ended["finished_at"]
    assert ended["report"] == run["report"]
    words = MqttConnectionLog.objects.get(message__startswith="Discovery has ended").message
    assert "3 new topics in 1 templates, 3 of them without a parser" in words


def test_who_begins_anew_ends_the_run_before() -> None:
    connection = connect()
    client = operator(connection)
    force(client, connection)
    force(client, connection, "minutes=1")
    assert discoveries.finish() == 1
    assert [run["finished_at"] is None for run in runs(client, connection)] == [True, False]


def test_a_strangers_discoveries_are_not_there() -> None:
    connection = connect()
    stranger = rows.browser(rows.person("stranger", Role.ADMIN, rows.site("elsewhere")))
    assert stranger.get(f"/api/v1/mqtt/site/{connection.site_id}/discoveries/").status_code == 404


def test_a_broker_that_hangs_up_on_its_own_topics_is_spared_them() -> None:
    connection = connect()
    client = operator(connection)
    force(client, connection, "system=true")
    discoveries.finish()
    assert cover(connection) == {"#": 1, "$SYS/#": 0}
    MqttConnection.objects.update(mqtt_retry_count=2)
    discoveries.finish()
    assert cover(connection) == {"#": 1}
    assert MqttConnectionLog.objects.filter(message=discoveries.HUNG_UP).count() == 1
    [run] = runs(client, connection)
    assert (run["with_system"], run["report"]["system_refused"]) == (True, True)


def test_a_broker_that_refuses_its_own_topics_is_said_to_and_listened_to_without_them() -> None:
    connection = connect()
    client = operator(connection)
    force(client, connection, "system=true")
    assert not runs(client, connection)[0]["report"]["system_refused"]
    MqttConnection.objects.update(status="error", last_error="The broker refused the subscription to $SYS/#.")
    discoveries.finish()
    assert cover(connection) == {"#": 1}
    assert MqttConnectionLog.objects.filter(message=discoveries.REFUSED).count() == 1
    DiscoveryRun.objects.update(until=timezone.now())
    discoveries.finish()
    [run] = runs(client, connection)
    assert (run["finished_at"] is not None, run["report"]["system_refused"]) == (True, True)
