"""What arrives on a topic just now: a client of its own listens for some seconds, beside the listener and its session.

Nothing is stored, acknowledged or counted; the broker sends what it would send to anybody with these credentials.
"""

import time
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from mqtt_app.wire.reach import Attempt
from mqtt_app.wire.wish import Wish

MOST = 100
"""Messages that are kept of one listening; of a flood the first, and all are counted."""

KEPT_BYTES = 65_536
"""Of one payload: as much as is worth looking at."""

POLL_S = 0.05


class Message(NamedTuple):
    """As it came. size: of the whole payload."""

    topic: str
    received_at: datetime
    qos: int
    retain: bool
    size: int
    payload: bytes


class Tail(NamedTuple):
    """messages: the first MOST of those that were heard."""

    messages: list[Message]
    heard: int


def listen(wish: Wish, pattern: str, seconds: float) -> Tail:
    """Listen to `pattern`, an MQTT filter. Raises OSError, ValueError or broker.Refused, which in_words tells."""
    attempt = Attempt(replace(wish, cover={pattern: 0}))
    messages, heard = list[Message](), 0

    def take(_client: Any, _data: Any, message: Any) -> None:
        nonlocal heard
        heard += 1
        if len(messages) < MOST:
            payload = bytes(message.payload)
            messages.append(
                Message(message.topic, timezone.now(), message.qos, message.retain, len(payload), payload[:KEPT_BYTES])
            )

    try:
        for step in (attempt.dns, attempt.tcp, *([attempt.tls] if wish.use_tls else []), attempt.connect):
            step()
        attempt.hear(take)
        attempt.subscribe()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            attempt.turn(POLL_S)
    finally:
        attempt.close()
    return Tail(messages, heard)
