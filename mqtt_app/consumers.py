"""The socket /ws/mqtt/status/: whom it lets in, what it tells them, and what it takes from them.

Frames: {"v": 1, "seq", "ts", "type", "site_id", "data"}; the types are those of mqtt_app.browsers.events, and
connection_established, telemetry, lagging, interruption, pong and error. seq counts a socket's frames from 1 without
a hole.
"""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError
from django.utils import timezone
from pydantic import ValidationError

from mqtt_app import connections
from mqtt_app.browsers import watching
from mqtt_app.browsers.feed import Feed
from mqtt_app.browsers.outbox import Frame, Outbox
from mqtt_app.browsers.visitors import Visitor, visitor

logger = logging.getLogger(__name__)

PROTOCOL = 1
FLUSH_EVERY_S = 0.5  # the first news goes at once, what follows is merged
SOCKETS_PER_USER = 20  # in one web process
FRAME_BYTES = 64 * 1024  # the server refuses larger ones too where it is started with --ws-max-size 65536
FRAMES_PER_SECOND = 20

NOT_TEXT, POLICY_VIOLATED, TOO_BIG, NOT_SIGNED_IN = 1003, 1008, 1009, 4401  # close codes [RFC 6455, 7.4]

_sockets: Counter[int] = Counter()


class StatusConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """One socket. All it hears goes into one bounded outbox, all it says comes from one writer."""

    channel_layer_alias = ""  # none of its own: all sockets of a process share one subscription, the feed

    def __init__(self, feed: Feed, build: str, recheck_s: float = 60.0, patience_s: float = 10.0) -> None:
        """recheck_s: how often it is asked again who listens. patience_s: who takes nothing for so long is cut off."""
        super().__init__()
        self._feed, self._build, self._recheck_s, self._patience_s = feed, build, recheck_s, patience_s
        self._visitor: Visitor | None = None
        self._outbox = Outbox()
        self._watches = watching.Watches()
        self._news = asyncio.Event()
        self._goodbye: tuple[int, str] | None = None
        self._seq = 0
        self._second, self._frames = 0, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Lasts until the browser leaves, takes nothing any more, or may not listen any longer."""
        parts = (super().__call__(scope, receive, send), self._write(), self._recheck())
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._part()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _part(self) -> None:
        self._feed.leave(self._take)
        if self._visitor is not None:
            _sockets.subtract([self._visitor.user_id])

    async def connect(self) -> None:
        """Refused before it is accepted, a socket costs nothing and learns nothing (HTTP 403)."""
        found = await self._look()
        if found is None or _sockets[found.user_id] >= SOCKETS_PER_USER:
            await self.close()
            return
        self._visitor = found
        _sockets[found.user_id] += 1
        await self.accept()
        await self._introduce(found)

    async def _introduce(self, found: Visitor) -> None:
        """Say what this socket will tell. The browser reads the present state by REST after this, not before."""
        outlook = await database_sync_to_async(connections.outlook)(timezone.now())
        self._outbox.put(
            {
                "type": "connection_established",
                "site_id": None,
                "protocol": PROTOCOL,
                "build": self._build,
                "reconcile_period_s": outlook.reconcile_period_s,
                "next_reconcile_at": outlook.next_reconcile_at.isoformat(),
                "role": found.role,
                "sites": list(found.sites.values()),
            }
        )
        await self._feed.join(self._take)
        if self._feed.interruption.cause:
            self._outbox.put(self._feed.interruption.model_dump(mode="json"))
        self._news.set()

    async def _look(self) -> Visitor | None:
        headers, cookies = dict(self.scope["headers"]), self.scope["cookies"]
        found: Visitor | None = await database_sync_to_async(visitor)(headers, cookies)
        return found

    async def _recheck(self) -> None:
        """Ask again who listens: a session ends, a token expires, a membership is given or taken."""
        while True:
            await asyncio.sleep(self._recheck_s)
            try:
                found = await self._look()
            except DatabaseError as error:  # without a database there is no news either
                logger.warning("Who may listen could not be asked again: %s", error)
                continue
            if found is None or self._visitor is None or found.user_id != self._visitor.user_id:
                self._end(NOT_SIGNED_IN, "The sign-in has ended.")
            elif found != self._visitor:
                self._visitor = found
                self._outbox.keep(found.sites)
                await self._introduce(found)

    def _take(self, events: list[dict[str, Any]], gap: int) -> None:
        """What the feed brings: kept if this reader may see it. Called from the event loop, so it must not wait."""
        sites = self._visitor.sites if self._visitor else {}
        self._outbox.miss(gap)
        for event in events:
            if event["type"] == "reconcile_tick":
                self._outbox.put({**event, "applied": [site for site in event["applied"] if site in sites]})
            elif event["site_id"] is None:
                self._outbox.put(event)
            elif event["site_id"] in sites:
                self._outbox.put(event)
                self._watches.hear(event)
        if self._outbox:
            self._news.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        if not self._within_rate():
            self._end(POLICY_VIOLATED, f"At most {FRAMES_PER_SECOND} frames a second.")
        elif text_data is None:
            self._end(NOT_TEXT, "Frames are JSON text.")
        elif len(text_data) > FRAME_BYTES:
            self._end(TOO_BIG, f"A frame holds at most {FRAME_BYTES} bytes.")
        else:
            self._answer(text_data)

    def _within_rate(self) -> bool:
        second = int(time.monotonic())
        self._frames = self._frames + 1 if second == self._second else 1
        self._second = second
        return self._frames <= FRAMES_PER_SECOND

    def _answer(self, text: str) -> None:
        match _understood(text):
            case watching.Ping():
                self._outbox.put({"type": "pong", "site_id": None})
            case watching.Watch() as wish if not self._watches.begin(wish):
                self._refuse(f"A socket watches at most {watching.WATCHED} sensors.")
            case watching.Unwatch(sensor=sensor):
                self._watches.end(sensor)
            case None:
                self._refuse('Not understood. Send {"op": "ping"}.')
        self._news.set()

    def _refuse(self, why: str) -> None:
        self._outbox.put({"type": "error", "site_id": None, "message": why})

    def _end(self, code: int, reason: str) -> None:
        self._goodbye = code, reason
        self._news.set()

    async def _write(self) -> None:
        """Send what waits, then rest; without news it sleeps. Ends when the reader takes nothing, or after goodbye."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                if self._goodbye:
                    async with asyncio.timeout(self._patience_s):
                        await self.close(*self._goodbye)
                    return
                for frame in self._outbox.drain():
                    async with asyncio.timeout(self._patience_s):
                        await self.send(self._envelope(frame))
                async for frame in self._readings():
                    async with asyncio.timeout(self._patience_s):
                        await self.send(self._envelope(frame))
            except TimeoutError:
                logger.info("A browser read nothing for %.0f s and was cut off.", self._patience_s)
                return
            await asyncio.sleep(FLUSH_EVERY_S)

    async def _readings(self) -> AsyncIterator[Frame]:
        """What is new of the sensors that are watched, at sites that may be seen now."""
        if not self._watches:
            return
        asked = self._watches.take()
        try:
            found = await database_sync_to_async(watching.read)(asked, self._visitor.sites if self._visitor else ())
        except DatabaseError as error:  # the next news asks again
            logger.warning("Readings that are watched could not be read: %s", error)
            return
        for sensor, (until, event) in found.items():
            if self._watches.settle(sensor, asked[sensor], until):
                data = {name: value for name, value in event.items() if name not in ("type", "site_id")}
                yield Frame(event["type"], event["site_id"], data)

    def _envelope(self, frame: Frame) -> str:
        self._seq += 1
        now = timezone.now().isoformat()
        envelope = {
            "v": 1,
            "seq": self._seq,
            "ts": now,
            "type": frame.type,
            "site_id": frame.site_id,
            "data": frame.data,
        }
        if frame.type == "connection_established":
            envelope["data"] = {**frame.data, "server_time": now, "seq": self._seq}
        if frame.type == "mqtt_status":
            envelope["alias"] = "status_update"  # the name by which older clients know it
        return json.dumps(envelope, separators=(",", ":"))


def _understood(text: str) -> watching.Ping | watching.Watch | watching.Unwatch | None:
    try:
        return watching.wishes.validate_json(text)
    except ValidationError:
        return None
