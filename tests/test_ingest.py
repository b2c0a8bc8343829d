"""A batch in, one transaction out: each message has exactly one fate, however often the batch is run."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from mqtt_app.ingest import ingest
from mqtt_app.messages import Batch, Fate, Link
from mqtt_app.models import Batch as BatchRow
from mqtt_app.models import DiscoveredTopic, MqttConnectionLog, MqttParsingLog, MqttTopic
from mqtt_app.records import receipts
from sites.models import Datalogger, Gateway, Reading, Sensor, Site
from tests.field import TELEMETRY, batch, connect, ledger, link, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC).replace(microsecond=0)


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def run(one: Batch) -> list[Fate]:
    outcome = ingest(one)
    return outcome.fates if outcome else []


def test_a_telemetry_message_becomes_a_gateway_a_datalogger_a_sensor_and_a_reading() -> None:
    connection = connect()
    payload = telemetry(1.0, 2.0, 3.0, at=iso(NOW), message_interval_seconds=5)
    assert run(batch(connection, message(payload=payload))) == [Fate.STORED]
    device = Datalogger.objects.get()
    assert (device.serial, device.kind, device.status, device.interval_s) == ("MNA000123", "monstro", "online", 5)
    assert device.gateway == Gateway.objects.get(serial="site_001-gateway_1", status="online")
    sensor = Sensor.objects.get()
    assert (sensor.components, sensor.latest_values, sensor.latest_time) == (["x", "y", "z"], [1.0, 2.0, 3.0], NOW)
    reading = Reading.objects.get()
    assert (reading.sensor, reading.time, reading.values, reading.quality) == (sensor, NOW, [1.0, 2.0, 3.0], "good")
    assert ledger(connection) == {"received": 1, "stored": 1}


def test_each_sensor_of_a_batch_keeps_its_own_newest_values_however_many_it_has() -> None:
    said = {"MAS00001": [1.0, 2.0, 3.0], "MAS00002": [4.0], "MAS00003": [5.0, 6.0]}
    messages = [message(payload=telemetry(*values, serial=serial)) for serial, values in said.items()]
    assert run(batch(connect(), *messages)) == [Fate.STORED] * 3
    assert dict(Sensor.objects.values_list("datalogger__serial", "latest_values")) == said


def test_a_batch_that_is_run_again_changes_nothing() -> None:
    connection = connect()
    one = batch(connection, message(), message(payload=b"{"))
    assert run(one) == [Fate.STORED, Fate.FAILED]
    assert run(one) == []
    assert (Reading.objects.count(), MqttParsingLog.objects.count()) == (1, 1)
    assert ledger(connection) == {"received": 2, "stored": 1, "failed": 1}


def test_a_bad_message_is_kept_byte_for_byte_and_spoils_none_of_its_neighbours() -> None:
    connection = connect()
    bad = b'{"dataloggers": [\xff\x00'
    assert run(batch(connection, message(), message(payload=bad), message())) == [
        Fate.STORED,
        Fate.FAILED,
        Fate.STORED,
    ]
    log = MqttParsingLog.objects.get()
    assert (bytes(log.payload), log.topic, log.parser_name) == (bad, TELEMETRY, "dataloggers_telemetry")
    assert log.error_type == "not_utf8"


def test_a_message_with_some_bad_readings_is_stored_and_its_bad_paths_are_named_once() -> None:
    connection = connect()
    payload = telemetry().replace(b"]}]}]}]}", b']},{"type":"ch1","value":["x"]},{"type":"ch2","value":[null]}]}]}]}')
    assert run(batch(connection, message(payload=payload))) == [Fate.STORED]
    assert Reading.objects.count() == 1
    log = MqttParsingLog.objects.get()
    assert log.error_type == "bad_readings"
    assert "dataloggers[0].devices[0].data[1]" in log.error_message
    assert "dataloggers[0].devices[0].data[2]" in log.error_message


@pytest.mark.parametrize(
    ("topic", "fate", "reason"),
    [
        ("site_001/hello", Fate.UNRECOGNISED, None),
        ("elsewhere/gateway/1/dataloggers/telemetry", Fate.IGNORED, None),
        (b"site_001/\xff", Fate.FAILED, "bad_topic"),
        ("site_001/a\nb", Fate.FAILED, "bad_topic"),
        ("/////", Fate.FAILED, "bad_topic"),
        ("site_001/" + "x" * 600, Fate.FAILED, "bad_topic"),
    ],
)
def test_every_topic_has_a_fate(topic: str | bytes, fate: Fate, reason: str | None) -> None:
    connection = connect()
    assert run(batch(connection, message(topic, b"hi"))) == [fate]
    assert list(MqttParsingLog.objects.values_list("error_type", flat=True)) == ([reason] if reason else [])


def test_a_topic_that_is_switched_off_is_discovered_and_ignored_though_a_wider_one_is_on() -> None:
    connection = connect()
    MqttTopic.objects.create(mqtt_connection=connection, topic_pattern="site_001/gateway/1/#", is_active=False)
    assert run(batch(connection, message())) == [Fate.IGNORED]
    found = DiscoveredTopic.objects.get()
    assert (found.topic_path, found.is_processable, found.processor_name) == (TELEMETRY, True, "dataloggers_telemetry")
    assert Datalogger.objects.count() == 0


def test_topics_are_counted_per_batch_and_sampled() -> None:
    connection = connect()
    run(batch(connection, *(message("site_001/hello", b"hi") for _ in range(5)), message()))
    run(batch(connection, *(message("site_001/hello", b"later") for _ in range(3))))
    found = DiscoveredTopic.objects.get(topic_path="site_001/hello")
    assert (found.message_count, found.is_processable, found.sample_payload) == (8, False, {"text": "hi"})


def test_a_flood_of_topics_is_capped_said_once_a_day_and_still_stored(settings: Settings) -> None:
    settings.DISCOVERED_TOPICS_PER_SITE = 3
    connection = connect()
    for start in (0, 10):
        topics = [f"site_001/gateway/{start + n}/dataloggers/telemetry" for n in range(10)]
        assert run(batch(connection, *(message(topic) for topic in topics))) == [Fate.STORED] * 10
    assert DiscoveredTopic.objects.count() == 3
    assert MqttConnectionLog.objects.filter(level="WARNING", message__contains="discovered topics").count() == 1


def test_the_site_is_the_connections_and_a_topic_with_another_sites_name_is_warned_of_once_a_day() -> None:
    connection, other = connect(), connect("site_002")
    MqttTopic.objects.create(mqtt_connection=connection, topic_pattern="site_002/#")
    for _ in range(2):
        run(batch(connection, message("site_002/gateway/1/dataloggers/telemetry")))
    assert set(Datalogger.objects.values_list("site__slug", flat=True)) == {"site_001"}
    assert MqttConnectionLog.objects.filter(connection=connection, message__contains="another site").count() == 1
    assert MqttConnectionLog.objects.filter(connection=other).count() == 0


def test_a_serial_that_turns_up_under_another_site_is_that_sites_own_row() -> None:
    for connection in (connect(), connect("site_002")):
        run(batch(connection, message(f"{connection.site.slug}/gateway/1/dataloggers/telemetry")))
    assert sorted(Datalogger.objects.values_list("serial", "site__slug")) == [
        ("MNA000123", "site_001"),
        ("MNA000123", "site_002"),
    ]


def test_a_late_message_adds_history_and_never_overwrites_a_newer_value() -> None:
    connection = connect()
    run(batch(connection, message(payload=telemetry(2.0, 2.0, 2.0, at=iso(NOW)))))
    run(batch(connection, message(payload=telemetry(1.0, 1.0, 1.0, at=iso(NOW - timedelta(days=40))))))
    sensor = Sensor.objects.get()
    assert (sensor.latest_values, sensor.latest_time) == ([2.0, 2.0, 2.0], NOW)
    assert sorted(Reading.objects.values_list("values", flat=True)) == [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]


def test_the_same_reading_by_two_brokers_is_one_row() -> None:
    connection = connect()
    twice = telemetry(1.0, 2.0, 3.0, at=iso(NOW))
    assert run(batch(connection, message(payload=twice), message(payload=twice))) == [Fate.STORED, Fate.STORED]
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("years", [10, -50])
def test_a_wrong_clock_gives_way_to_reception_and_is_kept_beside_it(years: int) -> None:
    connection = connect()
    claimed = NOW + timedelta(days=365 * years)
    run(batch(connection, message(payload=telemetry(1.0, 2.0, 3.0, at=iso(claimed)))))
    reading = Reading.objects.get()
    assert (reading.time, reading.claimed_time, reading.quality) == (reading.received_at, claimed, "questionable")
    assert Sensor.objects.get().latest_time == reading.received_at


def test_a_redelivery_is_a_duplicate_and_a_reused_packet_id_is_not() -> None:
    connection = connect()
    first = message(payload=telemetry(1.0, 2.0, 3.0), mid=7)
    assert run(batch(connection, first)) == [Fate.STORED]
    assert run(batch(connection, first._replace(dup=True))) == [Fate.DUPLICATE]
    other = message(payload=telemetry(4.0, 5.0, 6.0), mid=7)
    assert run(batch(connection, other._replace(dup=True))) == [Fate.STORED]
    assert run(batch(connection, first)) == [Fate.STORED]  # not flagged: the device itself sent it again
    assert ledger(connection) == {"received": 1, "stored": 3, "duplicate": 1, "in_flight": -3}


def test_a_redelivery_that_is_stored_after_the_broker_began_another_session_is_still_recognised() -> None:
    """Its packet id means another message by then."""
    connection = connect()
    first = message(mid=1)
    old, new = Link(connection.pk, 0, 1, 0.0, session=1), Link(connection.pk, 0, 2, 0.0, session=2)
    assert run(batch([old], first)) == [Fate.STORED]
    receipts.forget(connection.pk, 2)
    assert run(batch([new], message(payload=telemetry(7.0, 8.0, 9.0), mid=1))) == [Fate.STORED]
    assert run(batch([old], first._replace(dup=True))) == [Fate.DUPLICATE]


def test_what_did_not_come_again_after_a_reconnect_is_forgotten_and_what_did_is_still_recognised() -> None:
    """The broker has the first acknowledged: its packet id may come to bear a new message that is just like it."""
    connection = connect()
    hours_ago = time.time() - 2 * 3600
    acknowledged, returned = message(mid=5, at=hours_ago), message("site_001/gateway/1/status", mid=6, at=hours_ago)
    one, two, three = (link(connection, generation) for generation in (1, 2, 3))
    assert run(batch([one], acknowledged, returned)) == [Fate.STORED, Fate.STORED]
    assert run(batch([two], returned._replace(dup=True))) == [Fate.DUPLICATE]
    receipts.forget(connection.pk, 2)
    again = [acknowledged._replace(dup=True), returned._replace(dup=True)]
    assert run(batch([three], *again)) == [Fate.STORED, Fate.DUPLICATE]


def test_what_came_within_the_hour_is_recognised_though_it_did_not_come_again_after_a_reconnect() -> None:
    """A broker that crashes may bring back what it had sent since it last saved."""
    connection = connect()
    first = message(mid=5)
    assert run(batch([link(connection, 1)], first)) == [Fate.STORED]
    receipts.forget(connection.pk, 2)
    assert run(batch([link(connection, 3)], first._replace(dup=True))) == [Fate.DUPLICATE]


def test_a_redelivery_within_one_batch_is_found_too() -> None:
    connection = connect()
    first = message(mid=7)
    assert run(batch(connection, first, first._replace(dup=True))) == [Fate.STORED, Fate.DUPLICATE]


def test_our_own_beacon_is_ignored_and_a_foreign_one_is_a_device() -> None:
    connection = connect()
    topic = "site_001/backend/status"
    own = b'{"serial_number": "%s", "status": "offline"}' % connection.client_id.encode()
    foreign = b'{"serial_number": "someone-else", "status": "online"}'
    assert run(batch(connection, message(topic, own, qos=0), message(topic, foreign, qos=0))) == [
        Fate.IGNORED,
        Fate.STORED,
    ]
    assert list(Datalogger.objects.values_list("serial", "kind")) == [("someone-else", "backend")]


def test_messages_of_a_connection_that_was_deleted_meanwhile_are_ignored() -> None:
    connection, stays = connect(), connect("site_002")
    one = batch([link(connection), link(stays)], message(), message("site_002/x", b"hi", via=1))
    Site.objects.get(slug="site_001").delete()
    assert run(one) == [Fate.IGNORED, Fate.UNRECOGNISED]


def test_a_hidden_site_still_ingests() -> None:
    connection = connect()
    Site.objects.update(is_active=False)
    assert run(batch(connection)) == [Fate.STORED]


def test_an_attempt_that_vanished_is_not_repeated_while_it_may_still_be_running() -> None:
    connection = connect()
    one = batch(connection)
    BatchRow.objects.create(id=one.id, size=1, begun=1, begun_at=timezone.now())
    assert run(one) == []
    BatchRow.objects.update(begun_at=timezone.now() - timedelta(seconds=6))
    assert run(one) == [Fate.STORED]


def test_a_batch_begun_before_the_clock_was_set_back_is_nobodys() -> None:
    """Else it would be left to a worker that may be dead for as long as the clock was set back."""
    one = batch(connect())
    BatchRow.objects.create(id=one.id, size=1, begun=1, begun_at=timezone.now() + timedelta(hours=2))
    assert run(one) == [Fate.STORED]
