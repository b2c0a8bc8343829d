"""What tests of rollups share: readings to roll up, and what a chart of them must show."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sites import charts, history, rollups
from sites.history import Reading
from sites.models import Reading as Row
from sites.models import Sensor
from sites.upsert import query
from tests import rows

NOON = datetime(2025, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVENING = NOON + timedelta(hours=12)


def furnished() -> Sensor:
    found: Sensor = rows.furnished().sensor
    Row.objects.all().delete()
    return found


def announce(now: datetime) -> None:
    """As if it had been announced an hour ago: nobody remembers an older edge."""
    rollups.announce(now)
    query("UPDATE sites_rollupedge SET since = since - interval '1 hour'")
    rollups.forget()


def roll(now: datetime) -> dict[str, int]:
    announce(now)
    return rollups.roll(now, 60)


def read(sensor: Sensor, *moments: datetime, values: tuple[float, ...] = (1.0, 2.0, 3.0)) -> None:
    history.append([Reading(sensor.pk, moment, moment, values, "good") for moment in moments])


def counts(sensor: Sensor, start: datetime = NOON, hours: int = 4) -> list[int]:
    """How many readings a chart by the hour shows."""
    chart = charts.thin(sensor, start, start + hours * HOUR, hours + 1)
    assert chart["bucket_s"] == 3_600
    counted: list[int] = chart["count"]
    return counted


Told = dict[datetime, tuple[float, ...]]


def expected(told: Told, start: datetime, end: datetime, width: timedelta) -> dict[datetime, list[Any]]:
    """What a chart must show in each bucket: how many readings, and of each component least, mean and most."""
    buckets: dict[datetime, list[tuple[float, ...]]] = {}
    for moment, values in told.items():
        if start <= moment < end:
            buckets.setdefault(moment - (moment - rollups.EPOCH) % width, []).append(values)
    return {bucket: [len(found), *(_line(found, n) for n in range(3))] for bucket, found in buckets.items()}


def _line(found: list[tuple[float, ...]], n: int) -> tuple[float, float, float] | None:
    numbers = [values[n] for values in found if len(values) > n]
    return (min(numbers), math.fsum(numbers) / len(numbers), max(numbers)) if numbers else None


def shown(chart: dict[str, Any]) -> dict[datetime, list[Any]]:
    found: dict[datetime, list[Any]] = {}
    for place, count in enumerate(chart["count"]):
        lines = [tuple(line[column][place] for column in charts.COLUMNS) for line in chart["series"]]
        if count:
            bucket = datetime.fromtimestamp(chart["time"][place], UTC)
            found[bucket] = [count, *(None if line[0] is None else pytest.approx(line) for line in lines)]
    return found
