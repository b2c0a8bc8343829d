"""Where a sensor's history has gaps, and filling them with what its device kept, without touching what was measured."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sites import rollups
from sites.binary import arrays
from sites.history import COLUMNS, NAMES, Reading, array
from sites.models import Sensor
from sites.presence import PATIENCE
from sites.upsert import query, unnest

MOST = 1_000  # gaps that are told at once


class Gap(NamedTuple):
    """Between two neighbouring readings, whose times these are."""

    start: datetime
    end: datetime


def interval(sensor: Sensor) -> timedelta:
    """How often its device says that it speaks."""
    return timedelta(seconds=sensor.datalogger.expected_interval_s)


def silence(sensor: Sensor) -> timedelta:
    """What is longer than this between two readings is a gap: 2.5 declared intervals, as for presence."""
    return PATIENCE * interval(sensor)


FIND = """
SELECT time, next FROM (
    SELECT time, lead(time) OVER (ORDER BY time) AS next FROM sites_reading
    WHERE sensor_id = %s AND time >= %s AND time <= %s
) AS neighbours WHERE next - time > %s ORDER BY time LIMIT %s
"""


def find(sensor: Sensor, start: datetime, end: datetime, most: int = MOST) -> list[Gap]:
    """The gaps between readings from `start` to `end`, both inclusive, oldest first. Before the first reading and after
    the last one there is none: nobody knows whether anything was measured then.
    """
    return [Gap(*row) for row in query(FIND, [sensor.pk, start, end, silence(sensor), most])]


FILL = f"""
INSERT INTO sites_reading ({NAMES})
SELECT sensor_id, time, received_at, v.values::double precision[], quality, claimed_time FROM {unnest(COLUMNS)}
ON CONFLICT (sensor_id, time) DO NOTHING RETURNING sensor_id, time
"""  # noqa: S608


def fill(readings: Sequence[Reading]) -> int:
    """Add readings where there is none at their time; returns how many. Latest values stay as they are.

    Needs a transaction; the same readings twice add nothing.
    """
    once = {(reading.sensor_id, reading.time): reading for reading in readings}
    rows = [once[key]._replace(values=array(once[key].values)) for key in sorted(once)]  # type: ignore[arg-type]
    added = query(FILL, arrays(rows, COLUMNS)) if rows else []
    edge = rollups.edge()
    if late := [(sensor_id, time) for sensor_id, time in added if time < edge]:
        rollups.spoil(late)
    return len(added)
