"""What one message teaches about another is kept with it, reaches every worker, and the later word counts."""

import json
from typing import Any

import pytest

from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate, Message
from mqtt_app.models import Lesson, MqttConnection, MqttConnectionLog, MqttTopic
from mqtt_app.upkeep import housekeeping
from sites.models import Sensor
from tests.field import batch, connect, message

pytestmark = pytest.mark.django_db(transaction=True)

CONFIG = "homeassistant/sensor/well/config"
STATE = "pumps/well"
AT = 1_772_439_330.0


@pytest.fixture
def connection() -> MqttConnection:
    made = connect()
    MqttTopic.objects.create(mqtt_connection=made, topic_pattern="#")
    return made


def announcement(unit: str = "m", at: float = AT, topic: str = CONFIG) -> Message:
    config: dict[str, Any] = {"state_topic": STATE, "value_template": "{{ value_json.level }}", "device": {"ids": "W1"}}
    return message(topic, json.dumps(config | {"unit_of_measurement": unit}).encode(), at=at, retain=True)


def level(at: float = AT + 1) -> Message:
    return message(STATE, b'{"level": 4.25, "id": 7}', at=at)


def unit_of(connection: MqttConnection) -> str:
    ingest(batch(connection, level()))
    return Sensor.objects.get(datalogger__serial="W1", key="level").unit


def test_a_later_batch_knows_what_an_earlier_one_taught(connection: MqttConnection) -> None:
    ingest(batch(connection, announcement()))
    assert unit_of(connection) == "m"


def test_a_lesson_serves_the_messages_after_it_in_the_same_batch(connection: MqttConnection) -> None:
    outcome = ingest(batch(connection, announcement(), level()))
    assert outcome
    assert outcome.fates == [Fate.STORED, Fate.STORED]
    assert Sensor.objects.get(key="level").datalogger.serial == "W1"


def test_an_older_message_that_is_read_late_teaches_nothing(connection: MqttConnection) -> None:
    ingest(batch(connection, announcement("m", at=AT)))
    ingest(batch(connection, announcement("ft", at=AT - 60)))
    assert unit_of(connection) == "m"


def test_what_was_taken_back_stays_back_when_an_older_announcement_is_read_late(connection: MqttConnection) -> None:
    ingest(batch(connection, announcement()))
    ingest(batch(connection, message(CONFIG, b"", at=AT + 2, retain=True)))
    ingest(batch(connection, announcement(at=AT + 1)))
    ingest(batch(connection, level()))
    assert not Sensor.objects.filter(datalogger__serial="W1").exists()


def test_an_announcement_that_names_another_topic_forgets_the_first(connection: MqttConnection) -> None:
    ingest(batch(connection, announcement()))
    moved = {"state_topic": "pumps/other", "device": {"ids": "W1"}}
    ingest(batch(connection, message(CONFIG, json.dumps(moved).encode(), at=AT + 2, retain=True)))
    assert list(Lesson.objects.exclude(body__isnull=True).values_list("about", flat=True)) == ["pumps/other"]


def test_another_site_learns_nothing(connection: MqttConnection) -> None:
    ingest(batch(connection, announcement()))
    other = connect("site_002")
    MqttTopic.objects.create(mqtt_connection=other, topic_pattern="#")
    ingest(batch(other, level()))
    assert not Sensor.objects.filter(datalogger__serial="W1").exists()


def test_the_same_announcement_twice_is_written_once(
    connection: MqttConnection,
) -> None:
    ingest(batch(connection, announcement()))
    before = Lesson.objects.get()
    ingest(batch(connection, announcement(at=AT + 60)))
    assert Lesson.objects.get().taught_at == before.taught_at


def test_a_full_site_is_told_once_and_still_stores(connection: MqttConnection, settings: Any) -> None:
    settings.LESSONS_PER_SITE = 1
    ingest(batch(connection, announcement()))
    for number in (1, 2):
        ingest(batch(connection, announcement(topic=f"homeassistant/sensor/{number}/config", at=AT + number)))
    assert Lesson.objects.count() == 1
    assert MqttConnectionLog.objects.filter(message__startswith="This site has as many lessons").count() == 1


def test_housekeeping_forgets_what_was_taken_back_long_ago(connection: MqttConnection) -> None:
    ingest(batch(connection, announcement()))
    ingest(batch(connection, message(CONFIG, b"", retain=True)))
    Lesson.objects.update(taught_at="2020-01-01T00:00:00Z")
    housekeeping.clean()
    assert not Lesson.objects.exists()
