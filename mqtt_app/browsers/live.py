"""What browsers are told: announcements leave a process without making it wait, and reach each web process once.

A notification is never the data: Redis may lose it. Every announcement carries its sender's count, so that a web
process notices a gap and tells its browsers to read again.
"""

import asyncio
import contextlib
import json
import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
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
PULSE_EVERY_S = 5.0
DEAF_S = 12.0  # a subscription that for so long has not even heard our own pulse carries nothing any more
SENDERS_REMEMBERED = 1_000  # worker processes come and go; forgetting one only forgets its last count

_events = TypeAdapter(list[Event])  # a Sequence takes half as long again: it is made a list in Python

Take = Callable[[list[dict[str, Any]], int], None]


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


class _Seldom(logging.Filter):
    """While Redis is away the library logs a traceback each second; one line a minute says as much."""

    def __init__(self) -> None:
        super().__init__()
        self._at = -COMPLAIN_EVERY_S

    def filter(self, record: logging.LogRecord) -> bool:
        if time.monotonic() - self._at < COMPLAIN_EVERY_S:
            return False
        self._at = time.monotonic()
        error = record.exc_info[1] if record.exc_info else record.getMessage()
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
        record.msg, record.args = "The live feed is interrupted: %s", (error,)
        return True


logging.getLogger("channels_redis.pubsub").addFilter(_Seldom())


class Feed:
    """One web process's subscription, shared by its sockets. It begins with the first of them and then stays."""

    def __init__(self) -> None:
        self._takers: set[Take] = set()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._is_interrupted = False
        self._counts: OrderedDict[str, int] = OrderedDict()

    async def join(self, take: Take) -> None:
        """From now on call take(events, gap) for each announcement; gap counts those that went missing before it.

        Waits until the subscription stands, or as long as one attempt may take: a socket is of use without Redis too.
        """
        self._takers.add(take)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="live feed")
        try:
            await asyncio.wait_for(self._ready.wait(), SEND_TIMEOUT_S)
        except TimeoutError:
            logger.warning("A browser listens, but Redis does not answer: nothing live can be shown.")

    def leave(self, take: Take) -> None:
        self._takers.discard(take)

    async def _run(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                async with asyncio.timeout(DEAF_S):
                    channel = await layer.new_channel()
                    await layer.group_add(GROUP, channel)
                self._ready.set()
                await self._hear(layer, channel)
            except Exception as error:  # noqa: BLE001  the feed outlives whatever Redis does
                level = logging.DEBUG if self._is_interrupted else logging.WARNING  # once for each interruption
                logger.log(level, "The live feed is interrupted: %s", str(error) or repr(error))
                self._is_interrupted = True
                self._ready.clear()
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(SEND_TIMEOUT_S):
                        await layer.flush()  # with it go connections that carry nothing
                await asyncio.sleep(1)

    async def _hear(self, layer: Any, channel: str) -> None:
        """Deliver what comes. Raises TimeoutError when for DEAF_S not even our own pulse has come."""
        pulse = asyncio.create_task(self._beat(layer, channel), name="live pulse")
        try:
            while True:
                try:
                    async with asyncio.timeout(DEAF_S):
                        news = await layer.receive(channel)
                except TimeoutError:
                    raise TimeoutError("not even our own pulse comes back") from None
                if self._is_interrupted:
                    self._is_interrupted = False
                    self._tell([], 1)  # nobody knows how much went missing: read again
                if news["type"] == "live.news":
                    self._deliver(news)
        finally:
            pulse.cancel()

    async def _beat(self, layer: Any, channel: str) -> None:
        """Say something to ourselves now and then: a subscription that carries it is alive."""
        while True:
            with contextlib.suppress(Exception):  # whoever waits for it will miss it
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await layer.send(channel, {"type": "live.pulse"})
            await asyncio.sleep(PULSE_EVERY_S)

    def _deliver(self, news: dict[str, Any]) -> None:
        sender, number = news["from"], news["number"]
        before = self._counts.pop(sender, number - 1)
        self._counts[sender] = number
        if len(self._counts) > SENDERS_REMEMBERED:
            self._counts.popitem(last=False)
        if self._takers:
            self._tell(json.loads(news["events"]), number - before - 1)

    def _tell(self, events: list[dict[str, Any]], gap: int) -> None:
        for take in tuple(self._takers):
            take(events, gap)
