"""What a datalogger did lately: the last readings of each of its sensors, and the hours in which it was heard."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from sites.models import Datalogger
from sites.rollups import HOUR, hour

LATEST = 60
"""Readings of each sensor."""

SINCE = timedelta(days=2)
"""Older readings are no trend of now."""

DAYS = 14
"""As people plan: two weeks. Hours are looked up one by one, which an index answers without reading rows."""

TRENDS = """
SELECT s.id, r.time, r.value FROM sites_sensor s CROSS JOIN LATERAL (
    SELECT time, values[1] AS value FROM sites_reading
    WHERE sensor_id = s.id AND time > %(since)s AND time <= %(now)s ORDER BY time DESC LIMIT %(latest)s
) r WHERE s.datalogger_id = %(datalogger)s ORDER BY s.id, r.time
"""

HEARD = """
SELECT hour FROM generate_series(%(first)s::timestamptz, %(last)s::timestamptz, interval '1 hour') hour
WHERE EXISTS (
    SELECT FROM sites_sensor s CROSS JOIN LATERAL (
        SELECT FROM sites_reading WHERE sensor_id = s.id AND time >= hour AND time < hour + interval '1 hour' LIMIT 1
    ) r WHERE s.datalogger_id = %(datalogger)s
)
"""


class Trend(NamedTuple):
    """The first component of a sensor's last readings, oldest first. since: the time of the first."""

    sensor: int
    since: datetime
    value: list[float]


class Day(NamedTuple):
    """By the clocks of the site. heard: the hours with a reading, of the `hours` in which it could have been."""

    day: date
    heard: int
    hours: int


def trends(datalogger: Datalogger, now: datetime) -> list[Trend]:
    """Of each sensor that has two readings or more since two days."""
    asked: dict[str, Any] = {"datalogger": datalogger.pk, "since": now - SINCE, "now": now, "latest": LATEST}
    found: dict[int, Trend] = {}
    with connection.cursor() as cursor:
        cursor.execute(TRENDS, asked)
        for sensor, time, value in cursor.fetchall():
            if value is not None:
                found.setdefault(sensor, Trend(sensor, time, [])).value.append(value)
    return [trend for trend in found.values() if len(trend.value) > 1]


def availability(datalogger: Datalogger, now: datetime) -> list[Day]:
    """The last fourteen days, oldest first; the days before it was first seen are without hours."""
    zone = ZoneInfo(datalogger.site.timezone)
    today = now.astimezone(zone).date()
    days = {today - timedelta(days=age): [0, 0] for age in reversed(range(DAYS))}
    first = hour(now) - DAYS * 24 * HOUR
    asked: dict[str, Any] = {"datalogger": datalogger.pk, "first": first, "last": hour(now)}
    with connection.cursor() as cursor:
        cursor.execute(HEARD, asked)
        heard = {moment for (moment,) in cursor.fetchall()}
    known_since = min([hour(datalogger.first_seen_at), *heard])
    for moment in _hours(max(first, known_since), hour(now)):
        if (counts := days.get(moment.astimezone(zone).date())) is not None:
            counts[0] += moment in heard
            counts[1] += 1
    return [Day(day, *counts) for day, counts in days.items()]


def _hours(first: datetime, last: datetime) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += HOUR
