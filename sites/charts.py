"""A sensor's history thinned for a chart: min, average and max per bucket, in columns, null where nothing was read.

Buckets of an hour and wider are whole hours, read from rollups where there are any that hold (sites.rollups).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from sites.models import Sensor
from sites.rollups import EPOCH, HOUR, SUM, hour

MILLISECOND, SECOND = 1_000, 1_000_000  # in microseconds, the database's own grain
COLUMNS = ("min", "avg", "max")
COMPONENTS_LIMIT = 32  # columns of a chart

COMPONENT = "min(least{n}), sum(total{n}) / nullif(sum(number{n}), 0), max(most{n})"
VALUE = "values[{n}] AS value{n}"
OF_READINGS = f"""
min(value{{n}}) AS least{{n}}, {SUM.format("value{n}")} AS total{{n}}, max(value{{n}}) AS most{{n}},
count(value{{n}}) AS number{{n}}
"""
OF_ROLLUPS = "min(minima[{n}]), sum(sums[{n}]), max(maxima[{n}]), sum(counts[{n}])"

# first…last: whole hours, of which those that are rolled up and not stale are read as rollups, all else as readings.
# All in one statement, so that it sees either a late reading and its mark or neither.
THIN = """
WITH edge (rolled) AS (
    SELECT greatest(%(first)s, least(%(last)s, coalesce((SELECT rolled FROM sites_rollupedge), '-infinity')))
), rollup AS NOT MATERIALIZED ( -- so that the few stale ones are found, and expected, by their index
    SELECT r.* FROM sites_rollup r, edge
    WHERE sensor_id = %(sensor)s AND time >= %(first)s AND time < %(last)s AND time < edge.rolled
), span (since, until) AS (
    SELECT %(start)s::timestamptz, %(first)s::timestamptz
    UNION ALL SELECT rolled, %(end)s FROM edge
    UNION ALL
    SELECT time, time + interval '1 hour' FROM rollup WHERE is_stale
), part AS (
    SELECT p.* FROM span CROSS JOIN LATERAL (
        SELECT date_bin(%(width)s, time, %(epoch)s) AS bucket, count(*) AS readings, {of_readings}
        FROM (
            SELECT time, {values} FROM sites_reading
            WHERE sensor_id = %(sensor)s AND time >= %(start)s AND time < %(end)s AND time >= since AND time < until
            OFFSET 0 -- each value is taken out of its array once, not by each total anew: half the time
        ) AS reading
        GROUP BY bucket
    ) AS p
    UNION ALL
    SELECT date_bin(%(width)s, time, %(epoch)s) AS bucket, sum(readings), {of_rollups}
    FROM rollup WHERE NOT is_stale GROUP BY bucket
)
SELECT bucket, sum(readings)::bigint, {columns} FROM part GROUP BY bucket
"""


@dataclass(frozen=True, slots=True)
class Grid:
    """Equal buckets on a fixed raster since 1970, so that a chart which moves on with time keeps its buckets."""

    first: datetime
    width: timedelta
    buckets: int

    def place(self, start: datetime) -> int:
        """The number of the bucket that starts at `start`."""
        return (start - self.first) // self.width

    def starts(self) -> list[float]:
        """Each bucket's start, in seconds since 1970."""
        first, width = self.first.timestamp(), self.width.total_seconds()
        return [round(first + number * width, 6) for number in range(self.buckets)]


def grid(start: datetime, end: datetime, points: int, interval: float | None) -> Grid:
    """At most `points` (2 or more) buckets over start…end.

    interval: seconds the device promises between messages. Buckets hold two of them at least: with one, a message that
    comes a moment late would leave its bucket empty, and the chart would show a gap that was none.
    """
    span = max((end - start) // timedelta(microseconds=1), 1)
    width = max(math.ceil(span / (points - 1)), MILLISECOND, math.ceil(2 * SECOND * (interval or 0)))
    for grain in (SECOND, HOUR // timedelta(microseconds=1)):
        if width > grain:
            width = math.ceil(width / grain) * grain
    bucket = timedelta(microseconds=width)
    first = EPOCH + (start - EPOCH) // bucket * bucket
    return Grid(first, bucket, max(-((first - end) // bucket), 1))


def thin(sensor: Sensor, start: datetime, end: datetime, points: int) -> dict[str, Any]:
    """The readings of start ≤ time < end as columns of equal length; `time`: each bucket's start, seconds since 1970.

    The interval that the sensor's datalogger declares bounds the buckets (see grid); `bucket_s` says their width.
    """
    buckets = grid(start, end, points, sensor.datalogger.interval_s)
    components = sensor.components[:COMPONENTS_LIMIT]
    counts = [0] * buckets.buckets
    series: list[dict[str, Any]] = [
        {"component": name} | {column: [None] * buckets.buckets for column in COLUMNS} for name in components
    ]
    for bucket, count, *values in read(sensor.pk, buckets.width, start, end, len(components)):
        place = buckets.place(bucket)
        counts[place] = count
        for number, line in enumerate(series):
            line["min"][place], line["avg"][place], line["max"][place] = values[3 * number : 3 * number + 3]
    return {
        "sensor": sensor.pk,
        "unit": sensor.shown_unit,
        "components": components,
        "from": start,
        "to": end,
        "bucket_s": buckets.width.total_seconds(),
        "time": buckets.starts(),
        "count": counts,
        "series": series,
    }


def read(
    sensor_id: int, width: timedelta, start: datetime, end: datetime, components: int
) -> Sequence[tuple[Any, ...]]:
    """One row per bucket that holds readings: its start, their count, and min, average, max of each component."""
    first, last = whole_hours(start, end) if width % HOUR == timedelta(0) else (start, start)
    sql = THIN.format(
        columns=_each(COMPONENT, components),
        values=_each(VALUE, components),
        of_readings=_each(OF_READINGS, components),
        of_rollups=_each(OF_ROLLUPS, components),
    )
    range_: dict[str, Any] = {"start": start, "first": first, "last": last, "end": end}
    raster: dict[str, Any] = {"width": width, "epoch": EPOCH}
    with connection.cursor() as cursor:
        cursor.execute(sql, {"sensor": sensor_id} | range_ | raster)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def whole_hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The hours that lie whole in start…end; none of them as (start, start)."""
    first, last = -((EPOCH - start) // HOUR) * HOUR + EPOCH, hour(end)
    return (first, last) if first < last else (start, start)


def _each(columns: str, components: int) -> str:
    return ", ".join(columns.format(n=number) for number in range(1, components + 1)) or "NULL"
