"""Retrying: for ever, ever more rarely, and visibly."""

from collections import Counter

import pytest

from mqtt_app.listening.broker import BrokerLink, Callbacks
from mqtt_app.listening.holding import Holding, retry_delay
from mqtt_app.messages import Link
from mqtt_app.wire.refusals import Refused, TakenOver
from mqtt_app.wire.wish import Wish

WISH = Wish(1, 1, "broker.example", 1883, "fl-1", "5", cover={"a/#": 1, "b": 1})


def holding() -> Holding:
    return Holding.of(WISH, 0.0)


def test_the_delay_doubles_from_one_second_to_thirty() -> None:
    assert [retry_delay(attempt, 1.0) for attempt in (1, 2, 3, 4, 5, 6, 1_000)] == [1, 2, 4, 8, 16, 30, 30]
    assert retry_delay(1, 0.0) == 0.5


def test_every_failure_is_reported_with_its_count_reason_and_next_attempt() -> None:
    one = holding()
    for now in (10.0, 20.0):
        one.failed(now, ConnectionRefusedError(), "Nothing listens there.")
    assert (one.report.status, one.report.retry_count, one.report.last_error) == (
        "connecting",
        2,
        "Nothing listens there.",
    )
    assert one.report.next_retry == one.due
    assert 21.0 <= one.due <= 22.0
    assert [entry.retry_attempt for entry in one.entries] == [1, 2]


@pytest.mark.parametrize("code", [0x86, 0x87])
def test_refused_credentials_wait_a_minute(code: int) -> None:
    one = holding()
    one.failed(10.0, Refused(code, "Bad user name or password"), "Refused.")
    assert (one.report.status, one.due) == ("error", 70.0)


def test_another_client_with_our_id_is_met_with_patience_the_second_time_and_told() -> None:
    one = holding()
    one.failed(10.0, TakenOver("taken"), "Taken over.")
    assert one.due <= 11.0
    one.failed(20.0, TakenOver("taken"), "Taken over.")
    assert one.due == 80.0
    assert "used elsewhere" in one.report.last_error


def test_a_connection_that_does_not_last_does_not_start_the_delays_anew() -> None:
    one = holding()
    for now in range(5):
        one.failed(float(now), ConnectionError(), "Lost.")
    one.change(10.0, status="connected", connected_at=10.0)
    one.failed(12.0, ConnectionError(), "Lost.")
    assert one.attempts == 6
    one.change(50.0, status="connected", connected_at=50.0)
    one.failed(90.0, ConnectionError(), "Lost.")
    assert one.attempts == 1


def test_a_refused_filter_is_an_error_that_names_it_and_a_lowered_quality_is_told() -> None:
    one = holding()
    one.granted(1.0, {"a/#": 0, "b": 0x87})
    assert one.report.status == "error"
    assert "b" in one.report.last_error
    assert one.report.subscribed == ["a/#"]
    assert [entry.level for entry in one.entries] == ["ERROR", "ERROR"]


def test_reports_are_numbered_upwards() -> None:
    one = holding()
    numbers = []
    for now in range(3):
        one.change(float(now), last_error=str(now))
        numbers.append(one.report.sequence)
    assert numbers == [2, 3, 4]


def test_a_forgotten_session_is_told_with_its_window() -> None:
    one = holding()
    link = BrokerLink(WISH, Link(1, 1, 2, 0.0), frozenset({"a/#"}), Callbacks(*[lambda *_: None] * 4))  # type: ignore[list-item]
    one.heard_at = 1_772_439_330.0
    one.connected(one.heard_at + 90, False, link)
    (error,) = [entry.message for entry in one.entries if entry.level == "ERROR"]
    assert "published from 2026-03-02 08:15:30 UTC to 2026-03-02 08:17:00 UTC, and older ones" in error


def test_another_broker_that_has_no_session_of_ours_is_no_error() -> None:
    one = holding()
    link = BrokerLink(WISH, Link(1, 1, 2, 0.0), frozenset({"a/#"}), Callbacks(*[lambda *_: None] * 4))  # type: ignore[list-item]
    link.former = "old.example:1883 as fl-1"
    one.connected(10.0, False, link)
    assert {entry.level for entry in one.entries} == {"INFO"}
    assert "What old.example:1883 as fl-1 has not delivered stays there." in one.entries[-1].message
    assert one.report.broker == "broker.example:1883 as fl-1"


def test_a_clock_that_is_set_back_by_hours_does_not_put_off_the_next_attempt_by_hours() -> None:
    one = holding()
    one.failed(10_000.0, ConnectionError(), "Lost.")
    assert not one.is_due(10_000.4)
    assert one.is_due(10_001.0)
    assert one.is_due(400.0)


def test_what_overflows_is_told_at_once_and_then_once_a_minute_with_all_that_came_since() -> None:
    one, dropped = Holding.of(WISH, 0.0), Counter({WISH.connection_id: 3, 99: 5})
    one.overflowed(dropped, 100.0)
    dropped[WISH.connection_id] += 2
    one.overflowed(dropped, 159.0)
    dropped[WISH.connection_id] += 1
    one.overflowed(dropped, 160.0)
    one.overflowed(dropped, 230.0)
    assert [entry.message.split()[0] for entry in one.entries] == ["3", "3"]
    assert dropped == {99: 5}
