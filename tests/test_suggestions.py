"""A suggested mapping has short names that are told apart, units where a name or the message tells them, and no ids."""

from typing import Any

import pytest

from mqtt_app.exploring import suggestions
from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.mapping import MappingParser
from tests.fieldwork import RECEIVED, SITE, in_words


def keys(*samples: Any) -> dict[str, str]:
    found = suggestions.suggest("{site}/{device}/state", samples)
    return {one.key: one.unit for one in found.sensors}


def read(template: str, topic: str, payload: bytes, sample: Any) -> list[str]:
    parser = MappingParser("suggested", suggestions.suggest(template, [sample]))
    return in_words(parser.parse(Envelope(topic, payload, False, RECEIVED), Context(SITE.site_slug, SITE.timezone)))


def test_a_name_is_the_last_part_that_means_something() -> None:
    assert keys({"data": {"inverter": {"values": {"temperature_c": 40, "total_kWh": 12.5}}}}) == {
        "temperature_c": "°C",
        "total_kWh": "kWh",
    }


def test_parts_before_it_tell_two_of_one_name_apart() -> None:
    sample = {"pv1": {"voltage": 30.5}, "pv2": {"voltage": 31}, "grid": {"frequency": 50}}
    assert keys(sample) == {"pv1.voltage": "V", "pv2.voltage": "V", "frequency": "Hz"}


def test_a_unit_stands_in_brackets_or_behind_a_name() -> None:
    sample = {"Flow [l/min]": 3, "Level (m)": 2.5, "temp °C": 21.5, "speed km/h": 7, "kWh": 9, "count of pulses": 3}
    assert keys(sample) == {
        "Flow [l/min]": "l/min",
        "Level (m)": "m",
        "temp °C": "°C",
        "speed km/h": "km/h",
        "kWh": "kWh",
        "count of pulses": "",
    }


def test_ids_times_and_codes_are_not_suggested() -> None:
    assert keys({"id": 7, "ts": 1772439330, "error_code": 3, "fw_version": 12, "level": 1.5}) == {"level": ""}


def test_a_unit_beside_a_value_is_read_from_each_message() -> None:
    sample = {"Body": {"PAC": {"Unit": "W", "Value": 1450}}}
    assert read(
        "{site}/{device}/state", "dam_north/roof/state", b'{"Body": {"PAC": {"Unit": "kW", "Value": 2}}}', sample
    ) == [
        "datalogger roof alive",
        "roof PAC value=2.0 kW good at reception",
    ]


def test_a_list_whose_entries_name_themselves_is_one_suggestion() -> None:
    sample = {"sensors": [{"name": "inflow", "value": 1.5, "unit": "l/s"}, {"name": "level", "value": 2}]}
    payload = b'{"sensors": [{"name": "outflow", "value": 3, "unit": "l/s"}]}'
    assert read("{site}/{device}/state", "dam_north/weir/state", payload, sample) == [
        "datalogger weir alive",
        "weir outflow value=3.0 l/s good at reception",
    ]


@pytest.mark.parametrize(
    ("template", "key", "unit"),
    [
        ("{site}/{device}/battery_voltage", "battery_voltage", "V"),
        ("{site}/{device}/energy_kwh/state", "energy_kwh", "kWh"),
        ("{site}/{device}/{sensor}/value", "{sensor}", ""),
    ],
)
def test_of_a_plain_topic_the_last_level_that_means_something_is_the_name(template: str, key: str, unit: str) -> None:
    assert keys_of_plain(template) == {key: unit}


def keys_of_plain(template: str) -> dict[str, str]:
    return {one.key: one.unit for one in suggestions.suggest(template, ["12.5"]).sensors}
