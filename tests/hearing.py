"""A Listener in the hands of a test: a real broker on one side, and on the other a test that plays the workers."""

import contextlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from mqtt_app.listening.batching import Buffer
from mqtt_app.listening.listener import Doors, Listener
from mqtt_app.messages import Admission, Batch, LogEntry, Message, StatusReport
from mqtt_app.wire.wish import Wish


@dataclass
class Hearing:
    """The test's side: what the listener sent, and the means to answer it."""

    listener: Listener
    batches: list[Batch] = field(default_factory=list)
    reports: list[StatusReport] = field(default_factory=list)
    entries: list[LogEntry] = field(default_factory=list)
    admitted: bool = True
    generation: int = 0
    known: frozenset[str] = frozenset()

    @property
    def messages(self) -> list[Message]:
        return [message for batch in self.batches for message in batch.messages if b"backend" not in message.topic]

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.messages]

    def status(self, connection_id: int = 1) -> StatusReport | None:
        return next((one for one in reversed(self.reports) if one.connection_id == connection_id), None)

    def is_subscribed(self, connection_id: int = 1) -> bool:
        status = self.status(connection_id)
        return status is not None and status.status == "connected" and bool(status.subscribed)

    def commit_all(self) -> None:
        for batch in self.batches:
            self.listener.committed(str(batch.id))


def wish(url: str, *filters: str, connection_id: int = 1, **more: Any) -> Wish:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    values: dict[str, Any] = {
        "epoch": 1,
        "client_id": f"fl-{secrets.token_hex(6)}",
        "protocol": "3.1.1",
        "cover": dict.fromkeys(filters or ("t/#",), 1),
    }
    return Wish(connection_id, host=parts.hostname, port=parts.port, **{**values, **more})


@contextmanager
def hearing(
    *wishes: Wish, keep_lease: bool = True, known: Sequence[str] = (), asks_drops: bool = False, **limits: Any
) -> Iterator[Hearing]:
    """A listener at work, holding `wishes`. known: filters of its former session."""
    values = {"in_flight": 4, "qos0_limit": 1000, "redispatch_after_s": 0.5, **limits}
    buffer = Buffer(1, **values)
    hears: Hearing

    def admit(_: Wish) -> Admission | None:
        hears.generation += 1
        return Admission(hears.generation, 0, hears.known) if hears.admitted else None

    def report(reports: Sequence[StatusReport], entries: Sequence[LogEntry]) -> None:
        hears.reports.extend(reports)
        hears.entries.extend(entries)

    doors = Doors(lambda batch: hears.batches.append(batch), report, lambda: None, admit)
    listener = Listener(buffer, doors, 64 * 1024**2, asks_drops)
    hears = Hearing(listener, known=frozenset(known))
    stop = threading.Event()
    listener.renewed(time.monotonic())
    listener.assigned({one.connection_id: one for one in wishes})
    thread = threading.Thread(target=listener.run, args=(stop, lambda: None))
    thread.start()
    keeper = threading.Thread(target=_keep, args=(listener, stop))
    if keep_lease:
        keeper.start()
    try:
        yield hears
    finally:
        hears.commit_all()
        stop.set()
        thread.join(20)
        if keep_lease:
            keeper.join()
        assert not thread.is_alive()


def _keep(listener: Listener, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        listener.renewed(time.monotonic())


class Publisher:
    """Any MQTT client that is not ours; remembers what the broker acknowledged."""

    def __init__(self, url: str, client_id: str = "") -> None:
        parts = urlsplit(url)
        self.acknowledged: deque[int] = deque()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        self.client.on_publish = lambda *arguments: self.acknowledged.append(arguments[2])
        self.client.max_queued_messages_set(0)
        self.client.connect(parts.hostname or "", parts.port or 1883)
        self.client.loop_start()

    def send(self, topic: str, *payloads: bytes | str, qos: int = 1, retain: bool = False) -> None:
        """Publish all, and wait until the broker has taken them."""
        for info in [self.client.publish(topic, payload, qos, retain) for payload in payloads]:
            info.wait_for_publish(20)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def publisher(url: str, **options: Any) -> Iterator[Publisher]:
    one = Publisher(url, **options)
    try:
        yield one
    finally:
        one.close()


Wait = Callable[..., Any]
