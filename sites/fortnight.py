"""A site's one telling value by day over two weeks: the energy of a plant, the greatest tilt of a structure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from sites import headlines
from sites.curves import SENSORS
from sites.models import Site
from sites.rollups import EPOCH, HOUR, SUM, hour

DAYS = 14
"""As people plan, and as a device's availability is told (sites.lately)."""

# Of one hour of one sensor, from its rollup or from its readings: the mean of a power, the greatest of a tilt.
OF_ROLLUP = {
    "ac_power": "sums[1] / nullif(counts[1], 0)",
    "tilt": "greatest(abs(minima[1]), abs(maxima[1]), abs(minima[2]), abs(maxima[2]))",
}
OF_READINGS = {
    "ac_power": f"{SUM.format('values[1]')} / nullif(count(values[1]), 0)",
    "tilt": "max(greatest(abs(values[1]), abs(values[2])))",
}
OF_SENSORS = {"ac_power": "sum(value)", "tilt": "max(value)"}

# Hours that are rolled up and not stale are read as rollups, all else as readings (see sites.charts, which tells why in
# one statement).
HOURS = """
WITH edge (rolled) AS (
    SELECT greatest(%(first)s, least(%(now)s, coalesce((SELECT rolled FROM sites_rollupedge), '-infinity')))
), rollup AS (
    SELECT r.* FROM sites_rollup r, edge
    WHERE sensor_id = ANY(%(sensors)s) AND time >= %(first)s AND time < edge.rolled
), span (sensor_id, since, until) AS (
    SELECT unnest(%(sensors)s::bigint[]), rolled, %(now)s::timestamptz FROM edge
    UNION ALL SELECT sensor_id, time, time + interval '1 hour' FROM rollup WHERE is_stale
), part (hour, value) AS (
    SELECT time, {of_rollup} FROM rollup WHERE NOT is_stale
    UNION ALL
    SELECT p.* FROM span CROSS JOIN LATERAL (
        SELECT date_bin('1 hour', time, %(epoch)s) AS hour, {of_readings} FROM sites_reading
        WHERE sensor_id = span.sensor_id AND time >= since AND time < until GROUP BY hour
    ) AS p
)
SELECT hour, {of_sensors} FROM part GROUP BY hour
"""


class Fortnight(NamedTuple):
    """By the clocks of the site, oldest first, today last. value: null for a day without a reading."""

    name: str
    unit: str
    day: list[date]
    value: list[float | None]


def of_site(site: Site, now: datetime) -> Fortnight | None:
    """None for a site whose devices measure neither.

    Energy is the mean power of each hour with readings, times what has passed of it. An hour belongs to the day
    in which it begins.
    """
    sensors = list(headlines.telling(site)[:SENSORS])
    if not sensors:
        return None
    name, unit, zone = headlines.name_of(site), sensors[0].shown_unit, ZoneInfo(site.timezone)
    today = now.astimezone(zone).date()
    days: dict[date, float | None] = dict.fromkeys(today - timedelta(days=age) for age in reversed(range(DAYS)))
    ids = [sensor.pk for sensor in sensors if sensor.shown_unit == unit]
    for moment, value in _hours(name, ids, hour(now) - DAYS * 24 * HOUR, now):
        day = moment.astimezone(zone).date()
        if day not in days or value is None:
            continue
        if name == "ac_power":
            days[day] = (days[day] or 0.0) + value * min(1.0, (now - moment) / HOUR)
        else:
            days[day] = max(days[day] or 0.0, value)
    return Fortnight(name, f"{unit}h" if name == "ac_power" and unit else unit, list(days), list(days.values()))


def _hours(name: str, sensors: list[int], first: datetime, now: datetime) -> Iterable[tuple[datetime, float | None]]:
    sql = HOURS.format(of_rollup=OF_ROLLUP[name], of_readings=OF_READINGS[name], of_sensors=OF_SENSORS[name])
    asked: dict[str, Any] = {"sensors": sensors, "first": first, "now": now, "epoch": EPOCH}
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        found: list[tuple[datetime, float | None]] = cursor.fetchall()
    return found
