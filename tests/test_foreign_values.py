"""Numbers, words, times and units as foreign devices write them: what is none of them is never made one."""

from zoneinfo import ZoneInfo

import pytest

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import ParseError
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_name, of_quantity, spelled
from tests.fieldwork import envelope, parse

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("21.5", 21.5), (" 25.000 ", 25.0), ("-0.0", 0.0), ("1e3", 1000.0), ("+5", 5.0), (".5", 0.5), ("0", 0.0),
        ("01234567", None), ("00FF00", None), ("0x1F", None), ("nan", None), ("inf", None), ("1e999", None), ("", None),
        ("12,5", None), ("12.5 W", None), ("true", None), ("1234567890123456789", None), ("2026-03-02", None),
        ("١٢", None), ("1_000", None),
    ],
)  # fmt: skip
def test_a_text_is_a_number_only_as_a_whole_and_in_plain_digits(text: str, value: float | None) -> None:
    assert texts.number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("21,5", 21.5), ("-0,345", -0.345), ("1.234,56", 1234.56), ("1,234.5", 1234.5), ("21.5", 21.5),
        ("3,14159", 3.14159),
        ("12,345", None), ("1,2,3", None), ("01,5", None), (",5", None), ("5,", None), ("1.23,4", None),
        ("12,34.5", None),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_read_where_it_cannot_be_one_between_thousands(text: str, value: float | None) -> None:
    assert texts.localised(text) == value


@pytest.mark.parametrize(
    ("claimed", "time"),
    [
        (1_772_439_330, "2026-03-02T08:15:30+00:00"),
        (1_772_439_330.5, "2026-03-02T08:15:30.500000+00:00"),
        ("1772439330", "2026-03-02T08:15:30+00:00"),
        (1_772_439_330_500, "2026-03-02T08:15:30.500000+00:00"),
        (1_772_439_330_500_000, "2026-03-02T08:15:30.500000+00:00"),
        (1_772_439_330_500_000_000, "2026-03-02T08:15:30.500000+00:00"),
        ("2026-03-02T09:15:30", "2026-03-02T08:15:30+00:00"),
        ("2026-03-02 09:15:30", "2026-03-02T08:15:30+00:00"),
        ("2026-03-02T09:15:30+0100", "2026-03-02T08:15:30+00:00"),
        ("2026-03-02T08:15:30.123456789Z", "2026-03-02T08:15:30.123456+00:00"),
        ("2026.03.02 09:15:30", "2026-03-02T08:15:30+00:00"),
        ("22/03/2026 09:15:30", "2026-03-22T08:15:30+00:00"),
        ("02/03/2026 09:15:30", None),  # of March or of February: nobody knows
        (1_321_890, None),  # an uptime
        ("1321890", None),
        (True, None),
        ("2026-03-02", None),
        ("T09:15", None),
        ("0001-01-01T00:00:00", None),
        (float("nan"), None),
        (1e300, None),
    ],
)
def test_a_time_is_read_in_every_precision_and_an_uptime_is_none(claimed: object, time: str | None) -> None:
    found = moment(claimed, ROME)
    assert (found and found.isoformat()) == time


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("total_kwh", "kWh"), ("temperature_C", "°C"), ("flow_temperature_c", "°C"), ("basic", ""), ("acc_c", ""),
        ("wind_avg_km_h", "km/h"), ("total_m3", "m³"), ("power_mw", ""), ("a_counter", ""), ("percent", "%"),
    ],
)  # fmt: skip
def test_the_end_of_a_key_tells_a_unit_where_it_is_one(name: str, unit: str) -> None:
    assert of_name(name) == unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("ac_output_voltage", "V"), ("PV1InputPower", "W"), ("apparent_power", "VA"), ("power_factor", ""),
        ("power_mw", ""), ("batterySoc", "%"), ("status", ""), ("energy", ""), ("x" * 100_000, ""),
    ],
)  # fmt: skip
def test_a_quantity_has_the_unit_that_nearly_everyone_gives_it(name: str, unit: str) -> None:
    assert of_quantity(name) == unit


def test_spellings_of_one_unit_are_one() -> None:
    assert [spelled(word) for word in ("C", "celsius", "°C", "mmHg", "M", "")] == ["°C", "°C", "°C", "mmHg", "M", ""]


@pytest.mark.parametrize(
    ("name", "value", "measured"),
    [
        ("id", 5, False), ("meterId", 5, False), ("error_code", 5, False), ("serialNumber", 5, False),
        ("update_time", 1_772_439_330, False), ("on_time", 3_600, True), ("errorCount", 5, True), ("identity", 1, True),
        ("fw_version", 2, False), ("power", 5, True),
    ],
)  # fmt: skip
def test_ids_times_versions_and_errors_measure_nothing(name: str, value: float, measured: bool) -> None:
    assert measures(name, value) is measured


@pytest.mark.parametrize(
    ("payload", "document"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"unit": "\xb0C"}', {"unit": "°C"}),
        (b'{"a": nan, "b": [inf, -Infinity], "c": 1}', {"a": None, "b": [None, None], "c": 1}),
    ],
)
def test_known_slips_of_json_are_forgiven(payload: bytes, document: object) -> None:
    assert texts.document(envelope("a/b", payload)) == document


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"a": 1,}', "json_invalid"),
        (b'{"a":, "b": 1}', "json_invalid"),
        (b'{"a": 1}\x00{"a": 2}', "nul_char"),
        (b'{"a": "\xff\x01"}', "not_utf8"),
        (b'{"a": 1}{"a": 2}', "json_invalid"),
    ],
)
def test_what_cannot_surely_be_mended_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refusal:
        texts.document(envelope("a/b", payload))
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "topic", ["plant/pump/set", "plant/cmd/pump", "plant/rpc", "zigbee2mqtt/x/get", "cmnd/x/POWER"]
)
@pytest.mark.parametrize("payload", [b"1", b'{"power": 1}'])
def test_a_request_is_no_telemetry(topic: str, payload: bytes) -> None:
    with pytest.raises(Exception, match=r"command|nothing is said"):
        parse(topic, payload)


def test_minus_127_degrees_is_a_sensor_that_does_not_answer() -> None:
    report = parse("tele/shed/SENSOR", {"DS18B20": {"Temperature": -127.0, "Humidity": 40}})
    assert [sensor.key for sensor in report.dataloggers[0].sensors] == ["DS18B20.Humidity"]
    assert [problem.path for problem in report.problems] == ["DS18B20.Temperature"]


def test_more_readings_than_are_kept_are_counted_as_a_problem() -> None:
    report = parse("plant/all", {f"k{number}": number for number in range(1_500)})
    assert len(report.dataloggers[0].sensors) == 1_000
    assert "more than 1000 readings" in report.problems[0].reason
