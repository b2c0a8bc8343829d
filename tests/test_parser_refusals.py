"""Every way in which a message cannot be read has one stable reason code, whatever parser reads it."""

import gzip
import json

import pytest

from mqtt_app.parsers.base import Ignored, ParseError, Reason
from tests.fieldwork import GATEWAY, TELEMETRY, parse, telemetry

NOT_A_DOCUMENT = [
    pytest.param(b"", "empty_payload", id="nothing at all"),
    pytest.param(b"null", "schema_top_level", id="null"),
    pytest.param(b"[]", "schema_top_level", id="an array"),
    pytest.param(b'"text"', "schema_top_level", id="a text"),
    pytest.param(b"42", "schema_top_level", id="a number"),
    pytest.param(b'{"a":1', "json_invalid", id="cut off"),
    pytest.param(b"{'a': 1}", "json_invalid", id="single quotes"),
    pytest.param(b'{"a": 1,}', "json_invalid", id="a trailing comma"),
    pytest.param(b'{"a": 1} // note', "json_invalid", id="a comment"),
    pytest.param(b'{"a": 0x1F}', "json_invalid", id="a hexadecimal number"),
    pytest.param(b'{"a": 007}', "json_invalid", id="leading zeros"),
    pytest.param(b'{"a": 1}{"a": 2}', "json_invalid", id="two documents run together"),
    pytest.param(b"\xef\xbb\xbf{}", "json_invalid", id="a byte order mark"),
    pytest.param(b'{"a": "\\ud800"}', "json_invalid", id="a lone surrogate"),
    pytest.param(b"   ", "json_invalid", id="only blanks"),
    pytest.param(b'{"a": "perch\xe8"}', "not_utf8", id="Latin-1"),
    pytest.param(gzip.compress(b"{}"), "not_utf8", id="gzip"),
    pytest.param(b'{"a": "\\u0000"}', "nul_char", id="an escaped NUL in a value"),
    pytest.param(b'{"\\u0000": 1}', "nul_char", id="an escaped NUL in a key"),
    pytest.param(b'{"a": "\\\\\\u0000"}', "nul_char", id="an escaped NUL after a backslash"),
    pytest.param(b'{"a": "\x00"}', "nul_char", id="a raw NUL"),
    pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "number_range", id="an integer of 5000 digits"),
    pytest.param(b'{"a": ' + b"[" * 100_000, "too_deep", id="100 000 levels"),
    pytest.param(b'{"a": "' + b"x" * 10_000_000 + b'"}', "too_large", id="a text of 10 MB"),
]


@pytest.mark.parametrize("topic", [TELEMETRY, GATEWAY, "dam_north/backend/status"])
@pytest.mark.parametrize(("payload", "reason"), NOT_A_DOCUMENT)
def test_bytes_that_are_no_document_are_refused_with_their_reason(topic: str, payload: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refusal:
        parse(topic, payload)
    assert refusal.value.reason == reason
    assert len(str(refusal.value)) < 500


def test_a_cleared_retained_message_is_ignored() -> None:
    with pytest.raises(Ignored, match="retained_clear"):
        parse(TELEMETRY, b"", retain=True)


def test_a_backslash_before_u0000_is_no_nul() -> None:
    parse(GATEWAY, b'{"note": "\\\\u0000"}')


@pytest.mark.parametrize(
    ("payload", "offset"),
    [(b'{"a":1', 6), (b'{\n "a": 1,\n "b": x}', 17), (b"x", 0)],
    ids=["cut off", "on the third line", "at once"],
)
def test_invalid_json_is_told_with_the_byte_where_it_breaks(payload: bytes, offset: int) -> None:
    with pytest.raises(ParseError) as refusal:
        parse(TELEMETRY, payload)
    assert abs(int(refusal.value.detail.rpartition(" ")[2]) - offset) <= 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e131000", "1" * 4000])
def test_a_reading_that_is_no_finite_number_is_out_of_range(number: str) -> None:
    text = json.dumps(telemetry("@")).replace('"@"', f"[{number}]")
    report = parse(TELEMETRY, text.encode())
    assert [(p.path, p.reason.split(":")[0]) for p in report.problems] == [
        ("dataloggers[0].devices[0].data[1].value[0]", "number_range")
    ]
    assert [sensor.key for sensor in report.dataloggers[0].sensors] == ["ch1"]


@pytest.mark.parametrize("value", ["12.5", True, None, {}, [], [[1]], [1, None], [0.0] * 65])
def test_a_value_that_is_no_number_is_no_reading(value: object) -> None:
    report = parse(TELEMETRY, telemetry(value))
    assert [problem.reason.split(":")[0] for problem in report.problems] == ["schema"]
    assert [sensor.key for sensor in report.dataloggers[0].sensors] == ["ch1"]


def test_telemetry_of_which_nothing_can_be_read_fails_whole_and_names_the_place() -> None:
    device = {"serial_number_device": "MAS8AT42", "data": [{"type": "ch1", "value": "12.5"}]}
    with pytest.raises(ParseError) as refusal:
        parse(TELEMETRY, {"dataloggers": [{"devices": [device]}]})
    assert refusal.value.reason == "schema"
    assert refusal.value.detail.startswith("dataloggers[0].devices[0].data[0].value: ")


@pytest.mark.parametrize(
    ("changes", "reason", "place"),
    [
        ({"dataloggers": None}, "schema", "dataloggers"),
        ({"dataloggers": {}}, "schema", "dataloggers"),
        ({"serial_number_gateway": 7}, "schema", "serial_number_gateway"),
        ({"serial_number_gateway": " "}, "bad_identifier", "serial_number_gateway"),
        ({"timestamp": "yesterday"}, "bad_ts", "timestamp"),
    ],
)
def test_a_bad_envelope_fails_whole(changes: dict[str, object], reason: str, place: str) -> None:
    with pytest.raises(ParseError) as refusal:
        parse(TELEMETRY, telemetry(**changes))
    assert (refusal.value.reason, refusal.value.detail.split(":")[0]) == (reason, place)


def test_a_missing_envelope_key_is_named() -> None:
    with pytest.raises(ParseError, match="schema: dataloggers: Field required"):
        parse(TELEMETRY, {"timestamp": "2026-03-02T08:15:30Z"})


@pytest.mark.parametrize("interval", [0, -5, "5", 1e9])
def test_a_nonsensical_interval_is_left_out_and_the_readings_are_kept(interval: object) -> None:
    report = parse(TELEMETRY, telemetry([2.0], message_interval_seconds=interval))
    assert [problem.path for problem in report.problems] == ["message_interval_seconds"]
    assert report.gateways[0].interval is None
    assert len(report.dataloggers[0].sensors) == 2


def test_many_problems_are_counted_beyond_the_first_fifty() -> None:
    data = [{"type": "ch1", "value": 1}, *({"type": "ch2"} for _ in range(60))]
    report = parse(TELEMETRY, telemetry(dataloggers=[{"devices": [{"serial_number_device": "A", "data": data}]}]))
    assert len(report.problems) == 51
    assert report.problems[-1].reason == "schema: 10 more parts"
    assert len(report.dataloggers[0].sensors) == 1


def test_what_was_sent_stays_out_of_the_words_of_a_refusal() -> None:
    report = parse(TELEMETRY, telemetry("hunter2"))
    assert "hunter2" not in str(report.problems)
    with pytest.raises(ParseError) as refusal:
        parse(TELEMETRY, telemetry(timestamp="hunter2-hunter2-hunter2"))
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'"a": 1}', Reason.JSON_INVALID),
        (b'"{"a": 1}"', Reason.JSON_INVALID),
        (b'\x00\x07{"a": 1}', Reason.NUL_CHAR),
        (b'\x0c{"a": 1}', Reason.JSON_INVALID),
        (b'\xf4\x02{"a": 1}', Reason.NOT_UTF8),
        (b'{"a": 1}{"a": 2}', Reason.JSON_INVALID),
    ],
)
def test_foreign_json_that_lost_or_gained_bytes_fails_and_is_no_word(payload: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse("plant/line/1", payload)
    assert failure.value.reason == reason


@pytest.mark.parametrize("what", ["read", "write"])
def test_what_neuron_answers_to_a_request_makes_no_device(what: str) -> None:
    with pytest.raises(Ignored):
        parse(f"/neuron/north/{what}/resp", {"uuid": "bca54fe7", "tags": [{"name": "level", "value": 4}]})
