"""A mapping reads messages as its definition says, names what it cannot read, and costs no more than its budget."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from pydantic import ValidationError

from mqtt_app.parsers.base import ParseError
from mqtt_app.parsers.definition import Definition
from mqtt_app.parsers.mapping import MappingParser
from sites.reports import Report
from tests.fieldwork import SITE, envelope

TOPIC = "dam_north/weather/roof/state"


def definition(**changes: Any) -> dict[str, Any]:
    said = {
        "template": "{site}/weather/{place}/state",
        "device": "station-{place}",
        "sensors": [{"key": "wind", "value": "wind", "unit": "m/s"}],
    }
    return said | changes


def read(payload: object, topic: str = TOPIC, **changes: Any) -> Report:
    parser = MappingParser("weather", Definition.model_validate(definition(**changes)))
    return parser.parse(envelope(topic, payload), SITE)


def values(report: Report) -> dict[str, tuple[float, ...]]:
    return {f"{one.serial}.{sensor.key}": sensor.values for one in report.dataloggers for sensor in one.sensors}


def test_the_example_of_the_docs_reads_its_message() -> None:
    page = (settings.BASE_DIR / "docs/parsers.md").read_text()
    found = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    said = re.search(r'`(\{"id": "W1", "at": \d+,\s+"sky".*?\]\})` on `(.*?)` is read by', page, re.DOTALL)
    assert found
    assert said
    parser = MappingParser("weather", Definition.model_validate_json(found[1]))
    report = parser.parse(envelope(said[2], said[1].replace("\n", " ").encode()), SITE)
    [station] = report.dataloggers
    assert (station.serial, station.gateway, station.kind) == ("W1", "weather-roof", "weather")
    assert [(one.key, one.values, one.unit) for one in station.sensors] == [
        ("wind", (pytest.approx(12.6),), "km/h"),
        ("gust", (pytest.approx(25.2),), "km/h"),
    ]
    assert station.sensors[0].time == datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("payload", "sensor", "expected"),
    [
        ({"wind": 2}, {"scale": 2.0, "offset": -1.0}, (3.0,)),
        ({"wind": "on"}, {"enumeration": {"on": 1, "off": 0}}, (1.0,)),
        ({"wind": False}, {"enumeration": {"true": 1, "false": 0}}, (0.0,)),
        ({"wind": [1, 2, 3]}, {"components": ["x", "y", "z"]}, (1.0, 2.0, 3.0)),
        ({"a": [{"v": 1}, {"v": 5}]}, {"value": "max(a[].v)"}, (5.0,)),
    ],
)
def test_values_are_scaled_enumerated_and_found_by_expressions(payload: Any, sensor: Any, expected: Any) -> None:
    report = read(payload, sensors=[{"key": "wind", "value": "wind", **sensor}])
    assert values(report) == {"station-roof.wind": expected}
    assert not report.problems


def test_each_item_of_a_list_is_a_device() -> None:
    report = read({"all": [{"id": "a", "wind": 1}, {"id": 7, "wind": 2}]}, each="all", device="", device_from="id")
    assert values(report) == {"a.wind": (1.0,), "7.wind": (2.0,)}


def test_what_is_left_out_is_no_mistake_and_what_is_no_number_is_one_with_its_place() -> None:
    sensors = [{"key": "wind", "value": "wind"}, {"each": "sky", "key_from": "what", "value": "speed"}]
    report = read({"wind": 1, "sky": [{"what": "gust", "speed": "x"}, {"what": "calm"}]}, sensors=sensors)
    assert values(report) == {"station-roof.wind": (1.0,)}
    assert [(one.path, one.reason.split(":")[0]) for one in report.problems] == [("sky[0].speed", "schema")]
    assert not read({}).dataloggers[0].alive


@pytest.mark.parametrize(
    ("payload", "changes", "reason"),
    [
        (b"{", {}, "json_invalid"),
        (b"\xff", {"format": "text"}, "not_utf8"),
        ({"wind": "x"}, {}, "schema"),
        ({"wind": 1e308}, {"sensors": [{"key": "w", "value": "wind", "scale": 100}]}, "number_range"),
        ({"wind": 1, "t": "soon"}, {"time": "t"}, "bad_ts"),
        ({"wind": 1, "n": ""}, {"device": "", "device_from": "n"}, "bad_identifier"),
        ({"wind": 1}, {"device": "", "device_from": "nobody"}, "bad_identifier"),
    ],
)
def test_a_message_of_which_nothing_can_be_read_fails_with_a_reason(payload: Any, changes: Any, reason: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(payload, **changes)
    assert refused.value.reason == reason


def test_a_message_that_is_one_number_is_read_as_text() -> None:
    report = read(b" 21.5\n", format="text", sensors=[{"key": "{place}", "value": "@"}])
    assert values(report) == {"station-roof.roof": (21.5,)}


@pytest.mark.parametrize(
    "changes",
    [
        {"template": "{a}/{a}"},
        {"template": "{a}/{b}"},
        {"template": "a/#/{b}"},
        {"template": "a/+/b"},
        {"device": "{nobody}"},
        {"device": "x", "device_from": "y"},
        {"sensors": []},
        {"sensors": [{"key": "a", "value": "[?"}]},
        {"sensors": [{"key": "a", "value": "join('', a)"}]},
        {"sensors": [{"key": "a", "value": "nothing(a)"}]},
        {"sensors": [{"key": "a", "value": "!" * 300 + "a"}]},
        {"sensors": [{"key": "a", "value": ".".join("a" * 100)}]},
        {"sensors": [{"key": "a", "value": "a", "scale": float("nan")}]},
        {"sensors": [{"key": "a", "value": "a", "code": "import os"}]},
    ],
)
def test_a_definition_that_cannot_be_is_refused(changes: Any) -> None:
    with pytest.raises(ValidationError):
        Definition.model_validate(definition(**changes))


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(["[@,@][]"] * 10),
        "|".join(["[].[@,@][]"] * 8),
        "|".join(["sort([@,@][])"] * 6),
        "map(&[@,@,@,@],@)[]|map(&[@,@,@,@],@)[]|map(&[@,@,@,@],@)[]|map(&[@,@,@,@],@)[]",
    ],
)
def test_an_expression_that_would_take_for_ever_is_ended_within_a_second(expression: str) -> None:
    payload = json.dumps(list(range(19_000))).encode()
    begun = time.process_time()
    with pytest.raises(ParseError) as refused:
        read(payload, sensors=[{"key": "a", "value": f"length({expression})"}])
    assert refused.value.reason in ("too_large", "schema")
    assert time.process_time() - begun < 1.0
