"""Sees which of the supervisor's processes have stopped without ending, and has them started anew."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg

from mqtt_app import queues
from mqtt_app.health import stalls
from project.local.servers import Addresses

POLL_S = 5.0
CONNECT_S = 5
STATEMENT_MS = 5_000

Restart = Callable[[str, str], None]
"""Of a program by its name, and why."""


class Watch(threading.Thread):
    """A thread of its own: the supervisor must not wait for servers that may themselves be stuck."""

    def __init__(self, at: Addresses, judges: Mapping[str, stalls.Judge], restart: Restart) -> None:
        super().__init__(name="watch", daemon=True)
        self.over = threading.Event()
        self._at, self._judges, self._restart = at, judges, restart
        self._since: dict[str, float] = {}
        """When each was first found stalled, and has been ever since."""

    def run(self) -> None:
        while not self.over.wait(POLL_S):
            self._heed(self._ask(), time.monotonic())

    def _ask(self) -> dict[str, str]:
        """Who has stalled, and how it shows. While a server does not answer, nobody has."""
        options = f"-c statement_timeout={STATEMENT_MS}"
        try:
            with (
                psycopg.connect(self._at.database_url, connect_timeout=CONNECT_S, options=options) as connection,
                queues.at(self._at.queue_url) as server,
            ):
                found = {name: judge(connection.cursor(), server) for name, judge in self._judges.items()}
        except (psycopg.Error, *queues.AWAY):
            return {}
        return {name: words for name, words in found.items() if words}

    def _heed(self, stalled: Mapping[str, str], now: float) -> None:
        self._since = {name: self._since.get(name, now) for name in stalled}
        for name, since in list(self._since.items()):
            if now - since >= stalls.CONFIRM_S:
                self._restart(name, stalled[name])
                del self._since[name]


@contextmanager
def watching(at: Addresses, judges: Mapping[str, stalls.Judge], restart: Restart) -> Iterator[None]:
    watch = Watch(at, judges, restart)
    watch.start()
    try:
        yield
    finally:
        watch.over.set()
