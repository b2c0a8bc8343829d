"""Home Assistant discovery: templates are read where they name one value, and announced topics as announced."""

import json
from typing import Any

import pytest

from mqtt_app.ingest import ingest
from mqtt_app.models import MqttConnection, MqttTopic
from mqtt_app.parsers.homeassistant import value_of
from sites.models import Datalogger, Sensor
from tests.field import batch, connect, message


@pytest.mark.parametrize(
    ("template", "steps", "scale"),
    [
        (None, [], 1), ("{{ value }}", [], 1), ("{{ value_json.a.b }}", ["a", "b"], 1),
        ("{{value_json['AM2301']['Temperature'] | float}}", ["AM2301", "Temperature"], 1),
        ('{{ value_json["PM2.5"] }}', ["PM2.5"], 1), ("{{ value_json.list[0] | round(2) }}", ["list", "0"], 1),
        ("{{(value|float/60)|round(2)}}", [], 1 / 60), ("{{ value_json.p | float * 1000 }}", ["p"], 1_000),
        ("{{ value | float / 0 }}", None, 1), ("{{ value_json.a == 'on' }}", None, 1),
        ("{% if value %}1{% endif %}", None, 1), ("{{ value_json.a + value_json.b }}", None, 1),
        ("{{ value.__class__ }}", None, 1), ("{{ (" * 200, None, 1),
    ],
)  # fmt: skip
def test_a_value_template_that_names_one_value_is_its_place(
    template: str | None, steps: list[str] | None, scale: float
) -> None:
    found = value_of(template)
    assert found.steps == steps
    assert found.scale == pytest.approx(scale)


@pytest.fixture
def connection() -> MqttConnection:
    made = connect()
    MqttTopic.objects.create(mqtt_connection=made, topic_pattern="#")
    return made


def announce(name: str, **config: Any) -> Any:
    return message(f"homeassistant/sensor/{name}/config", json.dumps(config).encode(), retain=True)


def units() -> dict[str, str]:
    return {f"{one.datalogger.serial} {one.key}": one.unit for one in Sensor.objects.select_related("datalogger")}


@pytest.mark.django_db(transaction=True)
def test_a_familys_own_device_gets_the_announced_unit_and_no_second_row(connection: MqttConnection) -> None:
    config = {"stat_t": "pump/sensor/flow/state", "unit_of_meas": "l/min", "dev": {"ids": "aabbcc", "name": "Pump"}}
    ingest(batch(connection, announce("flow", **config), message("pump/sensor/flow/state", b"2.5")))
    assert units() == {"pump flow": "l/min"}
    assert list(Datalogger.objects.values_list("serial", "metadata__name")) == [("pump", "Pump")]


@pytest.mark.django_db(transaction=True)
def test_what_stands_beside_an_announced_value_is_kept_too(connection: MqttConnection) -> None:
    config = {
        "state_topic": "x/y",
        "value_template": "{{ value_json.a }}",
        "unit_of_measurement": "Pa",
        "device": {"ids": 7},
    }
    ingest(batch(connection, announce("a", **config), message("x/y", b'{"a": 1, "b": 2}')))
    assert units() == {"7 a": "Pa", "7 b": ""}


@pytest.mark.django_db(transaction=True)
def test_a_scaled_value_is_stored_in_the_announced_unit(connection: MqttConnection) -> None:
    config = {"stat_t": "x/s", "val_tpl": "{{ value | float / 60 }}", "unit_of_meas": "min", "dev": {"ids": "d"}}
    ingest(batch(connection, announce("up", **config), message("x/s", b"120")))
    assert Sensor.objects.values_list("key", "unit", "latest_values").get() == ("up", "min", [2.0])


@pytest.mark.django_db(transaction=True)
def test_availability_is_told_in_the_announced_words_to_all_who_share_the_topic(connection: MqttConnection) -> None:
    about = {"avty_t": "hub/alive", "pl_avail": "yes", "pl_not_avail": "no"}
    both = [announce(name, stat_t=f"hub/{name}", dev={"ids": name}, **about) for name in ("a", "b")]
    ingest(batch(connection, *both, message("hub/alive", b"no")))
    assert dict(Datalogger.objects.values_list("serial", "status")) == {"a": "offline", "b": "offline"}
    ingest(batch(connection, message("hub/alive", b"yes")))
    assert set(Datalogger.objects.values_list("status", flat=True)) == {"online"}


@pytest.mark.django_db(transaction=True)
def test_words_that_were_written_as_numbers_are_words(connection: MqttConnection) -> None:
    about = {"ids": [["serial", 4711]], "sw": 1.2, "mdl": 7}
    config = announce("a", stat_t="hub/a", avty_t="hub/up", pl_avail=1, pl_not_avail=0, dev=about, uniq_id=9)
    ingest(batch(connection, config, message("hub/up", b"0")))
    assert Datalogger.objects.values_list("serial", "firmware", "status").get() == ("4711", "1.2", "offline")
    ingest(batch(connection, message("hub/up", b"1")))
    assert Datalogger.objects.get().status == "online"


@pytest.mark.django_db(transaction=True)
def test_the_further_topics_of_an_entity_are_its_devices(connection: MqttConnection) -> None:
    thermostat = {
        "curr_temp_t": "~/room", "curr_temp_tpl": "{{ value_json.now }}", "temp_stat_t": "~/wanted", "temp_unit": "C",
        "pos_t": "~/valve", "json_attr_t": "~/about", "~": "hall", "dev": {"ids": "T1"},
    }  # fmt: skip
    said = {
        "room": b'{"now": 20.5}',
        "wanted": b"21.5",
        "valve": b"40",
        "about": b'{"voltage": 2.9, "since": 1772439330}',
    }
    ingest(batch(connection, announce("hall", **thermostat), *(message(f"hall/{key}", it) for key, it in said.items())))
    assert units() == {"T1 now": "°C", "T1 hall.temperature": "°C", "T1 hall.position": "", "T1 voltage": "V"}


@pytest.mark.django_db(transaction=True)
def test_a_light_that_speaks_json_is_read_whole(connection: MqttConnection) -> None:
    config = {"schema": "json", "state_topic": "strip", "device": {"identifiers": ["L1"]}}
    light = b'{"state": "ON", "brightness": 120, "color": {"r": 255}}'
    ingest(batch(connection, announce("strip", **config), message("strip", light)))
    assert units() == {"L1 brightness": "", "L1 color.r": ""}
    assert Datalogger.objects.get(serial="L1").metadata["state"] == "ON"


@pytest.mark.django_db(transaction=True)
def test_a_unit_on_a_topic_of_its_own_is_that_of_the_state_beside_it(connection: MqttConnection) -> None:
    told = message("statestream/sensor/porch/unit_of_measurement", '"°C"'.encode())
    control = "/devices/meter/controls/Urms L1"
    others = message(f"{control}/meta/units", b"V"), message(control, b"231.5")
    ingest(batch(connection, told, message("statestream/sensor/porch/state", b"21.4"), *others))
    assert units() == {"statestream porch": "°C", "meter Urms L1": "V"}
