"""Sparkplug nodes of whom messages or births were missed are found, whoever reads first, and asked, where allowed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from mqtt_app import reborn, replay
from mqtt_app.downlink import births
from mqtt_app.ingest import ingest
from mqtt_app.messages import Message
from mqtt_app.models import (
    Command,
    Listener,
    MqttConnection,
    MqttConnectionLog,
    MqttParsingLog,
    MqttTopic,
    Replay,
    SparkplugNode,
)
from mqtt_app.parsers.base import Envelope
from mqtt_app.parsers.sparkplug.namespace import Birth, Data, Sparkplug
from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from mqtt_app.parsers.sparkplug.sequence import arrival, follow
from sites.models import AuditEntry, Reading
from tests.field import batch, connect, message
from tests.fieldwork import SITE

pytestmark = pytest.mark.django_db(transaction=True)

AT = 1_772_439_330.0


@pytest.fixture
def connection() -> MqttConnection:
    """Held by a listener that has nothing under way, and open."""
    listener = Listener.objects.create(name="one")
    made = connect(asks_for_births=True)
    MqttConnection.objects.filter(pk=made.pk).update(listener=listener, status="connected")
    MqttTopic.objects.create(mqtt_connection=made, topic_pattern="#")
    return MqttConnection.objects.get(pk=made.pk)


def said(kind: str, seq: int, node: str = "press", *, alias: int | None = None, at: float | None = None) -> Message:
    metric = Payload.Metric(name="Force", datatype=3, int_value=1)
    if alias is not None:
        metric = Payload.Metric(alias=alias, datatype=3, int_value=1)
    at = AT + seq if at is None else at
    content = Payload(timestamp=int(at * 1_000), seq=seq, metrics=[metric]).SerializeToString()
    return message(f"spBv1.0/works/{kind}/{node}", content, at=at, qos=0)


def hear(connection: MqttConnection, *messages: Message) -> None:
    assert ingest(batch(connection, *messages))


def asked() -> list[str]:
    return list(Command.objects.order_by("id").values_list("topic", flat=True))


def log() -> list[str]:
    return [row.message for row in MqttConnectionLog.objects.order_by("id") if "Sparkplug" in row.message]


def test_a_missed_message_is_told_and_the_node_is_asked_for_its_births(connection: MqttConnection) -> None:
    hear(connection, said("NBIRTH", 0), said("NDATA", 1), said("NDATA", 3))
    births.tend()
    command = Command.objects.get()
    assert (command.topic, command.qos, command.created_by) == ("spBv1.0/works/NCMD/press", 0, None)
    metric = Payload.FromString(bytes(command.payload)).metrics[0]
    assert (metric.name, metric.boolean_value) == ("Node Control/Rebirth", True)
    assert log() == [
        "Sparkplug: 1 node missed messages, or births (works/press).",
        "Sparkplug: asked for births: 1 node (works/press).",
    ]
    assert AuditEntry.objects.filter(kind="command", site_id=connection.site_id).count() == 1


def test_workers_that_read_out_of_order_find_no_gap(connection: MqttConnection) -> None:
    hear(connection, said("NDATA", 2), said("NDATA", 3))
    hear(connection, said("NBIRTH", 0), said("NDATA", 1))
    births.tend()
    assert asked() == []
    assert SparkplugNode.objects.get().seq == 3


def test_what_came_after_the_oldest_message_without_a_fate_is_not_judged_yet(connection: MqttConnection) -> None:
    pending = datetime.fromtimestamp(AT + 2, UTC)
    Listener.objects.update(oldest_pending_at=pending)
    hear(connection, said("NBIRTH", 0), said("NDATA", 1))
    hear(connection, said("NDATA", 3))
    births.tend()
    assert SparkplugNode.objects.get().seq == 1
    hear(connection, said("NDATA", 2))
    Listener.objects.update(oldest_pending_at=None)
    births.tend()
    assert (SparkplugNode.objects.get().seq, asked()) == (3, [])


def test_a_node_whose_births_are_unknown_is_asked_once_in_ten_minutes_and_ever_more_rarely(
    connection: MqttConnection,
) -> None:
    hear(connection, said("NDATA", 4, alias=7))
    births.tend()
    births.tend()
    assert asked() == ["spBv1.0/works/NCMD/press"]
    for minutes, count in ((11, 2), (11, 2), (21, 3)):
        SparkplugNode.objects.update(asked_at=timezone.now() - timedelta(minutes=minutes))
        births.tend()
        assert len(asked()) == count


def test_a_birth_ends_the_wish_and_a_new_gap_soon_after_waits_for_the_interval(connection: MqttConnection) -> None:
    hear(connection, said("NDATA", 4, alias=7))
    births.tend()
    hear(connection, said("NBIRTH", 0, at=AT + 10), said("NDATA", 1, at=AT + 11))
    births.tend()
    assert SparkplugNode.objects.get().lacks == ""
    hear(connection, said("NDATA", 3, at=AT + 12))
    births.tend()
    assert (SparkplugNode.objects.get().lacks, len(asked())) == ("messages", 1)


def test_a_thousand_nodes_are_asked_a_few_at_a_time(connection: MqttConnection) -> None:
    nodes = [f"press{number}" for number in range(1_000)]
    for start in range(0, 1_000, 250):
        hear(connection, *(said("NDATA", 4, node, alias=7) for node in nodes[start : start + 250]))
    births.tend()
    births.tend()
    assert len(asked()) == len(set(asked())) == 2 * births.ASKED_AT_ONCE
    assert len(log()) == 3


def test_nobody_is_asked_where_the_operator_has_not_allowed_it(connection: MqttConnection) -> None:
    MqttConnection.objects.update(asks_for_births=False)
    assert AuditEntry.objects.order_by("-id")[0].changes == {"asks_for_births": [True, False]}
    hear(connection, said("NBIRTH", 0), said("NDATA", 2))
    births.tend()
    births.tend()
    assert asked() == []
    assert log() == ["Sparkplug: 1 node missed messages, or births (works/press).", births.FORBIDDEN]


def test_nobody_is_asked_while_the_connection_is_down(connection: MqttConnection) -> None:
    MqttConnection.objects.update(status="disconnected")
    hear(connection, said("NBIRTH", 0), said("NDATA", 2))
    births.tend()
    assert asked() == []
    MqttConnection.objects.update(status="connected")
    births.tend()
    assert len(asked()) == 1


@pytest.mark.parametrize(
    ("numbers", "missed"),
    [
        ([254, 255, 0, 1], 0),
        ([254, 1], 2),
        ([5, 7, 6, 8], 0),
        ([5, 5, 6], 0),
        ([5, None, 6], 0),
        ([200, 100], 155),
    ],
)
def test_numbers_wrap_may_be_swapped_and_may_be_said_twice(numbers: list[int | None], missed: int) -> None:
    assert follow(None, [(seq, "data") for seq in numbers]).missed == missed


def test_a_birth_begins_anew_and_its_own_number_counts() -> None:
    assert follow(77, [(9, "birth"), (10, "data")]) == (10, 0, False, True)


def birth(at: float, *, alias: int = 7) -> Message:
    metric = Payload.Metric(name="Force", alias=alias, datatype=3)
    content = Payload(timestamp=int(at * 1_000), seq=0, metrics=[metric]).SerializeToString()
    return message("spBv1.0/works/NBIRTH/press", content, at=at, qos=0)


def finish() -> None:
    for one in Replay.objects.all():
        while replay.advance(one.pk):
            pass


def readings() -> list[tuple[float, list[float]]]:
    return [(row.time.timestamp(), row.values) for row in Reading.objects.order_by("time")]


def test_what_came_before_the_births_is_read_again_at_its_own_time_and_once(connection: MqttConnection) -> None:
    hear(connection, said("NDATA", 4, alias=7), said("NDATA", 5, "other", alias=7))
    assert reborn.read_again(births.tend()) == 0
    hear(connection, birth(AT + 10))
    assert reborn.read_again(births.tend()) == 1
    assert reborn.read_again(births.tend()) == 0
    finish()
    assert readings() == [(AT + 4, [1.0])]
    [left] = MqttParsingLog.objects.exclude(outcome="recovered")
    assert left.topic == "spBv1.0/works/NDATA/other"


def test_what_a_node_said_in_an_earlier_session_is_not_read_by_the_names_of_this_one(
    connection: MqttConnection,
) -> None:
    hear(connection, said("NDATA", 4, alias=7), said("NDEATH", 0, at=AT + 5))
    hear(connection, said("NDATA", 1, alias=7, at=AT + 8), birth(AT + 10))
    assert reborn.read_again(births.tend()) == 1
    finish()
    assert readings() == [(AT + 8, [1.0])]


def test_a_report_carries_the_number_of_its_message_so_that_it_is_decoded_once() -> None:
    for one in (said("NBIRTH", 0), said("NDATA", 1), said("DDATA", 2)):
        topic = one.topic.decode() + ("/scale" if b"/D" in one.topic else "")
        report = Sparkplug().parse(Envelope(topic, one.payload, one.retain, one.received), SITE)
        assert isinstance(report, Birth | Data)
        assert report.arrival == arrival(topic, one.payload)
