"""What a listener has to say of its connections: each one's newest state, every log line, one report at a time."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from mqtt_app.listening.courier import Courier
from mqtt_app.listening.holding import Holding
from mqtt_app.messages import LogEntry, StatusReport

ENTRIES = 10_000
"""Log lines kept for an absent queue; beyond that the oldest go."""

Send = Callable[[Sequence[StatusReport], Sequence[LogEntry]], None]


class Reporter:
    """Gathers while a report is under way, so that an absent queue costs one state for each connection and no more."""

    def __init__(self, courier: Courier, send: Send) -> None:
        self._courier = courier
        self._send = send
        self._states: dict[int, StatusReport] = {}
        self._entries: deque[LogEntry] = deque(maxlen=ENTRIES)
        self._free = threading.Semaphore(1)

    def tell(self, *holdings: Holding) -> None:
        """Note the state of these connections, and what happened to them."""
        for holding in holdings:
            self._states[holding.wish.connection_id] = holding.report._replace(message_at=holding.message_at)
            self._entries.extend(holding.entries)
            holding.entries = []

    def send(self, patience_s: float = 0.0) -> None:
        """Send what was noted, unless a report is still under way after `patience_s`: then it goes with the next."""
        if (self._states or self._entries) and self._free.acquire(timeout=patience_s):
            states, self._states = list(self._states.values()), {}
            entries = list(self._entries)
            self._entries.clear()
            self._courier.send(partial(self._carry, states, entries))

    def _carry(self, states: Sequence[StatusReport], entries: Sequence[LogEntry]) -> None:
        self._send(states, entries)
        self._free.release()
