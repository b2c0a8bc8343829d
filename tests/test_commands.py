"""Commands wait for their connection, go down once and one at a time, and are answered, or over."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mqtt_app.downlink import commands
from mqtt_app.ingest import ingest
from mqtt_app.messages import Order, Word
from mqtt_app.models import Command, Listener, MqttConnection, SparkplugNode
from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from sites.models import AuditEntry, Role
from tests import rows
from tests.field import batch, connect, message
from tests.hearing import Wait, hearing, publisher, wish

CMD = "site_001/gateway/1/datalogger/all/cmd"


@pytest.fixture
def connection(transactional_db: None) -> MqttConnection:
    """One that a listener holds open."""
    made = connect()
    listener = Listener.objects.create(name="one")
    MqttConnection.objects.update(listener=listener, status="connected")
    made.refresh_from_db()
    return made


def person(connection: MqttConnection, role: Role = Role.OPERATOR) -> Client:
    name = f"{role}-{connection.pk}"
    known = rows.User.objects.filter(username=name).first()
    return rows.browser(known or rows.person(name, role, connection.site))


def ask(connection: MqttConnection, method: str = "get_status", **more: Any) -> int:
    body = {"site": connection.site_id, "gateway": "1", "datalogger": "all", "method": method, **more}
    answer = person(connection).post("/api/v1/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.json()
    return int(answer.json()["id"])


def take(connection: MqttConnection) -> list[Order]:
    assert connection.listener_id
    return commands.take(connection.listener_id)


def reply(connection: MqttConnection, method: str, status: str = "success", **more: Any) -> None:
    said = json.dumps({"method": method, "status": status, **more}).encode()
    ingest(batch(connection, message(f"{CMD}res", said)))


def state(pk: int) -> str:
    return str(Command.objects.get(pk=pk).state)


def test_a_command_goes_down_as_the_protocol_has_it_and_its_answer_ends_it(connection: MqttConnection) -> None:
    pk = ask(connection, "get_config", params={"type": "all"})
    [order] = take(connection)
    assert (order.topic, order.qos, order.retain) == (CMD.encode(), 1, False)
    assert json.loads(order.payload) == {"method": "get_config", "params": {"type": "all"}}
    assert take(connection) == []
    commands.tell([Word(pk, "sent")])
    assert state(pk) == "sent"
    reply(connection, "get_config", result={"rate": 100})
    found = person(connection).get(f"/api/v1/commands/{pk}/").json()
    assert (found["state"], found["answer"]["json"]["result"]) == ("done", {"rate": 100})
    assert AuditEntry.objects.filter(kind="command", actor=f"operator-{connection.pk}").count() == 1


def test_a_device_is_asked_one_thing_at_a_time_and_another_device_meanwhile(connection: MqttConnection) -> None:
    first, second, other = ask(connection), ask(connection, "stop_collection"), ask(connection, datalogger="monstro/2")
    assert [order.id for order in take(connection)] == [first, other]
    commands.tell([Word(first, "sent"), Word(other, "sent")])
    assert take(connection) == []
    reply(connection, "get_status", "error", message="busy")
    assert (state(first), Command.objects.get(pk=first).error) == ("refused", "busy")
    assert [order.id for order in take(connection)] == [second]


def test_a_sibling_answers_and_another_method_does_not(connection: MqttConnection) -> None:
    pk = ask(connection, "start_collection")
    take(connection)
    reply(connection, "stop_acquisition")
    reply(connection, "get_status")
    assert state(pk) == "sending"
    reply(connection, "start_acquisition")
    assert state(pk) == "done"
    commands.tell([Word(pk, "sent")])
    assert state(pk) == "done"


def test_it_waits_for_its_connection_and_expires(connection: MqttConnection) -> None:
    MqttConnection.objects.update(status="disconnected")
    pk = ask(connection, expires_s=5)
    assert take(connection) == []
    MqttConnection.objects.update(status="connected")
    [order] = take(connection)
    commands.tell([Word(order.id, "unsent")])
    assert state(pk) == "queued"
    Command.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert take(connection) == []
    commands.settle()
    assert state(pk) == "expired"


def test_a_sparkplug_node_is_asked_for_its_births(connection: MqttConnection) -> None:
    body = {"site": connection.site_id, "group": "works", "node": "press"}
    answer = person(connection).post("/api/v1/commands/rebirth/", body, content_type="application/json")
    assert answer.status_code == 202
    [order] = take(connection)
    assert (order.topic, order.qos, order.retain) == (b"spBv1.0/works/NCMD/press", 0, False)
    payload = Payload.FromString(order.payload)
    assert [(one.name, one.boolean_value) for one in payload.metrics] == [("Node Control/Rebirth", True)]
    viewer = person(connection, Role.VIEWER)
    assert viewer.post("/api/v1/commands/rebirth/", body, content_type="application/json").status_code == 403


def test_a_sparkplug_node_behind_a_bridge_is_asked_where_it_listens(connection: MqttConnection) -> None:
    topic = f"{connection.site.slug}/spBv1.0/works/NCMD/press"
    SparkplugNode.objects.create(connection=connection, node=topic, heard_at=timezone.now())
    body = {"site": connection.site_id, "group": "works", "node": "press"}
    answer = person(connection).post("/api/v1/commands/rebirth/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["topic"]) == (202, topic)


def test_what_is_not_answered_times_out_and_a_late_answer_is_taken(connection: MqttConnection) -> None:
    pk = ask(connection, timeout_s=1)
    take(connection)
    commands.tell([Word(pk, "sent")])
    Command.objects.update(sent_at=timezone.now() - timedelta(seconds=2))
    commands.settle()
    assert state(pk) == "timed_out"
    reply(connection, "get_status")
    assert state(pk) == "done"


def test_a_command_of_which_nobody_knows_whether_it_arrived_is_never_sent_again(connection: MqttConnection) -> None:
    lost, gone = ask(connection), ask(connection, datalogger="b")
    take(connection)
    commands.tell([Word(lost, "lost")])
    assert (state(lost), Command.objects.get(pk=lost).error) == ("sent", commands.UNSURE)
    Command.objects.filter(pk=gone).update(sent_at=timezone.now() - timedelta(seconds=61))
    commands.settle()
    assert (state(gone), Command.objects.get(pk=gone).error) == ("timed_out", commands.UNSURE)
    assert take(connection) == []


def test_any_message_is_published_by_administrators_only(connection: MqttConnection) -> None:
    body = {"site": connection.site_id, "topic": "any/where", "text": "on", "qos": 0, "retain": True}
    client = person(connection, Role.ADMIN)
    sent = {"data": body, "content_type": "application/json"}
    assert person(connection).post("/api/v1/commands/raw/", **sent).status_code == 403
    made = client.post("/api/v1/commands/raw/", **sent).json()
    assert take(connection) == [Order(made["id"], connection.pk, b"any/where", b"on", 0, True)]
    commands.tell([Word(made["id"], "sent")])
    assert state(made["id"]) == "delivered"
    for wrong in ({"topic": "a/+"}, {"text": None}, {"payload": "MQ=="}, {"qos": 2}):
        sent = {"data": body | wrong, "content_type": "application/json"}
        assert client.post("/api/v1/commands/raw/", **sent).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"gateway": "a/b"}, {"datalogger": "#"}, {"method": "format_disk"}, {"expires_s": 0}]
)
def test_what_is_no_command_is_refused(connection: MqttConnection, wrong: dict[str, Any]) -> None:
    body = {"site": connection.site_id, "gateway": "1", "datalogger": "all", "method": "get_status"} | wrong
    assert person(connection).post("/api/v1/commands/", body, content_type="application/json").status_code == 422


def test_a_waiting_command_is_cancelled_and_a_sent_one_is_not(connection: MqttConnection) -> None:
    pk, other = ask(connection), ask(connection)
    take(connection)
    client = person(connection)
    assert client.post(f"/api/v1/commands/{other}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/commands/{pk}/cancel/").status_code == 409
    ended = AuditEntry.objects.filter(kind="command", action="change")
    assert [(entry.object_id, entry.changes["state"]) for entry in ended] == [(str(other), ["queued", "cancelled"])]


@pytest.mark.parametrize("qos", [0, 1])
def test_a_listener_publishes_an_order_once_and_says_when_the_broker_has_it(
    mqtt_url: str, wait_until: Wait, qos: int
) -> None:
    one = wish(mqtt_url, f"down{qos}/#")
    with hearing(one) as hears, publisher(mqtt_url):
        wait_until(hears.is_subscribed)
        order = Order(7, one.connection_id, f"down{qos}/cmd".encode(), b"do", qos, False)
        hears.listener.order([order, order._replace(id=8, connection_id=-1)])
        wait_until(lambda: set(hears.listener.words) == {Word(7, "sent"), Word(8, "unsent")})
        wait_until(lambda: [one.payload for one in hears.messages] == [b"do"])
