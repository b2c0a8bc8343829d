"""A proxy that does to connections what bad networks do: delay, throttle, slice, swallow, cut and reset them."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Address = tuple[str, int] | Path
"""A host and its port, or a unix socket."""

CHUNK = 65_536
CUT_S = 0.05  # the first part of what is cut is read before the reset takes it back
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST instead of FIN


@dataclass(frozen=True)
class Weather:
    """What happens to bytes on their way, in both directions.

    is_black: connections are accepted, and nothing passes. cut_after: every connection is reset once so many bytes
    have passed, in the middle of whatever they were.
    """

    latency_s: float = 0.0
    bytes_per_s: float = float("inf")
    slice_bytes: int = CHUNK
    is_black: bool = False
    cut_after: int | None = None


class Proxy:
    """Between whoever connects to `listen` and `upstream`. Its weather may be changed at any time, from any thread."""

    def __init__(self, listen: Address, upstream: Address) -> None:
        self.listen, self.upstream = listen, upstream
        self.weather = Weather()
        self.accepted = 0
        """Connections so far, while it was up."""
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._pairs: set[Pair] = set()

    # What tests say.

    def change(self, **weather: Any) -> None:
        """What is not named is fair."""
        self.weather = Weather(**weather)
        for pair in tuple(self._pairs):
            pair.passed = 0

    def down(self) -> None:
        """Refuse connections, and close those that are open."""
        self._do(self._down())

    def up(self) -> None:
        self._do(self._up())

    def reset(self) -> None:
        """Reset every open connection."""
        self._do(self._each(Pair.reset))

    def strand(self) -> None:
        """Every open connection hears and says nothing more, and is never closed; new ones work."""
        self._do(self._each(Pair.strand))

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        thread.start()
        self.up()
        try:
            yield self
        finally:
            self.down()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def _do(self, step: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(10)

    # In the loop's thread.

    async def _up(self) -> None:
        if isinstance(self.listen, Path):
            self._server = await asyncio.start_unix_server(self._serve, self.listen)
            self.listen.chmod(0o777)
        else:
            self._server = await asyncio.start_server(self._serve, *self.listen)

    async def _down(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        await self._each(Pair.reset)
        for pair in tuple(self._pairs):
            with contextlib.suppress(asyncio.CancelledError):
                await pair.task

    async def _each(self, step: Callable[["Pair"], None]) -> None:
        for pair in tuple(self._pairs):
            step(pair)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task
        pair = Pair(self, task, [writer])
        self._pairs.add(pair)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                their_reader, their_writer = await self._connect()
                pair.writers.append(their_writer)
                await self._first(pair.pump(reader, their_writer), pair.pump(their_reader, writer))
        finally:
            self._pairs.discard(pair)
            for one in pair.writers:
                one.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.upstream, Path):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection(*self.upstream)

    async def _first(self, *steps: Awaitable[None]) -> None:
        """Either side ends: both do."""
        tasks = [asyncio.ensure_future(step) for step in steps]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class Pair:
    """One connection and its other half."""

    def __init__(self, proxy: Proxy, task: asyncio.Task[Any], writers: list[asyncio.StreamWriter]) -> None:
        self.proxy, self.task, self.writers = proxy, task, writers
        self.passed = 0
        self.is_stranded = False

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(self.proxy.weather.slice_bytes):
            weather = self.proxy.weather
            await asyncio.sleep(weather.latency_s + len(data) / weather.bytes_per_s)
            while self.is_stranded or self.proxy.weather.is_black:
                await asyncio.sleep(0.05)
            self.passed += len(data)
            limit = self.proxy.weather.cut_after
            if limit is not None and self.passed >= limit:
                writer.write(data[: len(data) - (self.passed - limit)])
                await asyncio.sleep(CUT_S)
                self.reset()
                return
            writer.write(data)
            await writer.drain()
        while self.is_stranded:
            await asyncio.sleep(0.05)

    def strand(self) -> None:
        self.is_stranded = True

    def reset(self) -> None:
        for writer in self.writers:
            connection = writer.get_extra_info("socket")
            if connection is not None and connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
        self.task.cancel()
