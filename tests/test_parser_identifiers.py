"""Identifiers are any printable text, in one Unicode form, and bound in length."""

import pytest

from mqtt_app.parsers.base import ParseError
from tests.fieldwork import GATEWAY, parse


@pytest.mark.parametrize("serial", ["MNA 01/ß", "傾斜計-7", "a" * 128, "<b>", "🌊", "👩‍🔬", "x'; --"])
def test_any_printable_text_names_a_device(serial: str) -> None:
    assert parse(GATEWAY, {"serial_number": serial}).gateways[0].serial == serial


def test_two_unicode_forms_of_one_name_are_one_device() -> None:
    assert parse(GATEWAY, {"serial_number": "caffe\u0301"}).gateways[0].serial == "caff\u00e9"


@pytest.mark.parametrize(
    "serial",
    ["", "   ", "\u00a0", "a" * 129, "a" * 10_000, "a\nb", "a\x1b[31m", "a\u202eb", "\u2066a", "a\u2028b", "a\x7f"],
    ids=ascii,
)
def test_an_empty_long_or_deceptive_name_is_refused(serial: str) -> None:
    with pytest.raises(ParseError) as refusal:
        parse(GATEWAY, {"serial_number": serial})
    assert refusal.value.reason == "bad_identifier"


@pytest.mark.parametrize(
    "topic", ["dam\u202e/gateway/1/status", "d" * 400 + "/gateway/1/status", "a\n/gateway/1/status"]
)
def test_a_topic_that_stands_in_for_a_serial_is_held_to_the_same_rule(topic: str) -> None:
    with pytest.raises(ParseError) as refusal:
        parse(topic, {})
    assert refusal.value.reason == "bad_identifier"


def test_a_serial_is_a_text_and_no_number() -> None:
    with pytest.raises(ParseError, match="schema: serial_number"):
        parse(GATEWAY, {"serial_number": 12345})
