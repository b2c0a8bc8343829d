"""A worker remembers the sensors it has met, and never stores a reading for one that is gone."""

from typing import Any

import pytest
from django.db import connection as database

from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate
from mqtt_app.models import MqttConnection
from sites import sensor_ids
from sites.models import Datalogger, Reading, Sensor
from tests.field import batch, connect, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)


def hear(connection: MqttConnection, value: float, serial: str = "MNA000123") -> None:
    outcome = ingest(batch(connection, message(payload=telemetry(value, serial=serial))))
    assert outcome
    assert outcome.fates == [Fate.STORED]


def run(sql: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(sql)


def refuse(*_: Any) -> Any:
    raise AssertionError("asked for a sensor that is known")


def test_a_sensor_that_was_met_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect()
    hear(connection, 1.0)
    monkeypatch.setattr(sensor_ids, "resolve", refuse)
    hear(connection, 2.0)
    assert Reading.objects.filter(sensor=Sensor.objects.get()).count() == 2


def test_a_deleted_sensor_is_made_anew_by_its_next_reading() -> None:
    connection = connect()
    hear(connection, 1.0)
    Sensor.objects.get().delete()
    hear(connection, 2.0)
    assert Sensor.objects.get().latest_values == [2.0]
    assert Reading.objects.get(sensor=Sensor.objects.get()).values == [2.0]


def test_a_deleted_datalogger_is_made_anew_with_its_sensors() -> None:
    connection = connect()
    hear(connection, 1.0)
    Datalogger.objects.get().delete()
    hear(connection, 2.0)
    assert Reading.objects.get(sensor=Sensor.objects.get()).values == [2.0]


def test_sensors_that_were_made_for_a_refused_message_are_not_remembered() -> None:
    """The database takes no 13; which message holds it is found by halving, and each half that fails is rolled back."""
    connection = connect()
    serials = [f"MNA00000{number}" for number in range(8)]
    for serial in serials:
        hear(connection, 1.0, serial)
    Sensor.objects.all().delete()
    run("ALTER TABLE sites_sensor ADD CONSTRAINT unlucky CHECK (latest_values <> '{13}')")
    try:
        values = dict.fromkeys(serials, 2.0) | {serials[2]: 13.0}
        spoken = [message(payload=telemetry(value, serial=serial)) for serial, value in values.items()]
        outcome = ingest(batch(connection, *spoken))
    finally:
        run("ALTER TABLE sites_sensor DROP CONSTRAINT unlucky")
    assert outcome
    assert [fate for fate in outcome.fates if fate != Fate.STORED] == [Fate.FAILED]
    assert Reading.objects.filter(sensor__in=Sensor.objects.all()).count() == 7


def test_more_dataloggers_than_are_remembered_are_learned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensor_ids, "REMEMBERED", 1)
    connection = connect()
    for value in (1.0, 2.0):
        hear(connection, value, "MNA000001")
        hear(connection, value, "MNA000002")
    assert [sensor.latest_values for sensor in Sensor.objects.all()] == [[2.0], [2.0]]
    assert Reading.objects.count() == 4
    assert len(sensor_ids._known) == 1
