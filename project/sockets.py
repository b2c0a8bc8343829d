"""The WebSocket of the web process: uvicorn's own, made to let go of a reader that takes nothing.

uvicorn waits for as long as a connection lives, and closes it only when all that was written has been taken: a reader
that stops reading, and lives, would hold its memory for ever. `uvicorn --ws project.sockets:ImpatientWebSocket`.
"""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PATIENCE_S = 10.0
"""Whoever takes nothing for so long is cut off, by the system or by us."""

KERNEL_BUFFER_BYTES = 128 * 1024
"""What the system holds for one reader (Linux doubles it). Left alone it grows to 4 MiB of news, old when read."""


class ImpatientWebSocket(WebSocketsSansIOProtocol):
    """One browser's socket, on the server's side."""

    _abort: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        if connection.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            # Counts from the first byte that is not taken, also when the reader is there and its window is closed.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(PATIENCE_S * 1000))
        super().connection_made(transport)

    def pause_writing(self) -> None:
        """More waits than the system takes: a reader that takes a byte now and then is none either."""
        super().pause_writing()
        self._abort = self.loop.call_later(PATIENCE_S, self.transport.abort)

    def resume_writing(self) -> None:
        self._be_patient()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def _be_patient(self) -> None:
        if self._abort is not None:
            self._abort.cancel()
            self._abort = None
