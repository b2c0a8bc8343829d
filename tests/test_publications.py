"""A message read in short is what paho makes of the same packet, and whatever is not plain is left to paho."""

from random import Random

import pytest
from paho.mqtt._packet import decode_publish
from paho.mqtt.client import MQTTv5, MQTTv311
from paho.mqtt.exception import MalformedPacket

from mqtt_app.messages import Publication
from mqtt_app.wire.client import plain
from tests.stub_broker import publish

CHANCE = Random(4)
TOPICS = (b"t", b"site_001/gateway/1/dataloggers/telemetry", "wärme/süd".encode(), b"t/\xff", b"x" * 65_535)
PAYLOADS = (b"", b"\0", b'{"value": 1}', CHANCE.randbytes(300))


def body(raw: bytes) -> tuple[int, bytearray]:
    """The first byte of a packet, and what comes after its length."""
    after = next(place for place in range(1, 6) if not raw[place] & 0x80) + 1
    return raw[0], bytearray(raw[after:])


@pytest.mark.parametrize("properties", [None, b"\0"], ids=["3.1.1", "5"])
@pytest.mark.parametrize("flags", [0x00, 0x01, 0x02, 0x03, 0x0A, 0x0B])
def test_a_plain_message_is_read_as_paho_reads_it(flags: int, properties: bytes | None) -> None:
    is_v5 = properties is not None
    for topic in TOPICS:
        for payload in PAYLOADS:
            header, packet = body(publish(topic, payload, 40_007, flags=flags, properties=properties))
            by_paho = decode_publish(header, packet, MQTTv5 if is_v5 else MQTTv311)
            assert plain(header, packet, is_v5) == Publication(
                by_paho.mid, by_paho.qos, by_paho.dup, by_paho.retain, by_paho.topic, bytes(by_paho.payload)
            )


@pytest.mark.parametrize(
    "raw",
    [
        publish(b"t/a", b"x", 1, properties=b"\x05\x26\0\1k\0"),
        publish(b"t/a", b"x", 1, properties=b"\x80\x00"),
        publish(b"", b"x", 1, properties=b"\0"),
        publish(b"t/a", b"x", 1, flags=0x04, properties=b"\0"),
        publish(b"t/a", b"x", 1, flags=0x06, properties=b"\0"),
    ],
    ids=["properties", "a length of two bytes", "no topic", "QoS 2", "QoS 3"],
)
def test_what_is_not_plain_is_left_to_paho(raw: bytes) -> None:
    assert plain(*body(raw), True) is None


def test_no_cut_of_a_packet_is_read_where_paho_refuses_it() -> None:
    for is_v5, properties in ((True, b"\0"), (False, None)):
        header, packet = body(publish(b"t/a", b"", 7, properties=properties))
        for size in range(len(packet)):
            with pytest.raises(MalformedPacket):
                decode_publish(header, packet[:size], MQTTv5 if is_v5 else MQTTv311)
            assert plain(header, packet[:size], is_v5) is None, size
