"""Who has stopped without ending? Asked by whoever may start it again: words when it has, None when nobody can say so.

It takes any cursor of ours or of psycopg: the supervisor of `manage.py up` has no Django to ask with.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mqtt_app import queues

LIMIT_S = 60.0
"""A listener beats every 3 s."""

CONFIRM_S = 30.0
"""So much later it must still be so: after an outage of the database everything looks stalled until it has done
something again, and the next canary may be 15 s away."""

CANARY = ("mqtt_app_pulse", "at", "name = %s")
SENT = ("django_celery_beat_periodictask", "last_run_at", "name = %s")
HEARTBEAT = ("mqtt_app_listener", "heartbeat", "starts_with(name, %s)")

BROUGHT_BACK = "UPDATE {0} SET {1} = now() WHERE {2} AND {1} > now() + interval '5 seconds'"
"""What lies ahead was written before the clock was set back, nobody knows when. Left so, it would hide a process that
has stopped until the clock is there again; taken for old, it would end one that lives. So it is as if written now."""

AGE = "SELECT EXTRACT(EPOCH FROM now() - max({1})) FROM {0} WHERE {2}"


class Cursor(Protocol):
    def execute(self, statement: Any, parameters: Sequence[Any]) -> Any: ...
    def fetchone(self) -> Any: ...


Judge = Callable[[Cursor, queues.Server], str | None]


def worker(queue: str) -> Judge:
    """Of a queue. Old canaries alone may mean that nobody sends any; it takes something that waits, too."""

    def judge(cursor: Cursor, server: queues.Server) -> str | None:
        age = _seconds(cursor, CANARY, f"canary:{queue}")
        waiting = server.length(queue)
        if age is None or age <= queues.CANARY_LIMIT_S[queue] or not waiting:
            return None
        return f"it has taken nothing from the queue {queue} for {age:.0f} s, where {waiting} tasks wait"

    return judge


def listener(name: str) -> Judge:
    """Of a name, or of all that begin so, of which one must live."""

    def judge(cursor: Cursor, _server: queues.Server) -> str | None:
        age = _seconds(cursor, HEARTBEAT, name)
        return None if age is None or age <= LIMIT_S else f"it has not beaten for {age:.0f} s"

    return judge


def beat(task: str, period_s: float) -> Judge:
    """Of the schedule: beat notes each task that it sends. Three may be due before somebody is told."""

    def judge(cursor: Cursor, _server: queues.Server) -> str | None:
        age = _seconds(cursor, SENT, task)
        limit = max(LIMIT_S, 3 * period_s)
        return None if age is None or age <= limit else f"it has not sent {task} for {age:.0f} s"

    return judge


def _seconds(cursor: Cursor, stamp: tuple[str, str, str], name: str) -> float | None:
    """The age of the youngest stamp, given as table, column and condition; None where there is none."""
    for statement in (BROUGHT_BACK, AGE):
        cursor.execute(statement.format(*stamp), [name])
    row = cursor.fetchone()
    return None if row is None or row[0] is None else float(row[0])
