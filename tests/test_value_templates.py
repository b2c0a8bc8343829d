"""Value templates of announcements: the common part of Jinja is read, nothing else runs, and nothing is invented."""

import json
import re
from typing import Any

import pytest

from mqtt_app.ingest import ingest
from mqtt_app.models import MqttConnection, MqttParsingLog, MqttTopic
from mqtt_app.parsers.template_values import Unfit
from mqtt_app.parsers.value_templates import LONGEST, Unreadable, compiled, evaluated
from sites.models import Datalogger, Sensor
from tests.field import batch, connect, message

SAID = {"p": 12.5, "n": "7", "o": 1, "word": "on", "list": [{"v": 2.5}, {"v": 4}], "in": {"side a": 3}, "none": None}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ value_json.p }}", 12.5),
        ("{{ value_json['in']['side a'] }}", 3),
        ("{{ value_json.list[1].v }}", 4),
        ("{{ value_json.list[-1]['v'] }}", 4),
        ("{{ value_json.n | int + 1 }}", 8),
        ("{{ float(value_json.n) / 2 }}", 3.5),
        ("{{ ((value_json.p | float - 32) * 5 / 9) | round(1) }}", -10.8),
        ("{{ value_json.p | multiply(0.1) | round(2) }}", 1.25),
        ("{{ -value_json.p | abs }}", 12.5),
        ("{{ value_json.p // 5 % 3 }}", 2.0),
        ("{{ 2 + 3 * 4 - (1 - 1) }}", 14),
        ("{{ value_json.list | length }}", 2),
        ("{{ max(value_json.p, 20) }}", 20),
        ("{{ value_json.p | int }}", 12),
        ("{{ '0x1F' | int(0, 16) }}", 31),
        ("{{ value.split(';')[1] | float }}", 2.5),
        ("{{ value | replace('a;', '') | trim }}", "2.5"),
        ("{{ {0: 'off', 1: 'on'}[value_json.o] }}", "on"),
        ("{{ 'ON' if value_json.o == 1 else 'OFF' }}", "ON"),
        ("{{ 'yes' if value_json.o in [1, 2] and not value_json.gone else 'no' }}", "yes"),
        ("{{ iif(value_json.p > 10, 'high', 'low') }}", "high"),
        ("{% if value_json.p is defined %}{{ value_json.p }}{% else %}0{% endif %}", 12.5),
        ("{% if value_json.gone is defined %}1{% elif value_json.word == 'on' %}{{ 2 }}{% endif %}", 2),
        ("{%- set twice = value_json.p * 2 -%}{{- twice + 1 -}}", 26.0),
        ("{{ value_json.p }} of {{ value_json.o }}{# said #}", "12.5 of 1"),
        ("{{ value_json.word ~ '-' ~ value_json.o }}", "on-1"),
        ("{{ value_json.word is not string or value_json.o is number }}", True),
    ],
)
def test_a_template_makes_of_a_message_what_jinja_makes_of_it(template: str, value: object) -> None:
    found = evaluated(template, "a;2.5", SAID)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ value_json.gone }}", "{{ value_json.gone * 2 }}", "{{ value_json.gone.deeper | float / 10 }}",
        "{{ value_json.gone | default(0) }}", "{{ value_json.gone | float(0) + 1 }}", "{{ 'unavailable' | float(5) }}",
        "{{ value_json.get('gone', 3) }}", "{{ value_json.none }}", "{{ 5 if value_json.gone }}",
        "{{ value.__class__ }}",
        "{% if value_json.gone is defined %}{{ value_json.gone }}{% else %}0{% endif %}",
        "{% if value_json.gone %}{{ value_json.gone }}{% elif value_json.f %}{{ value_json.f }}{% else %}0{% endif %}",
        "{% set g = value_json.gone %}{{ 0 if g is not defined else g }}", "{{ value_json.gone or 0 }}",
        "{{ value_json.gone if 'gone' in value_json else 0 }}",
        "{{ iif(value_json.gone is defined, value_json.gone, 0) }}",
        "{{ 0 if value_json.none is none else value_json.none }}",
    ],
)  # fmt: skip
def test_what_a_message_does_not_say_is_nothing_whatever_the_templates_default(template: str) -> None:
    assert evaluated(template, "a", SAID) is None


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ 100 if value_json.word == 'on' else 0 }}", 100), ("{{ 1 if value_json.gone else 0 }}", 0),
        ("{{ 0 if value_json.word == 'on' else value_json.gone }}", 0),
        ("{% if value_json.p > 20 %}{{ value_json.p }}{% else %}0{% endif %}", "0"),
        ("{{ value_json.p if value_json.gone is defined else 0 }}", 0), ("{{ value_json.o - 1 or 5 }}", 5),
        ("{{ value_json.p | iif }}", True),
    ],
)  # fmt: skip
def test_a_constant_that_the_message_decided_for_is_no_default(template: str, value: object) -> None:
    assert evaluated(template, "a", SAID) == value


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ states('sensor.x') }}", "states"), ("{{ now() }}", "now"), ("{{ 2 ** 9 }}", "pow"), ("{{ x }}", "x"),
        ("{% for a in value_json.list %}{% endfor %}", "for"), ("{% include 'a' %}", "include"),
        ("{{ value | regex_replace('a', 'b') }}", "regex_replace"), ("{{ value.__class__() }}", "__class__"),
        ("{{ value_json.p", "end of print statement"), ("{% if value %}1", "endif"), ("1{% endif %}", "endif"),
        ("{{ 1 + }}", "unexpected"),
        ("{{ " + "[" * 100 + "1" + "]" * 100 + " }}", "levels"), ("{{ [" + "1," * 900 + "] }}", "words"),
        ("{{ " + "1+" * 900 + "1 }}", "levels"), ("{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "levels"),
        ("{{ value }}" * LONGEST, "longer"), ("{{ 'a }}", "unexpected char"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused_by_name(template: str, words: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(words)):
        compiled(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 999999999 }}", "{{ value_json.p / 0 }}", "{{ value | replace('', 'long' ) }}",
        "{{ 'on' | float }}", "{{ value_json.word + 1 }}", "{{ 3 | round(999999999) }}",
        "{{ 3 | round(0, 1, 2, 3, 4) }}",
        "{{ value_json.list | sum }}", "{{ 1 in 2 }}", "{{ {value_json.list: 1} }}", "{{ 5 | first }}",
        "{% set a = 99999999999999999999 %}" + "{% set a = a * a %}" * 40 + "{{ a }}",
        "{% set a = 'aaaaaaaaaaaaaaaa' %}" + "{% set a = a ~ a ~ a ~ a %}" * 40 + "{{ a }}",
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_or_would_cost_much_fails_with_words(template: str) -> None:
    with pytest.raises(Unfit, match=r"\w"):
        evaluated(template, "a", SAID)


@pytest.fixture
def connection() -> MqttConnection:
    made = connect()
    MqttTopic.objects.create(mqtt_connection=made, topic_pattern="#")
    return made


def announce(name: str, **config: Any) -> Any:
    about = {"state_topic": f"hub/{name}", "device": {"identifiers": ["hub"]}, "name": name} | config
    return message(f"homeassistant/sensor/{name}/config", json.dumps(about).encode(), retain=True)


@pytest.mark.django_db(transaction=True)
def test_an_announced_template_is_evaluated_on_the_messages_of_its_topic(connection: MqttConnection) -> None:
    template = "{% if value_json.f is defined %}{{ ((value_json.f - 32) * 5 / 9) | round(1) }}{% endif %}"
    config = announce("outside", value_template=template, unit_of_measurement="°C")
    ingest(batch(connection, config, message("hub/outside", b'{"f": 50}')))
    assert Sensor.objects.values_list("key", "unit", "latest_values").get() == ("outside", "°C", [10.0])
    ingest(batch(connection, message("hub/outside", b'{"g": 1}')))
    assert Sensor.objects.get().latest_values == [10.0]


@pytest.mark.django_db(transaction=True)
def test_an_availability_template_says_whether_a_device_is_there(connection: MqttConnection) -> None:
    template = "{{ 'online' if value_json.linked else 'offline' }}"
    config = announce("x", availability_topic="hub/link", availability_template=template)
    ingest(batch(connection, config, message("hub/link", b'{"linked": true}')))
    assert Datalogger.objects.get().status == "online"
    ingest(batch(connection, message("hub/link", b'{"linked": false}')))
    assert Datalogger.objects.get().status == "offline"


@pytest.mark.django_db(transaction=True)
def test_a_template_that_is_not_read_is_named_and_stores_nothing(connection: MqttConnection) -> None:
    ingest(batch(connection, announce("x", value_template="{{ states('a') }}"), message("hub/x", b"5")))
    assert "x.value_template: unknown_form: “states” is not read" in MqttParsingLog.objects.get().error_message
    assert not Sensor.objects.exists()
