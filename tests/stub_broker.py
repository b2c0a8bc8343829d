"""A broker that sends what a good one refuses. It speaks just enough MQTT 3.1.1 and 5 to be taken for one."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from typing import NamedTuple

CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT = 0x20, 0x30, 0x40, 0x90, 0xB0, 0xD0, 0xE0
CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ = 0x10, 0x80, 0xA0, 0xC0
OURS = b"fl-"
"""What the client ids of listeners begin with; whoever else connects is taken and left alone."""


class Packet(NamedTuple):
    kind: int
    body: bytes


def packet(first: int, body: bytes = b"") -> bytes:
    return bytes([first]) + length(len(body)) + body


def length(number: int) -> bytes:
    """MQTT's variable byte integer."""
    digits = b""
    while True:
        number, digit = divmod(number, 128)
        digits += bytes([digit | (0x80 if number else 0)])
        if not number:
            return digits


def publish(topic: bytes, payload: bytes, mid: int, *, flags: int = 0x02, properties: bytes | None = None) -> bytes:
    """A PUBLISH packet, however wrong. flags: DUP, QoS and RETAIN. properties: with their length, for MQTT 5."""
    numbered = mid.to_bytes(2, "big") if flags & 0x06 else b""
    return packet(PUBLISH | flags, len(topic).to_bytes(2, "big") + topic + numbered + (properties or b"") + payload)


@dataclass
class Stub:
    """What it answers can be chosen. connack, suback: codes. bad: sent as it stands after the first SUBACK."""

    connack: int = 0
    suback: int | None = None
    bad: bytes = b""
    connects: int = 0
    acknowledged: "Queue[int]" = field(default_factory=Queue)
    greeted: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    _ours: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def send(self, raw: bytes) -> None:
        """To the listener's present connection."""
        assert self._ours
        self._ours.sendall(raw)

    def serve(self, client: socket.socket) -> None:
        """One client, until it leaves."""
        with client, contextlib.suppress(OSError, EOFError):
            body = _read(client).body
            is_v5, ours = body[6] == 5, OURS in body
            if ours:
                self.connects += 1
                self._ours = client
            properties = b"\0" if is_v5 else b""
            client.sendall(packet(CONNACK, bytes([0, self.connack if ours else 0]) + properties))
            while True:
                self._answer(client, _read(client), properties)

    def _answer(self, client: socket.socket, one: Packet, properties: bytes) -> None:
        match one.kind & 0xF0:
            case 0x40:
                self.acknowledged.put(int.from_bytes(one.body[:2], "big"))
            case 0x80:
                codes = bytes(qos if self.suback is None else self.suback for qos in _asked(one.body, bool(properties)))
                client.sendall(packet(SUBACK, one.body[:2] + properties + codes))
                if not self.greeted.is_set():
                    self.greeted.set()
                    client.sendall(self.bad)
            case 0xA0:
                client.sendall(packet(UNSUBACK, one.body[:2] + (b"\0\0" if properties else b"")))
            case 0xC0:
                client.sendall(packet(PINGRESP))


def _asked(body: bytes, is_v5: bool) -> Iterator[int]:
    """The QoS of each filter of a SUBSCRIBE; our own client sends no properties with it but an empty list."""
    place = 3 if is_v5 else 2
    while place < len(body):
        place += 2 + int.from_bytes(body[place : place + 2], "big") + 1
        yield body[place - 1] & 0x03


def _read(client: socket.socket) -> Packet:
    kind, size, shift = _exactly(client, 1)[0], 0, 0
    while True:
        digit = _exactly(client, 1)[0]
        size, shift = size | (digit & 0x7F) << shift, shift + 7
        if not digit & 0x80:
            return Packet(kind, _exactly(client, size))


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        if not (part := client.recv(size - len(data))):
            raise EOFError
        data += part
    return data


@contextmanager
def stub_broker(stub: Stub) -> Iterator[Stub]:
    """It listens on a free port, with a thread for each client, until the end."""
    clients: list[socket.socket] = []
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        stub.port = door.getsockname()[1]

        def admit(serve: Callable[[socket.socket], None]) -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = door.accept()
                    clients.append(client)
                    threads.append(threading.Thread(target=serve, args=(client,)))
                    threads[-1].start()

        threads.append(threading.Thread(target=admit, args=(stub.serve,)))
        threads[0].start()
        try:
            yield stub
        finally:
            door.shutdown(socket.SHUT_RDWR)
            for client in clients:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(5)
