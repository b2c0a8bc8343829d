"""The listener and real brokers: nothing is acknowledged before its commit, and nothing that is not ours is held."""

import socket
import time
from dataclasses import replace

import pytest
from django.utils import timezone

from mqtt_app.listening import holding
from mqtt_app.listening.listener import LEASE_S
from tests.conftest import Mosquitto
from tests.hearing import Wait, hearing, publisher, wish


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_message_is_handed_over_undecoded(mqtt_url: str, mqtt5_url: str, protocol: str, wait_until: Wait) -> None:
    url = mqtt_url if protocol == "3.1.1" else mqtt5_url
    with hearing(wish(url, f"raw{protocol}/#", protocol=protocol)) as hears, publisher(mqtt_url) as device:
        wait_until(hears.is_subscribed)
        device.send(f"raw{protocol}/a", b"\xff\x00{", qos=1)
        wait_until(lambda: hears.messages)
        one = hears.messages[0]
        assert (one.topic, one.payload, one.qos, one.number) == (f"raw{protocol}/a".encode(), b"\xff\x00{", 1, 1)
        assert abs(one.received_at - time.time()) < 10


@pytest.mark.broker_restart
@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_what_is_not_committed_comes_again_and_what_is_committed_does_not(
    mosquitto: Mosquitto, protocol: str, wait_until: Wait
) -> None:
    one = wish(mosquitto.url, protocol=protocol)
    with publisher(mosquitto.url) as device:
        with hearing(one) as hears:
            wait_until(hears.is_subscribed)
            device.send("t/a", "first")
            wait_until(lambda: hears.payloads == [b"first"])
            hears.commit_all()
            wait_until(lambda: hears.listener.custody.buffer.is_empty)
            device.send("t/a", "second", "third")
            wait_until(lambda: len(hears.payloads) == 3)
            second = hears.batches[-1]
            hears.batches.clear()  # so that the end of this listener commits nothing more
            assert second
            hears.listener.custody.buffer.flights.clear()
        with hearing(one) as hears:
            wait_until(lambda: len(hears.payloads) == 2)
            assert [(message.payload, message.dup) for message in hears.messages] == [
                (b"second", True),
                (b"third", True),
            ]


@pytest.mark.broker_restart
def test_acknowledgements_keep_the_order_of_arrival_though_commits_do_not(
    mosquitto: Mosquitto, wait_until: Wait
) -> None:
    one = wish(mosquitto.url)
    with publisher(mosquitto.url) as device:
        with hearing(one, in_flight=2) as hears:
            wait_until(hears.is_subscribed)
            device.send("t/a", "first")
            wait_until(lambda: len(hears.batches) >= 1)
            before = len(hears.batches)
            device.send("t/a", "second")
            wait_until(lambda: len(hears.batches) > before)
            hears.listener.committed(str(hears.batches[-1].id))  # the second one first
            wait_until(lambda: len(hears.listener.custody.buffer.flights) == 1)
            hears.batches.clear()
            hears.listener.custody.buffer.flights.clear()
        with hearing(one) as hears:
            wait_until(lambda: len(hears.payloads) == 2)
            assert hears.payloads == [b"first", b"second"]


@pytest.mark.broker_restart
def test_a_restarted_broker_is_found_again_with_its_session(mosquitto: Mosquitto, wait_until: Wait) -> None:
    with hearing(wish(mosquitto.url)) as hears:
        wait_until(hears.is_subscribed)
        hears.known = frozenset({"t/#"})
        mosquitto.stop()
        wait_until(lambda: hears.status() and hears.status().status == "connecting", what="the loss is reported")  # type: ignore[union-attr]
        mosquitto.start()
        wait_until(lambda: hears.generation >= 2 and hears.is_subscribed(), 40)
        with publisher(mosquitto.url) as device:
            device.send("t/a", "after")
        wait_until(lambda: b"after" in hears.payloads)
        assert not [entry for entry in hears.entries if entry.level == "ERROR"]


@pytest.mark.broker_restart
def test_a_session_that_the_broker_forgot_is_an_error(mosquitto: Mosquitto, wait_until: Wait) -> None:
    with hearing(wish(mosquitto.url), known=["t/#"]) as hears:
        wait_until(hears.is_subscribed)
        assert any("forgot our session" in entry.message for entry in hears.entries if entry.level == "ERROR")
        assert hears.status().new_session_at == 1  # type: ignore[union-attr]


@pytest.mark.broker_restart
def test_a_redelivery_is_over_when_something_new_is_acknowledged(mosquitto: Mosquitto, wait_until: Wait) -> None:
    one = wish(mosquitto.url)
    with publisher(mosquitto.url) as device:
        with hearing(one) as hears:
            wait_until(hears.is_subscribed)
            device.send("t/a", "first", "second")
            wait_until(lambda: len(hears.payloads) == 2)
            hears.batches.clear()  # so that the end of this listener commits nothing
            hears.listener.custody.buffer.flights.clear()
        with hearing(one) as hears:
            wait_until(lambda: [message.dup for message in hears.messages] == [True, True])
            hears.commit_all()
            wait_until(lambda: hears.listener.custody.buffer.is_empty)
            device.send("t/a", "third")
            wait_until(lambda: len(hears.payloads) == 3)
            assert hears.status().settled_at is None  # type: ignore[union-attr]
            hears.commit_all()
            wait_until(lambda: hears.status().settled_at == hears.generation)  # type: ignore[union-attr]


def test_a_batch_without_a_commit_is_asked_for_and_dispatched_again_under_its_id(
    mqtt_url: str, wait_until: Wait
) -> None:
    with hearing(wish(mqtt_url, "again/#")) as hears, publisher(mqtt_url) as device:
        asked: list[object] = []
        hears.listener.custody.ask = lambda ids: (asked.extend(ids), hears.listener.answered(ids, []))[1]  # type: ignore[func-returns-value]
        wait_until(hears.is_subscribed)
        device.send("again/a", "x")
        wait_until(lambda: len(hears.batches) >= 3)
        copies = [batch.id for batch in hears.batches if batch.messages[0].topic == b"again/a"]
        assert len(set(copies)) == 1
        assert asked
        hears.listener.custody.ask = lambda ids: hears.listener.answered(ids, [str(pk) for pk in ids])
        wait_until(lambda: hears.listener.custody.buffer.is_empty)


def test_a_connection_that_is_no_longer_assigned_is_closed_and_said(mqtt_url: str, wait_until: Wait) -> None:
    one, other = wish(mqtt_url, "one/#"), wish(mqtt_url, "two/#", connection_id=2)
    with hearing(one, other) as hears, publisher(mqtt_url) as device:
        wait_until(lambda: hears.is_subscribed(1) and hears.is_subscribed(2))
        hears.listener.assigned({2: other})
        wait_until(lambda: hears.status(1).status == "disconnected")  # type: ignore[union-attr]
        device.send("one/a", "nobody hears this")
        device.send("two/a", "but this")
        wait_until(lambda: b"but this" in hears.payloads)
        assert b"nobody hears this" not in hears.payloads


def test_changed_topics_are_subscribed_on_the_open_connection(mqtt_url: str, wait_until: Wait) -> None:
    one = wish(mqtt_url, "before/#")
    with hearing(one) as hears, publisher(mqtt_url) as device:
        wait_until(hears.is_subscribed)
        hears.listener.assigned({1: replace(one, cover={"after/#": 1})})
        wait_until(lambda: hears.status().subscribed == ["after/#"])  # type: ignore[union-attr]
        device.send("before/a", "no")
        device.send("after/a", "yes")
        wait_until(lambda: b"yes" in hears.payloads)
        assert (hears.payloads, hears.generation) == ([b"yes"], 1)


def test_nothing_is_opened_that_the_database_does_not_admit(mqtt_url: str, wait_until: Wait) -> None:
    with hearing() as hears:
        hears.admitted = False
        hears.listener.assigned({1: wish(mqtt_url, "a/#")})
        wait_until(lambda: hears.generation >= 1)
        wait_until(lambda: not hears.listener.holdings[1].is_opening)
        assert hears.listener.holdings[1].link is None


def test_without_a_sure_lease_nothing_is_acknowledged_or_reported(mqtt_url: str, wait_until: Wait) -> None:
    with hearing(wish(mqtt_url, "lease/#"), keep_lease=False) as hears, publisher(mqtt_url) as device:
        wait_until(hears.is_subscribed)
        device.send("lease/a", "x")
        wait_until(lambda: hears.messages)
        hears.listener.renewed(time.monotonic() - LEASE_S - 1)
        told = len(hears.reports)
        hears.commit_all()
        wait_until(lambda: hears.listener.custody._late)
        assert not hears.listener.custody.buffer.is_empty
        assert len(hears.reports) == told
        hears.listener.renewed(time.monotonic())
        wait_until(lambda: hears.listener.custody.buffer.is_empty)


@pytest.mark.parametrize(
    ("port", "words"), [("closed", "Nothing listens"), ("mute", "did not answer in time"), ("nowhere", "resolved")]
)
def test_a_broker_out_of_reach_is_retried_and_told_in_words(port: str, words: str, wait_until: Wait) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if port == "mute":
            taken.listen()
        one = wish(f"mqtt://{'no.such.host.invalid' if port == 'nowhere' else '127.0.0.1'}:{taken.getsockname()[1]}")
        with hearing(one) as hears:
            wait_until(lambda: hears.status() and words in hears.status().last_error, 25)  # type: ignore[union-attr]
            status = hears.status()
            assert status
            assert status.retry_count >= 1
            assert status.next_retry


@pytest.mark.broker_restart
def test_the_next_attempt_is_made_at_once_when_somebody_asks_and_an_open_connection_stays(
    mosquitto: Mosquitto, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "retry_delay", lambda *_: 50.0)
    mosquitto.stop()
    one = wish(mosquitto.url)
    with hearing(one) as hears:
        wait_until(lambda: hears.status() and hears.status().retry_count == 1)  # type: ignore[union-attr]
        mosquitto.start()
        hears.listener.assigned({1: replace(one, retry_wished_at=timezone.now())})
        wait_until(hears.is_subscribed)
        told = len(hears.reports)
        hears.listener.assigned({1: replace(one, retry_wished_at=timezone.now(), cover={"other/#": 1})})
        wait_until(lambda: hears.status() and hears.status().subscribed == ["other/#"])  # type: ignore[union-attr]
        assert {report.status for report in hears.reports[told:]} == {"connected"}
