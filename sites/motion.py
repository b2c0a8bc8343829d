"""A site's motion: how much each accelerometer shakes, axis by axis, and which values went beyond their limits."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Q, QuerySet

from sites.binary import Column, arrays
from sites.models import Sensor, Site
from sites.reports import Quality
from sites.rollups import HOUR, NEVER, hour
from sites.upsert import query, unnest

SHAKEN = timedelta(hours=1)
BEYOND = timedelta(hours=24)
SENSORS = 200  # of a site that are asked of, the first by device and key
TAIL = timedelta(hours=2)
"""How much is read as it was stored, where hours are not rolled up yet (those that are over are so after a quarter)."""
READINGS = 100_000
"""Of hours with something beyond a limit, the newest first, that are looked at; reading them takes half a second."""

UNTRUSTED = (Quality.BAD, Quality.CALIBRATING, Quality.OFFLINE)
TRUSTED = "quality NOT IN ({})".format(", ".join(f"'{one}'" for one in UNTRUSTED))

# About the mean: gravity, which one axis holds all the time, is no motion. Nor is a single reading: it is its own mean.
# Squares of the greatest doubles overflow with an error; clipped so, those of a billion readings do not.
AXIS = "CASE WHEN count(values[{0}]) > 1 THEN stddev_pop(least(greatest(values[{0}], -1e145), 1e145)) END"
RMS = f"""
SELECT sensor_id, count(*), max(time), {", ".join(AXIS.format(axis) for axis in (1, 2, 3))} FROM sites_reading
WHERE sensor_id = ANY(%s) AND time >= %s AND time <= %s AND {TRUSTED} GROUP BY sensor_id
"""  # noqa: S608

# Only hours in which something lies beyond a limit are worth reading: a whole day of 200 sensors takes half a minute.
HOURS = """
SELECT r.time, r.sensor_id, CASE WHEN r.is_stale THEN greatest(r.readings, 1000) ELSE r.readings END
FROM sites_rollup r JOIN sites_sensor s ON s.id = r.sensor_id
WHERE r.sensor_id = ANY(%s) AND r.time >= %s AND r.time < %s
    AND (r.is_stale OR s.upper_limit < ANY (r.maxima) OR s.lower_limit > ANY (r.minima))
ORDER BY r.time DESC
"""
SPANS: list[Column] = [("sensor_id", "bigint"), ("since", "timestamptz"), ("until", "timestamptz")]
# An event begins with a reading beyond a limit whose predecessor was not; a single one is an event. What lies between
# two hours that are not neighbours was within the limits.
EVENTS = f"""
WITH judged AS (
    SELECT v.*, r.*
    FROM {unnest(SPANS)} JOIN sites_sensor s ON s.id = v.sensor_id CROSS JOIN LATERAL (
        SELECT time,
            coalesce(upper_limit < ANY (values), false) OR coalesce(lower_limit > ANY (values), false) AS is_beyond
        FROM sites_reading WHERE sensor_id = s.id AND time >= v.since AND time < v.until AND {TRUSTED}
        OFFSET 0  -- each span by the primary key, whatever the planner thinks of their number
    ) AS r
), told AS (
    SELECT *, lag(is_beyond, 1, false) OVER w AND lag(until) OVER w >= since AS was_beyond
    FROM judged WINDOW w AS (PARTITION BY sensor_id ORDER BY time)
)
SELECT sensor_id, count(*) FILTER (WHERE NOT was_beyond), min(time), max(time) FROM told
WHERE is_beyond GROUP BY sensor_id ORDER BY max(time) DESC
"""  # noqa: S608


class Shaking(NamedTuple):
    """rms: root mean square about the mean of each axis over the last hour, in the sensor's unit; none of one reading.

    last: when the newest of these readings was taken.
    """

    sensor: Sensor
    readings: int
    last: datetime
    rms: list[float]


class Excursion(NamedTuple):
    """How often a sensor went beyond its limits in the last 24 hours, and its first and last reading there."""

    sensor: Sensor
    times: int
    first: datetime
    last: datetime


class Motion(NamedTuple):
    """shaking: the strongest first. excursions: the latest first. Readings that say that they are none do not count.

    limited: sensors with a limit that were heard in these 24 hours. since: from when on excursions were looked for,
    24 hours ago unless hours are not rolled up yet, or more lies beyond limits than can be read.
    """

    shaking: list[Shaking]
    excursions: list[Excursion]
    limited: int
    since: datetime


def of_site(site: Site, now: datetime) -> Motion:
    sensors = Sensor.objects.filter(datalogger__site=site).select_related("datalogger")
    has_limit = Q(lower_limit__isnull=False) | Q(upper_limit__isnull=False)
    limited = _first(sensors.filter(has_limit, latest_time__gte=now - BEYOND))
    excursions, since = _excursions(limited, now)
    return Motion(_shaking(_first(sensors.filter(kind="accelerometer")), now), excursions, len(limited), since)


def _first(sensors: QuerySet[Sensor]) -> dict[int, Sensor]:
    return {sensor.pk: sensor for sensor in sensors.order_by("datalogger__serial", "key")[:SENSORS]}


def _shaking(sensors: dict[int, Sensor], now: datetime) -> list[Shaking]:
    rows = query(RMS, [list(sensors), now - SHAKEN, now]) if sensors else []
    found = [
        Shaking(sensors[pk], count, last, [one for one in axes if one is not None]) for pk, count, last, *axes in rows
    ]
    return sorted(found, key=lambda one: -max(one.rms, default=-1.0))


def _excursions(sensors: dict[int, Sensor], now: datetime) -> tuple[list[Excursion], datetime]:
    spans, since = _worth_reading(list(sensors), now) if sensors else ([], now - BEYOND)
    rows = query(EVENTS, arrays(spans, SPANS)) if spans else []
    return [Excursion(sensors[pk], *told) for pk, *told in rows], since


def _worth_reading(sensors: list[int], now: datetime) -> tuple[list[tuple[int, datetime, datetime]], datetime]:
    """The spans in which something may lie beyond a limit, and from when on that is all of them."""
    [(rolled,)] = query("SELECT max(rolled) FROM sites_rollupedge")
    edge = min(rolled or NEVER, now)
    tail = max(edge, now - TAIL)
    spans = [(pk, tail, now) for pk in sensors]
    if edge < tail:
        return spans, tail
    since, read = now - BEYOND, 0
    for start, each in groupby(query(HOURS, [sensors, hour(since), edge]), itemgetter(0)):
        hours = list(each)
        read += sum(readings for _, _, readings in hours)
        if read > READINGS:
            return spans, start + HOUR
        spans += [(pk, max(start, since), start + HOUR) for _, pk, _ in hours]
    return spans, since
