"""The load: a process of its own that publishes telemetry as gateways do, at QoS 1, and costs next to nothing itself.

It speaks just enough MQTT 3.1.1 to publish and to count acknowledgements: a full client would take as much of the
machine as what it measures. Each second, and at the end, it prints how many messages the broker has acknowledged.
"""

import argparse
import socket
import struct
import time
from datetime import UTC, datetime

WINDOW = 500  # unacknowledged messages of one connection
READINGS = 10  # in each message
PAUSE_S = 0.002

PAYLOAD = (
    '{"serial_number_gateway":"%s-gateway_1","timestamp":"%s","message_interval_seconds":60,"mqtt_api_version":"1.0.0",'
    '"dataloggers":[{"serial_number_datalogger":"datalogger_all","status_datalogger":"running","devices":['
    '{"type":"adaq","serial_number_device":"MAS%05d","data":[%s]}]}]}'
)


class Wire:
    """One connection to a broker."""

    def __init__(self, port: int, client_id: str) -> None:
        self.acknowledged = self.sent = 0
        self._partial = 0
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + _text(client_id.encode())  # clean session, no keepalive
        self._socket.sendall(b"\x10" + _length(len(body)) + body)
        if self._socket.recv(4) != b"\x20\x02\x00\x00":
            raise ConnectionError("The broker refused the load generator.")

    def publish(self, topic: bytes, payload: bytes) -> None:
        """At QoS 1. Waits while the window is full."""
        while self.sent - self.acknowledged >= WINDOW:
            self.hear(wait=True)
        self.sent += 1
        body = _text(topic) + struct.pack("!H", self.sent % 65_535 + 1) + payload
        self._socket.sendall(b"\x32" + _length(len(body)) + body)

    def hear(self, *, wait: bool) -> None:
        """Count what was acknowledged: nothing but PUBACKs, of four bytes each, ever comes back."""
        try:
            heard = self._socket.recv(65_536, 0 if wait else socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if not heard:
            raise ConnectionError("The broker closed the connection.")
        whole, self._partial = divmod(self._partial + len(heard), 4)
        self.acknowledged += whole


def _text(text: bytes) -> bytes:
    return struct.pack("!H", len(text)) + text


def _length(number: int) -> bytes:
    encoded = bytearray()
    while True:
        number, digit = divmod(number, 128)
        encoded.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(encoded)


def payload(site: str, datalogger: int, count: int) -> bytes:
    """Some 600 bytes. The first channel reads the message's running number, so that what is stored can be counted."""
    values = [
        float(count),
        *(round(20 + (count * 7 + channel * 13) % 1000 / 1000, 3) for channel in range(1, READINGS)),
    ]
    data = ",".join(f'{{"type":"ch{channel + 1}","value":[{value}]}}' for channel, value in enumerate(values))
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return (PAYLOAD % (site, now, datalogger, data)).encode()


def run(arguments: argparse.Namespace) -> None:
    sites = [f"{arguments.prefix}_{number:04}" for number in range(1, arguments.sites + 1)]
    wires = [Wire(arguments.port, f"load-{arguments.prefix}-{number}") for number in range(arguments.connections)]
    began = time.monotonic()
    told = began
    for index in range(arguments.messages):
        if arguments.rate:
            _wait_until(began + index / arguments.rate, wires)
        datalogger = index % arguments.dataloggers
        place = datalogger % len(sites)
        topic = f"{sites[place]}/gateway/1/dataloggers/telemetry".encode()
        body = payload(sites[place], datalogger, index // arguments.dataloggers + 1)
        wires[place % len(wires)].publish(topic, body)
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _tell(wires)
    while any(wire.acknowledged < wire.sent for wire in wires):
        for wire in wires:
            if wire.acknowledged < wire.sent:
                wire.hear(wait=True)
    _tell(wires)


def _wait_until(due: float, wires: list[Wire]) -> None:
    while (rest := due - time.monotonic()) > 0:
        for wire in wires:
            wire.hear(wait=False)
        time.sleep(min(rest, PAUSE_S))


def _tell(wires: list[Wire]) -> None:
    for wire in wires:
        wire.hear(wait=False)
    print(sum(wire.acknowledged for wire in wires), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--prefix", default="bench", help="of the sites' names")
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--dataloggers", type=int, default=50)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0, help="messages a second; 0: as fast as the broker takes them")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
