"""Whose value a plain topic carries: as a person said, else as known senders have it, else by its first level."""

import pytest
from django.core.exceptions import ValidationError

from mqtt_app.ingest import ingest
from mqtt_app.models import MqttTopic
from mqtt_app.parsers import registry
from mqtt_app.parsers.placing import place
from mqtt_app.topics import validate_template
from sites.models import Role, Sensor
from tests import rows
from tests.field import batch, connect, message


@pytest.mark.parametrize(
    ("topic", "template", "device", "sensor"),
    [
        ("deye/dc/pv1/current", "", "deye", "dc/pv1/current"),
        ("home/cellar/moisture", "", "cellar", "moisture"),
        ("inverter1/status/ac_voltage/value", "", "inverter1", "ac_voltage"),
        ("lamp/voltage/get", "", "lamp", "voltage"),
        ("/envelope/a", "", "envelope", "a"),
        ("plant/a/b/out/flow", "plant/{device+}/out/{sensor}", "a/b", "flow"),
        ("plant/a/b/out/flow", "{_}/{device}/{sensor+}", "a", "b/out/flow"),
        ("elsewhere/x", "plant/{device}/{sensor}", "elsewhere", "x"),
    ],
)
def test_a_topic_has_its_place(topic: str, template: str, device: str, sensor: str) -> None:
    assert place(topic, template)[:2] == (device, sensor)


@pytest.mark.parametrize(
    "template", ["", "{sensor}", "{device", "+/{device}", "{device}/#", "{device}/{device}", "{_+}/{_+}/{_+}/{device+}"]
)
def test_a_template_that_cannot_work_is_refused(template: str) -> None:
    with pytest.raises(ValidationError):
        validate_template(template)


@pytest.mark.django_db(transaction=True)
def test_a_topics_template_places_its_values() -> None:
    connection = connect()
    client = rows.browser(rows.person("ada", Role.OPERATOR, connection.site))
    body = {"connection": connection.pk, "topic_pattern": "site_001/bus/#", "template": "bus/{_}/{device}/{sensor}"}
    made = client.post("/api/v1/topics/", body, content_type="application/json")
    assert (made.status_code, made.json()["template"]) == (201, body["template"])
    wrong = client.post("/api/v1/topics/", body | {"template": "{sensor}"}, content_type="application/json")
    assert wrong.status_code == 422
    ingest(batch(connection, message("site_001/bus/3/pump/flow", b"2.5")))
    assert Sensor.objects.values_list("datalogger__serial", "key").get() == ("pump", "flow")


@pytest.mark.django_db(transaction=True)
def test_a_family_is_known_behind_the_sites_own_name() -> None:
    connection = connect()
    ingest(batch(connection, message("site_001/tele/shed/SENSOR", b'{"AM2301": {"Humidity": 40}}')))
    assert Sensor.objects.values_list("datalogger__serial", "key").get() == ("shed", "AM2301.Humidity")


@pytest.mark.django_db(transaction=True)
def test_a_unit_with_a_topic_of_its_own_is_learned() -> None:
    connection = connect()
    MqttTopic.objects.create(mqtt_connection=connection, topic_pattern="#")
    ingest(batch(connection, message("inv/status/load/unit", b"kW"), message("inv/status/load/value", b"2.5")))
    assert Sensor.objects.get().unit == "kW"


def test_an_unknown_topic_is_read_by_the_form_of_its_payload() -> None:
    found = [registry.find("a/b", payload) for payload in (b"1", b"{}", b"cpu,host=a load=1", b"\0")]
    assert [parser and parser.name for parser in found] == ["plain_value", "generic_json", "influx_line", None]
    assert registry.find("a/b") is None


@pytest.mark.parametrize(
    ("first", "second"), [("kitchen/SENSOR", "zigbee2mqtt/kitchen"), ("a/b", "c/b")], ids=["families", "levels"]
)
def test_two_senders_do_not_collide(first: str, second: str) -> None:
    assert place(first).device != place(second).device
