"""Readings over time, once each: when they count, and the monthly partitions, made ahead and dropped when old."""

import logging
import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from sites import rollups
from sites.binary import arrays, micros
from sites.reports import Quality
from sites.upsert import query, unnest

logger = logging.getLogger(__name__)

AHEAD = timedelta(minutes=10)
"""How far a device's clock may run ahead of reception before it is not believed (docs/rules.md, 9)."""

READINGS, ROLLUPS = "sites_reading", "sites_rollup"
"""The tables that are partitioned by month."""

MONTHS_AHEAD = 2
"""Partitions made before they are needed, so that a month without housekeeping costs nothing."""


WORTH_COPY = 100
"""Readings from which on COPY, which needs a savepoint, is faster than INSERT."""


class Reading(NamedTuple):
    """One row of history. values: one float per component, in the sensor's unit."""

    sensor_id: int
    time: datetime
    received_at: datetime
    values: tuple[float, ...]
    quality: str
    claimed_time: datetime | None = None


def settle(
    claimed: datetime | None, received_at: datetime, quality: Quality, keep: timedelta
) -> tuple[datetime, Quality, datetime | None]:
    """When a reading counts: (time, quality, claimed time kept beside it).

    A claim more than ten minutes ahead, or older than `keep`, gives way to reception and makes the reading
    questionable: one wrong clock neither freezes a latest value nor lands outside retention.
    """
    if claimed is None:
        return received_at, quality, None
    if received_at - keep <= claimed <= received_at + AHEAD:
        return claimed, quality, None
    worse = Quality.QUESTIONABLE if quality is Quality.GOOD else quality
    return received_at, worse, claimed


def array(values: Sequence[float]) -> str:
    """Floats as PostgreSQL's array literal; arrays of arrays would be flattened by unnest."""
    return "{" + ",".join(map(repr, values)) + "}"


COLUMNS = [
    ("sensor_id", "bigint"),
    ("time", "timestamptz"),
    ("received_at", "timestamptz"),
    ("values", "text"),
    ("quality", "text"),
    ("claimed_time", "timestamptz"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)

COPY = f"COPY sites_reading ({NAMES}) FROM STDIN (FORMAT BINARY)"

MERGE = f"""
INSERT INTO sites_reading AS r ({NAMES})
SELECT sensor_id, time, received_at, v.values::double precision[], quality, claimed_time FROM {unnest(COLUMNS)}
ON CONFLICT (sensor_id, time) DO UPDATE
SET values = excluded.values, quality = excluded.quality, received_at = excluded.received_at
WHERE (r.values, r.quality) IS DISTINCT FROM (excluded.values, excluded.quality)
"""  # noqa: S608


def append(readings: Sequence[Reading]) -> None:
    """Add readings to history. The same reading twice is one row; of different values for one instant the last wins.

    Needs a transaction. Nearly always all are new, and COPY takes many several times as fast as INSERT; where one is
    there already it takes none, and they are merged.
    """
    once = {(reading.sensor_id, reading.time): reading for reading in readings}
    rows = [once[key] for key in sorted(once)]  # in one order for everyone, so that nobody waits in a circle
    if not rows:
        return
    if len(rows) < WORTH_COPY:
        merge(rows)
    else:
        try:
            with transaction.atomic():
                copy(rows)
        except IntegrityError:
            merge(rows)
    edge = rollups.edge()
    if late := [(row.sensor_id, row.time) for row in rows if row.time < edge]:
        rollups.spoil(late)


def merge(readings: Sequence[Reading]) -> None:
    rows = [reading._replace(values=array(reading.values)) for reading in readings]  # type: ignore[arg-type]
    query(MERGE, arrays(rows, COLUMNS))


def copy(readings: Iterable[Reading]) -> None:
    """Raises IntegrityError when one of them is there already."""
    rows = b"".join([HEADER, *map(packed, readings), TRAILER])
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(COPY) as stream:
        stream.write(rows)


# PostgreSQL's binary COPY: each field is its length and its bytes, -1 for NULL; see binary.py for times.
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
FLOAT8 = 701  # PostgreSQL's number of the type


def packed(reading: Reading) -> bytes:
    """One row of `copy`."""
    sensor_id, time, received_at, values, quality, claimed = reading
    count, word = len(values), quality.encode()
    floats: list[float] = [8] * (2 * count)
    floats[1::2] = values
    last = (-1,) if claimed is None else (8, micros(claimed))
    return _layout(count, len(word), claimed is None).pack(
        6, 8, sensor_id, 8, micros(time), 8, micros(received_at),
        20 + 12 * count, 1, 0, FLOAT8, count, 1, *floats, len(word), word, *last,
    )  # fmt: skip


@cache
def _layout(count: int, quality: int, is_unclaimed: bool) -> struct.Struct:
    """Of a row with so many values, so long a word for their quality, and a claimed time or not."""
    return struct.Struct(f"!h iq iq iq iiiiii {'id' * count} i{quality}s {'i' if is_unclaimed else 'iq'}")


def months(first: datetime, last: datetime) -> Iterator[datetime]:
    """The first instant of each month that touches first…last, in UTC."""
    month = datetime(first.year, first.month, 1, tzinfo=UTC)
    while month <= last:
        yield month
        month = next_month(month)


def next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def make_partitions(now: datetime, keep: timedelta) -> list[str]:
    """Make the partitions from the oldest kept reading to two months ahead; returns the names of the new ones.

    Rows that meanwhile went to the DEFAULT partition move to the new one.
    """
    made = []
    there = [table for table in (READINGS, ROLLUPS) if query("SELECT to_regclass(%s)", [table]) != [(None,)]]
    for table in there:  # not all, when migrated back
        for month in months(now - keep, now + timedelta(days=31 * MONTHS_AHEAD)):
            name = f"{table}_{month:%Y%m}"
            if name not in partitions(table):
                _make(table, name, month, next_month(month))
                made.append(name)
    return made


def drop_partitions(now: datetime, keep: timedelta) -> list[str]:
    """Drop the partitions all of whose readings are older than `keep`, and their rollups; returns the names."""
    old = [name for name, end in partitions(READINGS).items() if end is not None and end <= now - keep]
    for name in old:
        for gone in (name.replace(READINGS, ROLLUPS), name):  # one lock at a time, and no chart shows what is not there
            query(f"DROP TABLE IF EXISTS {gone}")
        logger.info("Dropped readings older than %s: %s", now - keep, name)
    for table in (ROLLUPS, READINGS):
        query(f"DELETE FROM {table}_default WHERE time < %s", [rollups.hour(now - keep)])  # noqa: S608
    return old


SHORTER = """
SELECT p.readings_keep_days, array_agg(s.id)
FROM sites_site p JOIN sites_datalogger d ON d.site_id = p.id JOIN sites_sensor s ON s.datalogger_id = d.id
WHERE p.readings_keep_days IS NOT NULL GROUP BY p.id
"""


def trim(now: datetime, slice_: int) -> int:
    """Delete what is older than its site keeps readings, at most `slice_` rows in a statement; returns how many went.

    A device time is believed within the retention of all sites (settle): one that is older than its own site's is
    stored, and goes here. Whole hours go, and their rollups before them: no chart shows what is not there.
    """
    gone = 0
    for days, sensor_ids in query(SHORTER):
        before = rollups.hour(now - timedelta(days=days))
        _trim(ROLLUPS, sensor_ids, before, slice_)
        gone += _trim(READINGS, sensor_ids, before, slice_)
    return gone


def _trim(table: str, sensor_ids: Sequence[int], before: datetime, slice_: int) -> int:
    gone = 0
    for name in partitions(table):
        while deleted := _delete(name, sensor_ids, before, slice_):
            gone += deleted
    return gone


def _delete(partition: str, sensor_ids: Sequence[int], before: datetime, limit: int) -> int:
    old = f"SELECT ctid FROM {partition} WHERE sensor_id = ANY(%s) AND time < %s LIMIT %s"  # noqa: S608
    sql = f"WITH gone AS (DELETE FROM {partition} WHERE ctid = ANY(ARRAY({old})) RETURNING 1) SELECT count(*) FROM gone"  # noqa: S608
    return int(query(sql, [sensor_ids, before, limit])[0][0])


def partitions(table: str = READINGS) -> dict[str, datetime | None]:
    """The partitions of a table and where each ends; None for DEFAULT."""
    rows = query(
        "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = %s::regclass", [table]
    )
    return {name: _end(name) for (name,) in rows}


def _end(name: str) -> datetime | None:
    suffix = name.rsplit("_", 1)[1]
    if not suffix.isdigit():
        return None
    return next_month(datetime(int(suffix[:4]), int(suffix[4:]), 1, tzinfo=UTC))


@transaction.atomic
def _make(table: str, name: str, start: datetime, end: datetime) -> None:
    """Built apart and attached whole: a partition cannot be added over rows that DEFAULT already holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        cursor.execute(f"LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {table}_default WHERE time >= %s AND time < %s RETURNING *) "  # noqa: S608
            f"INSERT INTO {name} SELECT * FROM moved",
            [start, end],
        )
        cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [start, end])
