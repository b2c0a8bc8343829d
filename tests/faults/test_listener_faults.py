"""What a listener survives: an impossible filter, a change of topics in full flow, a socket that dies in its hands."""

import threading
import time
from dataclasses import replace

import pytest

from mqtt_app.listening.batching import Held
from mqtt_app.listening.broker import BrokerLink, Callbacks
from mqtt_app.listening.loop import READ, Loop
from mqtt_app.messages import Link
from tests.conftest import Mosquitto
from tests.hearing import Wait, hearing, publisher, wish

CHANGES = 100


def refuse(*_: object) -> Held:
    raise AssertionError("nobody sends anything here")


def test_a_filter_that_cannot_be_is_told_and_stops_neither_the_listener_nor_the_others(
    mqtt_url: str, wait_until: Wait
) -> None:
    with hearing(wish(mqtt_url, "a/#/b", "t/#")) as hears, publisher(mqtt_url) as device:
        wait_until(lambda: (one := hears.status()) and one.subscribed, what="an answer to SUBSCRIBE")
        status = hears.status()
        assert status is not None
        assert (status.status, status.subscribed) == ("error", ["t/#"])
        assert "a/#/b" in status.last_error
        device.send("t/a", b"still heard")
        wait_until(lambda: hears.payloads == [b"still heard"])


@pytest.mark.broker_restart
def test_a_change_of_topics_loses_nothing_of_those_that_stay(mosquitto: Mosquitto, wait_until: Wait) -> None:
    narrow = wish(mosquitto.url, "t/#")
    with hearing(narrow, in_flight=50) as hears, publisher(mosquitto.url) as device:
        wait_until(hears.is_subscribed)
        sent = 0
        for number in range(CHANGES):
            sending = threading.Thread(target=device.send, args=("t/x", *(str(one) for one in range(sent, sent + 20))))
            sending.start()
            hears.listener.assigned({1: replace(narrow, cover={"t/#" if number % 2 else "#": 1})})
            sending.join()
            sent += 20
            hears.commit_all()
        wait_until(lambda: hears.commit_all() or len(set(hears.payloads)) == sent, 10, "all messages")


@pytest.mark.broker_restart
def test_a_socket_that_dies_while_we_write_is_no_longer_watched(mosquitto: Mosquitto, wait_until: Wait) -> None:
    loop: Loop[BrokerLink] = Loop()
    callbacks = Callbacks(lambda *_: None, lambda *_: None, refuse, loop.unwatch)

    def opened() -> BrokerLink:
        link = BrokerLink(wish(mosquitto.url), Link(1, 1, 1, time.time()), frozenset(), callbacks)
        link.open()
        loop.watch(link, READ)
        return link

    first = opened()
    mosquitto.stop()
    mosquitto.start()
    wait_until(lambda: first.publish(b"t/a", b"into the void") or first.failure, what="a write that fails")
    second = opened()  # as a rule under the same descriptor
    first.shut()
    assert list(loop.watched) == [second]
    wait_until(lambda: loop.turn(0.1, lambda link, _: link.read()) and second.is_connected, what="CONNACK")
    second.shut()
    loop.unwatch(second)
    loop.close()
