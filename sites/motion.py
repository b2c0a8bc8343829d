"""A site's motion: how much each accelerometer shakes, axis by axis, and which values went beyond their limits."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from sites.models import Sensor, Site
from sites.upsert import query

SHAKEN = timedelta(hours=1)
BEYOND = timedelta(hours=24)
SENSORS = 200  # of a site that are asked of, the first by device and key

# About the mean: gravity, which one axis holds all the time, is no motion.
RMS = """
SELECT sensor_id, count(*), stddev_pop(values[1]), stddev_pop(values[2]), stddev_pop(values[3]) FROM sites_reading
WHERE sensor_id = ANY(%s) AND time >= %s AND time <= %s GROUP BY sensor_id
"""
# An event begins with a reading beyond a limit whose predecessor was not; a single one is an event.
EVENTS = """
WITH judged AS (
    SELECT r.sensor_id, r.time, EXISTS (
        SELECT 1 FROM unnest(r.values) AS value WHERE value < s.lower_limit OR value > s.upper_limit
    ) AS is_beyond
    FROM sites_reading r JOIN sites_sensor s ON s.id = r.sensor_id
    WHERE r.sensor_id = ANY(%s) AND r.time >= %s AND r.time <= %s
), told AS (
    SELECT *, lag(is_beyond, 1, false) OVER (PARTITION BY sensor_id ORDER BY time) AS was_beyond FROM judged
)
SELECT sensor_id, count(*) FILTER (WHERE NOT was_beyond), min(time), max(time) FROM told
WHERE is_beyond GROUP BY sensor_id ORDER BY max(time) DESC
"""


class Shaking(NamedTuple):
    """rms: root mean square about the mean of each axis over the last hour, in the sensor's unit."""

    sensor: Sensor
    readings: int
    rms: list[float]


class Excursion(NamedTuple):
    """How often a sensor went beyond its limits in the last 24 hours, and its first and last reading there."""

    sensor: Sensor
    times: int
    first: datetime
    last: datetime


class Motion(NamedTuple):
    """shaking: the strongest first. excursions: the latest first.

    limited: sensors with a limit that were heard in these 24 hours.
    """

    shaking: list[Shaking]
    excursions: list[Excursion]
    limited: int


def of_site(site: Site, now: datetime) -> Motion:
    sensors = Sensor.objects.filter(datalogger__site=site).select_related("datalogger")
    has_limit = Q(lower_limit__isnull=False) | Q(upper_limit__isnull=False)
    limited = _first(sensors.filter(has_limit, latest_time__gte=now - BEYOND))
    return Motion(_shaking(_first(sensors.filter(kind="accelerometer")), now), _excursions(limited, now), len(limited))


def _first(sensors: QuerySet[Sensor]) -> dict[int, Sensor]:
    return {sensor.pk: sensor for sensor in sensors.order_by("datalogger__serial", "key")[:SENSORS]}


def _shaking(sensors: dict[int, Sensor], now: datetime) -> list[Shaking]:
    rows = query(RMS, [list(sensors), now - SHAKEN, now]) if sensors else []
    found = [Shaking(sensors[pk], count, [one for one in axes if one is not None]) for pk, count, *axes in rows]
    return sorted(found, key=lambda one: -max(one.rms, default=0.0))


def _excursions(sensors: dict[int, Sensor], now: datetime) -> list[Excursion]:
    rows = query(EVENTS, [list(sensors), now - BEYOND, now]) if sensors else []
    return [Excursion(sensors[pk], *told) for pk, *told in rows]
