"""Whether there can be news at all: the database answers, and says that a listener lives. Asked every few seconds.

A frozen database refuses nobody and lets everybody wait. So a thread of its own asks, which may wait for ever.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from mqtt_app.browsers.events import Interruption
from mqtt_app.models import Listener

ASK_EVERY_S = 5.0
PATIENCE_S = 5.0
"""As long as a request waits for a connection to the database."""

Ask = Callable[[], datetime | None]
"""Since when no listener lives; None while one does. Raises a database error, or waits as long as the database does."""


def no_listener_since() -> datetime | None:
    """The database's answer over a new connection, as each request needs one."""
    try:
        if Listener.living().exists():
            return None
        heard: datetime | None = Listener.objects.aggregate(at=Max("heartbeat"))["at"]
        return heard or timezone.now()
    finally:
        connection.close()


class Watchman:
    """One question at a time, however long its answer takes."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._found: Interruption | None = None
        self._asked_at = -ASK_EVERY_S
        self._is_waiting = False

    def look(self) -> Interruption | None:
        """What was found last. Asks anew when it is time to; never waits."""
        waited = time.monotonic() - self._asked_at
        if self._is_waiting:
            if waited > PATIENCE_S and (self._found is None or self._found.cause != "database"):
                self._found = Interruption(cause="database", since=timezone.now() - timedelta(seconds=waited))
        elif waited >= ASK_EVERY_S:
            self._asked_at, self._is_waiting = time.monotonic(), True
            threading.Thread(target=self._question, name="watchman", daemon=True).start()
        return self._found

    def _question(self) -> None:
        asked = timezone.now()
        try:
            since = self._ask()
            self._found = None if since is None else Interruption(cause="listener", since=since)
        except DatabaseError:
            self._found = Interruption(cause="database", since=asked)
        finally:
            self._is_waiting = False
