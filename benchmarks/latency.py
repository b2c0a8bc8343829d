"""How long a reading is under way: from its reception to its commit, and to a browser; and rates held for minutes."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from websockets.sync.client import connect

from benchmarks import disk, field
from benchmarks.field import Load
from benchmarks.figures import Bound, Figure, number, percentile
from benchmarks.system import System

Say = Callable[[str], None]

QUIET_RATE = 200
SLOW_S = 0.15  # from reception to commit
SETTLED_S = 2  # of the beginning are left out: plans and caches are made then
LOOK_S = 1.0
STALE_S = 60.0  # the beginning of a load that lasts longer

COMMITTED = """
SELECT percentile_cont(%s) WITHIN GROUP (ORDER BY extract(epoch FROM pg_xact_commit_timestamp(r.xmin) - received_at))
FROM sites_reading r JOIN sites_sensor s ON s.id = sensor_id
WHERE key = 'ch1' AND time >= %s + make_interval(secs => %s)
"""
SLOW = """
SELECT DISTINCT floor(extract(epoch FROM received_at - %s::timestamptz))::int
FROM sites_reading r JOIN sites_sensor s ON s.id = sensor_id
WHERE key = 'ch1' AND time >= %s AND pg_xact_commit_timestamp(r.xmin) - received_at > make_interval(secs => %s)
ORDER BY 1
"""
AWAITED = """
SELECT COALESCE(sum(received - stored - ignored - unrecognised - failed - duplicate), 0)::bigint
FROM mqtt_app_ledgerminute WHERE minute > now() - interval '10 minutes'
"""


def measure(at: System, seconds: int, say: Say) -> list[Figure]:
    """At 200 messages a second: commit and WebSocket."""
    load = Load(QUIET_RATE * seconds, QUIET_RATE)
    with field.sites(at, 10):
        field.forget(at)
        began = at.value("SELECT now()")
        with disk.flushing(_database(at)) as flushes, listening(at) as seen, field.publishing(at, load):
            field.until_stored(at, load, say)
            time.sleep(1)
        half, most = (1000 * float(_committed(at, began, share)) for share in (0.5, 0.99))
        slow = [second for (second,) in at.query(SLOW, [began, began, SLOW_S])]
    events = 1000 * percentile([late for when, late in seen if when > SETTLED_S], 0.95)
    rate = f"at {QUIET_RATE} msg/s, {seconds} s"
    return [
        Figure("reception to commit, p50", half, "ms", Bound.AT_MOST, 25, rate),
        Figure(
            "reception to commit, p99", most, "ms", Bound.AT_MOST, 1000 * SLOW_S,
            f"{rate}; slower ones in {len(slow)} of these seconds", {"slow_seconds": slow},
        ),
        Figure(
            "  beside it: a page written and flushed, p99", percentile(flushes, 0.99), "ms",
            details=f"p50 {number(percentile(flushes, 0.5))} ms, longest {number(max(flushes))} ms of {len(flushes)}",
        ),
        Figure("reception to WebSocket event, p95", events, "ms", Bound.AT_MOST, 500, f"{rate}, {len(seen)} values"),
    ]  # fmt: skip


def _database(at: System) -> Path:
    """The folder of the database, which may lie on another disk than the rest."""
    return Path(at.value("SHOW data_directory")).parent


def _committed(at: System, began: datetime, share: float) -> float:
    return float(at.value(COMMITTED, [share, began, SETTLED_S]))


@contextmanager
def listening(at: System) -> Iterator[list[tuple[float, float]]]:
    """A browser's socket: for each value, seconds since the socket opened and since its reception."""
    seen: list[tuple[float, float]] = []
    url = at.ready["url"].replace("http", "ws") + "/ws/mqtt/status/"
    with connect(url, additional_headers={"Authorization": f"Bearer {at.ready['token']}"}, max_size=None) as socket:
        reader = threading.Thread(target=_read, args=(socket, time.time(), seen), daemon=True)
        reader.start()
        yield seen
    reader.join()


def _read(socket: Iterator[str | bytes], opened: float, seen: list[tuple[float, float]]) -> None:
    for frame in socket:
        now = time.time()
        event = json.loads(frame)
        if event["type"] == "datalogger_update":
            for sensors in (one["sensors"] for one in event["data"]["dataloggers"] if one["sensors"]):
                received = max(datetime.fromisoformat(one["received_at"]) for one in sensors)
                seen.append((now - opened, now - received.astimezone(UTC).timestamp()))


def steady(at: System, rate: int, seconds: int, say: Say) -> list[Figure]:
    """A rate held for a while: what awaits its commit must not grow."""
    load = Load(rate * seconds, rate)
    awaited: list[int] = []
    with field.sites(at, 10):
        field.forget(at)
        began, deadline = at.value("SELECT now()"), time.monotonic() + seconds
        with field.publishing(at, load) as publisher:
            sent = _Counter(publisher.stdout)
            while time.monotonic() < deadline - LOOK_S:
                time.sleep(LOOK_S)
                awaited.append(max(0, sent.value - field.stored(at, load.prefix)))
                say(f"{rate} msg/s: {awaited[-1]} messages await their commit")
            field.until_stored(at, load, say)
        most = 1000 * _committed(at, began, 0.99)
    quarter = max(1, len(awaited) // 4)
    growth = (fmean(awaited[-quarter:]) - fmean(awaited[quarter : 2 * quarter])) / rate
    details = f"{seconds} s; reception to commit p99 {number(most)} ms; at most {max(awaited)} awaited their commit"
    return [Figure(f"queue's growth at {rate:,} msg/s", growth, "s", Bound.AT_MOST, 1, details, {"awaited": awaited})]


class _Counter:
    """The newest number that a process prints, read in a thread of its own."""

    def __init__(self, lines: Iterator[str] | None) -> None:
        self.value = 0
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines: Iterator[str] | None) -> None:
        for line in lines or ():
            self.value = int(line)
