"""What browsers are told: announcements leave a process without making it wait.

A notification is never the data: Redis may lose it. Every announcement carries its sender's count, so that a web
process notices a gap (`feed`) and tells its browsers to read again.
"""

import asyncio
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer
from pydantic import TypeAdapter

from mqtt_app.browsers.events import Event

logger = logging.getLogger(__name__)

GROUP = "live"
QUEUED_ANNOUNCEMENTS = 200  # of at most one batch each; beyond that the oldest is worth the least
SEND_TIMEOUT_S = 2.0  # a frozen Redis costs the sending thread this long, and its caller nothing
COMPLAIN_EVERY_S = 60.0

_events = TypeAdapter(list[Event])  # a Sequence takes half as long again: it is made a list in Python


class Sender:
    """Sends this process's announcements in order, from a thread of its own that starts with the first one."""

    def __init__(self) -> None:
        self._name = uuid4().hex
        self._number = 0
        self._queue: deque[dict[str, Any]] = deque(maxlen=QUEUED_ANNOUNCEMENTS)
        self._changed = threading.Condition()
        self._sending = False
        self._thread: threading.Thread | None = None
        self._complained_at = -COMPLAIN_EVERY_S
        self.dropped = 0

    def put(self, events: bytes) -> None:
        with self._changed:
            self._number += 1
            self.dropped += len(self._queue) == self._queue.maxlen
            self._queue.append({"type": "live.news", "from": self._name, "number": self._number, "events": events})
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until everything has left; False when `timeout` seconds were not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._sending, timeout)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._queue)
                    announcement = self._queue.popleft()
                    self._sending = True
                try:
                    runner.run(self._send(announcement))
                except Exception as error:  # noqa: BLE001  whatever Redis does, the next announcement is tried
                    self.dropped += 1
                    self._complain(error)
                with self._changed:
                    self._sending = False
                    self._changed.notify_all()

    async def _send(self, announcement: dict[str, Any]) -> None:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await get_channel_layer().group_send(GROUP, announcement)

    def _complain(self, error: Exception) -> None:
        if time.monotonic() - self._complained_at >= COMPLAIN_EVERY_S:
            self._complained_at = time.monotonic()
            logger.warning(
                "Browsers were not told: %s. %d announcements lost so far.", str(error) or repr(error), self.dropped
            )


_sender = Sender()


def _forget_the_parent() -> None:
    """A forked child has none of its parent's threads, and must not repeat its count."""
    global _sender
    _sender = Sender()


os.register_at_fork(after_in_child=_forget_the_parent)


def announce(events: Sequence[Event]) -> None:
    """Tell every browser that may see them. To be called after the commit; never raises and never waits for Redis."""
    if not events:
        return
    try:
        _sender.put(_events.dump_json(list(events)))
    except Exception:
        logger.exception("An announcement could not be written down.")


def flush(timeout: float) -> bool:
    """Wait until this process's announcements have left; False when `timeout` seconds were not enough."""
    return _sender.flush(timeout)


async def reach() -> None:
    """Raises what Redis raises, or TimeoutError, when the channel layer takes nothing. Nobody listens to this group."""
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await get_channel_layer().group_send("probe", {"type": "live.probe"})
