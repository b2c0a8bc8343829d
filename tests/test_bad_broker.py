"""A broker that breaks the rules is left, told in words and tried again; other connections never notice."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest

from mqtt_app.wire.client import MAXIMUM_PACKET
from tests.conftest import wait
from tests.hearing import Hearing, hearing, wish
from tests.stub_broker import DISCONNECT, PINGREQ, Stub, length, packet, publish, stub_broker


def noise(seed: int) -> bytes:
    """4 KiB that are the same in every run."""
    return b"".join(hashlib.sha256(f"{seed}/{part}".encode()).digest() for part in range(128))


TAKEN_V5 = {
    "an empty topic": publish(b"", b"x", 1, properties=b"\0"),
    "a topic alias that we never allowed": publish(b"", b"x", 1, properties=b"\x03\x23\0\7"),
    "a topic that is not UTF-8": publish(b"t/\xff", b"x", 1, properties=b"\0"),
    "a message that nobody subscribed to": publish(b"elsewhere", b"x", 1, properties=b"\0"),
    "an answer to nothing": packet(0x90, b"\x7f\xff\0\0") + publish(b"t/a", b"x", 1, properties=b"\0"),
    "a property of the sender's own": publish(b"t/a", b"x", 1, properties=b"\x07\x26\0\1k\0\1v"),
    "the same packet id once more": publish(b"t/a", b"x", 1, properties=b"\0") * 2,
    "QoS 2, though 1 was granted": publish(b"t/a", b"x", 1, flags=0x04, properties=b"\0") + packet(0x62, b"\0\1"),
}
LEFT = {
    "QoS 3": publish(b"t/a", b"x", 1, flags=0x06),
    "an empty topic in 3.1.1": publish(b"", b"x", 1),
    "a topic longer than its packet": packet(0x32, b"\xff\xfft/a"),
    "no topic at all": packet(0x32),
    "a length of five bytes": b"\x32\xff\xff\xff\xff\x01",
    "a packet kind that there is not": packet(0x00, b"\0\0"),
    "a packet that only clients send": packet(PINGREQ, b"x"),
    "a second CONNECT": packet(0x10, b"\0\4MQTT\4\0\0\0\0\0"),
    "a DISCONNECT, which is no word of a 3.1.1 broker": packet(DISCONNECT),
    **{f"random bytes {seed}": b"\xf0" + noise(seed) for seed in range(3)},
}
LEFT_V5 = {
    "topic alias 0, which there is not": publish(b"t/a", b"x", 1, properties=b"\x03\x23\0\0"),
    "properties longer than their packet": publish(b"t/a", b"", 1, properties=b"\x7f"),
    "a property that there is not": publish(b"t/a", b"x", 1, properties=b"\x02\x7e\x00"),
    "a property twice": publish(b"t/a", b"x", 1, properties=b"\x04\x01\x00\x01\x00"),
    "a text property that is not UTF-8": publish(b"t/a", b"x", 1, properties=b"\x05\x03\x00\x02\xff\xfe"),
    "a packet larger than we take": b"\x32" + length(MAXIMUM_PACKET + 1) + b"\0\3t/a",
    "a packet of 256 MB, begun": b"\x32\xff\xff\xff\x7f" + b"x" * 100_000,
    "a broker that goes": packet(DISCONNECT, b"\x8b\x00"),
}


@contextmanager
def brokers(cases: Mapping[str, bytes], protocol: str) -> Iterator[tuple[Hearing, dict[str, Stub]]]:
    """One listener on as many brokers as there are cases; each sends its case as soon as it has granted."""
    with ExitStack() as stack:
        stubs = {name: stack.enter_context(stub_broker(Stub(bad=bad))) for name, bad in cases.items()}
        wishes = [wish(stub.url, connection_id=pk, protocol=protocol) for pk, stub in enumerate(stubs.values(), 1)]
        yield stack.enter_context(hearing(*wishes)), stubs


def good(protocol: str, name: str) -> bytes:
    return publish(b"t/good", name.encode(), 7, properties=b"\0" if protocol == "5" else None)


@pytest.mark.parametrize(("protocol", "cases"), [("3.1.1", LEFT), ("5", LEFT_V5)], ids=["3.1.1", "5"])
def test_a_broker_that_breaks_the_rules_is_left_told_and_heard_again(protocol: str, cases: dict[str, bytes]) -> None:
    with brokers(cases, protocol) as (hears, stubs):
        for pk, (name, stub) in enumerate(stubs.items(), 1):
            wait(lambda stub=stub: stub.connects >= 2, 20, f"{name}: another attempt")
            wait(lambda pk=pk: is_well(hears, pk), 20, f"{name}: subscribed again")
            stub.send(good(protocol, name))
            wait(lambda name=name: name.encode() in hears.payloads, 20, f"{name}: a good message")
            hears.commit_all()
            assert stub.acknowledged.get(timeout=20) == 7, name
            assert [entry for entry in hears.entries if entry.connection_id == pk and entry.level == "WARNING"], name


def is_well(hears: Hearing, pk: int) -> bool:
    """Connected and subscribed, after a loss that was told."""
    return hears.is_subscribed(pk) and any(one.retry_count for one in hears.reports if one.connection_id == pk)


def test_what_is_only_strange_is_taken_acknowledged_and_costs_no_connection() -> None:
    with brokers(TAKEN_V5, "5") as (hears, stubs):
        for name, stub in stubs.items():
            assert stub.greeted.wait(20), name
            stub.send(good("5", name))
            wait(lambda name=name: name.encode() in hears.payloads, 20, f"{name}: a good message")
            hears.commit_all()
            answers = [stub.acknowledged.get(timeout=20)]
            while answers[-1] != 7:
                answers.append(stub.acknowledged.get(timeout=20))
            assert stub.connects == 1, name
        assert len(hears.payloads) == 2 * len(TAKEN_V5) + 1


@pytest.mark.parametrize(("protocol", "code"), [("3.1.1", 0x80), ("5", 0x80), ("5", 0x87), ("5", 0x8F), ("5", 0xA2)])
def test_a_refused_subscription_is_an_error_that_names_the_filter(protocol: str, code: int) -> None:
    with stub_broker(Stub(suback=code)) as stub, hearing(wish(stub.url, protocol=protocol)) as hears:
        wait(lambda: hears.status() and hears.status().status == "error", 20, "an error")  # type: ignore[union-attr]
        assert "t/#" in hears.status().last_error  # type: ignore[union-attr]
        assert [entry.message for entry in hears.entries if entry.level == "ERROR"] == [hears.status().last_error]  # type: ignore[union-attr]
        assert stub.connects == 1


def test_a_lowered_qos_is_told_with_its_filter_while_messages_are_taken() -> None:
    with stub_broker(Stub(suback=0)) as stub, hearing(wish(stub.url)) as hears:
        wait(lambda: hears.status() and hears.status().last_error, 20, "the words")  # type: ignore[union-attr]
        status = hears.status()
        assert status
        assert (status.status, status.subscribed) == ("connected", ["t/#"])
        assert "t/# at QoS 0 only" in status.last_error
        assert [entry.message for entry in hears.entries if entry.level == "ERROR"] == [status.last_error]
        stub.send(publish(b"t/a", b"x", 1, flags=0))
        wait(lambda: b"x" in hears.payloads, 20, "the message")


REFUSALS = [
    *(("3.1.1", code, 60 if code in (4, 5) else 0) for code in range(1, 6)),
    *(("5", code, 60 if code in (0x86, 0x87) else 0) for code in (0x80, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A)),
    *(("5", code, 0) for code in (0x8C, 0x90, 0x95, 0x97, 0x99, 0x9C, 0x9D, 0x9F)),
]


def test_a_refused_connection_is_told_and_tried_again_without_haste() -> None:
    with ExitStack() as stack:
        stubs = [stack.enter_context(stub_broker(Stub(connack=code))) for _, code, _ in REFUSALS]
        wishes = [
            wish(stub.url, connection_id=pk, protocol=protocol)
            for pk, (stub, (protocol, _, _)) in enumerate(zip(stubs, REFUSALS, strict=True), 1)
        ]
        hears = stack.enter_context(hearing(*wishes))
        for pk, (stub, (protocol, code, least_s)) in enumerate(zip(stubs, REFUSALS, strict=True), 1):
            wait(lambda pk=pk: (one := hears.status(pk)) and one.next_retry, 20, f"{code:#x} is told")
            first = next(one for one in hears.reports if one.connection_id == pk and one.next_retry)
            assert first.last_error, (protocol, code)
            speaks_another = (protocol, code) == ("5", 0x84)
            assert ("Choose the other version of MQTT" in first.last_error) == speaks_another, (protocol, code)
            assert first.next_retry - first.since >= (least_s or 0.5) - 0.1, (protocol, code)
            assert least_s == 0 or stub.connects == 1, (protocol, code)
