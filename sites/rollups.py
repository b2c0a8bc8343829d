"""Hourly rollups: what a sensor read in an hour as one row, so that a chart of a year need not read half a million.

An hour is rolled up once it is over. A reading that comes later marks the hour's row stale, and charts read readings
there until it is rolled up anew. A rollup never misses a reading, because

1. `announce` moves the edge first; whoever adds a reading before the edge marks its hour, in the same transaction;
2. an hour is rolled up two minutes after the edge has passed it, when no process remembers an older one (each for a
   minute), and after every transaction that was adding readings then has ended;
3. who marks an hour and who rolls it up write the same row: the second waits for the first, and the mark stays.

So nothing hangs on clocks that agree, and adding readings takes no further statement while they are not late.
"""

import logging
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.db import transaction

from sites.binary import arrays
from sites.upsert import query, unnest

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

GRACE = timedelta(minutes=15)
"""How long after its end an hour waits for stragglers: those that come later have it rolled up twice."""

MEMORY_S = 60
"""How long a process goes by the edge it has read."""

RUN_S = 5.0
"""How long one run goes on beginning hours: notices wait for the same worker."""

SLICE = 500
"""Stale hours rolled up anew in one transaction, for which a late reading of theirs may have to wait."""

NEVER = datetime.min.replace(tzinfo=UTC)


def hour(moment: datetime) -> datetime:
    """The start of its hour."""
    return moment - (moment - EPOCH) % HOUR


def edge() -> datetime:
    """Readings before it make a rollup stale. To be asked after they are added, in their transaction."""
    return _edge(int(time.monotonic() // MEMORY_S))


@lru_cache(maxsize=1)
def _edge(minute: int) -> datetime:  # noqa: ARG001  # the next minute asks again
    found = query("SELECT announced FROM sites_rollupedge")
    return found[0][0] if found else NEVER


forget = _edge.cache_clear

HOURS = [("sensor_id", "bigint"), ("time", "timestamptz")]

SPOIL = f"""
INSERT INTO sites_rollup (sensor_id, time, is_stale)
SELECT sensor_id, time, true FROM {unnest(HOURS)} ORDER BY sensor_id, time
ON CONFLICT (sensor_id, time) DO UPDATE SET is_stale = true
"""  # noqa: S608


def spoil(late: Collection[tuple[int, datetime]]) -> None:
    """Mark the hours of readings before the edge: (sensor id, time) of each. In the transaction that has added them."""
    query(SPOIL, arrays({(sensor_id, hour(moment)) for sensor_id, moment in late}, HOURS))


# Sums of doubles overflow with an error; clipped so, a billion billion of them do not. Clipping would make a number of
# NULL, which is what a reading with fewer components holds.
SUM = "sum(least(greatest({0}, -1e290), 1e290)) FILTER (WHERE {0} IS NOT NULL)"

COLUMNS = "sensor_id, time, readings, minima, sums, maxima, counts"

# Every reading is in the group of its first component, also one without any: that group counts readings.
TOTALS = f"""
SELECT sensor_id, (array_agg(readings ORDER BY n))[1] AS readings, array_agg(least ORDER BY n) AS minima,
    array_agg(total ORDER BY n) AS sums, array_agg(most ORDER BY n) AS maxima, array_agg(number ORDER BY n) AS counts
FROM (
    SELECT sensor_id, coalesce(n, 1) AS n, count(*) AS readings,
        min(v) AS least, {SUM.format("v")} AS total, max(v) AS most, count(v) AS number
    FROM sites_reading LEFT JOIN LATERAL unnest(values) WITH ORDINALITY AS u(v, n) ON true
    WHERE {{which}} GROUP BY sensor_id, coalesce(n, 1)
) AS component GROUP BY sensor_id
"""  # noqa: S608

ROLL = f"""
INSERT INTO sites_rollup ({COLUMNS})
SELECT sensor_id, %(hour)s, readings, minima, sums, maxima, counts
FROM ({TOTALS.format(which="time >= %(hour)s AND time < %(end)s")}) AS t ORDER BY sensor_id
ON CONFLICT (sensor_id, time) DO NOTHING
"""  # noqa: S608

TAKE_STALE = """
DELETE FROM sites_rollup WHERE (sensor_id, time) IN (
    SELECT sensor_id, time FROM sites_rollup WHERE is_stale AND time < (SELECT rolled FROM sites_rollupedge)
    LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING sensor_id, time
"""

ROLL_ANEW = f"""
INSERT INTO sites_rollup ({COLUMNS})
SELECT v.sensor_id, v.time, readings, minima, sums, maxima, counts
FROM {unnest(HOURS)} CROSS JOIN LATERAL (
    {TOTALS.format(which="sensor_id = v.sensor_id AND time >= v.time AND time < v.time + interval '1 hour'")}
) AS t
"""  # noqa: S608

FIRST = """
SELECT min(r.time) FROM sites_sensor s
CROSS JOIN LATERAL (SELECT time FROM sites_reading WHERE sensor_id = s.id ORDER BY time LIMIT 1) AS r
"""

ANNOUNCE = """
INSERT INTO sites_rollupedge AS e (id, announced) SELECT 1, date_trunc('hour', least(%s, clock_timestamp()), 'UTC')
ON CONFLICT (id) DO UPDATE SET announced = excluded.announced, since = NULL WHERE e.announced < excluded.announced
"""

SETTLED = """
SELECT announced FROM sites_rollupedge
WHERE since < clock_timestamp() - %s AND announced > coalesce(rolled, '-infinity')
"""

# Whoever adds readings holds this lock until the transaction ends.
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE relation = 'sites_reading'::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def roll(now: datetime, seconds: float = RUN_S) -> dict[str, int]:
    """Roll up hours that are over, the oldest first, and stale ones anew; returns how many of each.

    Safe to start twice, at once, late or never, and to be killed anywhere: each hour is a transaction, and the next
    run goes on where this one ends.
    """
    deadline = time.monotonic() + seconds
    done = {"hours": 0, "stale": 0}
    if (until := _settled(seconds)) is not None:
        while time.monotonic() < deadline and _roll_hour(until):
            done["hours"] += 1
    while time.monotonic() < deadline and (mended := _roll_anew()):
        done["stale"] += mended
    announce(now)
    logger.debug("Rollups: %s", done)
    return done


def announce(now: datetime) -> None:
    """Tell whoever adds readings which hours will be rolled up: those over, whatever a worker's clock says."""
    query(ANNOUNCE, [now - GRACE])
    query("UPDATE sites_rollupedge SET since = clock_timestamp() WHERE since IS NULL")  # it is committed by now


def _settled(patience_s: float) -> datetime | None:
    """The edge, when every reading before it is committed or will mark its hour; None when there is nothing to do."""
    found = query(SETTLED, [timedelta(seconds=2 * MEMORY_S)])
    return found[0][0] if found and _outlasted(_writers(), patience_s) else None


def _outlasted(writers: set[str], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while writers & _writers():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _writers() -> set[str]:
    """The transactions that are adding readings."""
    return {name for (name,) in query(WRITERS)}


@transaction.atomic
def _roll_hour(until: datetime) -> bool:
    """The next hour; False when all before `until` are rolled up, or another run is at it."""
    query("SET LOCAL statement_timeout = '10min'")  # of a hundred million readings; it holds up nobody
    query("SET LOCAL synchronous_commit = off")  # what a crash forgets is done again
    sql = "SELECT rolled FROM sites_rollupedge WHERE coalesce(rolled, '-infinity') < %s FOR UPDATE SKIP LOCKED"
    found = query(sql, [until])
    if not found:
        return False
    rolled: datetime | None = found[0][0]
    if rolled is None:
        first: datetime | None = query(FIRST)[0][0]
        end = min(hour(first), until) if first else until
    else:
        end = rolled + HOUR
        query(ROLL, {"hour": rolled, "end": end})
    query("UPDATE sites_rollupedge SET rolled = %s", [end])
    return True


@transaction.atomic
def _roll_anew() -> int:
    """Some stale hours; how many. Taken away and made of what is there in a later statement; late readings wait."""
    stale = query(TAKE_STALE, [SLICE])
    if stale:
        query(ROLL_ANEW, arrays(stale, HOURS))
    return len(stale)
