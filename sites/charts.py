"""A sensor's history thinned for a chart: min, average and max per bucket, in columns, null where nothing was read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from sites.models import Sensor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND, SECOND = 1_000, 1_000_000  # in microseconds, the database's own grain
COLUMNS = ("min", "avg", "max")
COMPONENTS_LIMIT = 32  # columns of a chart

# Sums of doubles overflow with an error; clipped so, a billion billion of them do not. Clipping would make a number of
# NULL, which is what a reading with fewer components holds.
MEAN = """
sum(least(greatest(values[{n}], -1e290), 1e290)) FILTER (WHERE values[{n}] IS NOT NULL) / nullif(count(values[{n}]), 0)
"""
COMPONENT = f"min(values[{{n}}]), {MEAN}, max(values[{{n}}])"
THIN = """
SELECT date_bin(%s, time, %s) AS bucket, count(*), {columns}
FROM sites_reading WHERE sensor_id = %s AND time >= %s AND time < %s
GROUP BY bucket
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
    if width > SECOND:
        width = math.ceil(width / SECOND) * SECOND
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
        "unit": sensor.unit,
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
    columns = ", ".join(COMPONENT.format(n=number) for number in range(1, components + 1)) or "NULL"
    with connection.cursor() as cursor:
        parameters: tuple[Any, ...] = (width, EPOCH, sensor_id, start, end)
        cursor.execute(THIN.format(columns=columns), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
