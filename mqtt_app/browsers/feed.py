"""What a web process hears of all announcements, shared by its sockets; and what keeps it from hearing anything new."""

import asyncio
import contextlib
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from django.utils import timezone

from mqtt_app.browsers.events import Interruption
from mqtt_app.browsers.live import COMPLAIN_EVERY_S, GROUP, SEND_TIMEOUT_S
from mqtt_app.browsers.watchman import Ask, Watchman

logger = logging.getLogger(__name__)

PULSE_EVERY_S = 5.0
DEAF_S = 12.0  # a subscription that for so long has not even heard our own pulse carries nothing any more
LOOK_EVERY_S = 0.5
SENDERS_REMEMBERED = 1_000  # worker processes come and go; forgetting one only forgets its last count

Take = Callable[[list[dict[str, Any]], int], None]


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

    def __init__(self, ask: Ask) -> None:
        """ask: since when there is no news to hear of; see `watchman`."""
        self.interruption = Interruption(cause="", since=timezone.now())
        self._watchman = Watchman(ask)
        self._takers: set[Take] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._is_interrupted = False
        self._counts: OrderedDict[str, int] = OrderedDict()

    async def join(self, take: Take) -> None:
        """From now on call take(events, gap) for each announcement; gap counts those that went missing before it.

        Waits until the subscription stands, or as long as one attempt may take: a socket is of use without Redis too.
        """
        self._takers.add(take)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._run(), name="live feed"), asyncio.create_task(self._look())]
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

    async def _look(self) -> None:
        """Tell everybody what keeps news from coming, and when it comes again."""
        while True:
            found = self._watchman.look()
            if found is None and self._is_interrupted:
                found = Interruption(cause="redis", since=timezone.now())
            if self.interruption.cause != (found.cause if found else ""):
                self.interruption = found or Interruption(cause="", since=timezone.now())
                self._tell([self.interruption.model_dump(mode="json")], 0)
            await asyncio.sleep(LOOK_EVERY_S)

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
