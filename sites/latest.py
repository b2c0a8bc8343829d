"""The readings of one batch: appended to history, and the newest of each sensor kept with it."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from sites import history, sensor_ids
from sites.binary import Column, arrays
from sites.heard import Heard
from sites.history import Reading
from sites.reports import SensorReport
from sites.upsert import query, unnest


class Latest(NamedTuple):
    """The newest reading of one sensor in a batch, and what it says of the sensor."""

    report: SensorReport
    reading: Reading


def store_readings(heard: Sequence[Heard], datalogger_ids: Mapping[Any, int]) -> dict[tuple[int, int], Latest]:
    """Append every reading to history; returns the newest by (datalogger id, sensor id)."""
    keep = timedelta(days=settings.READINGS_KEEP_DAYS)
    spoken = [
        (datalogger_ids[one.site_id, datalogger.serial], datalogger.sensors, one.received_at)
        for one in heard
        for datalogger in one.report.dataloggers
    ]
    keys_of: dict[int, set[str]] = {}
    for datalogger_id, sensors, _ in spoken:
        keys_of.setdefault(datalogger_id, set()).update([sensor.key for sensor in sensors])
    ids_of = sensor_ids.find_or_make(keys_of)
    readings: list[Reading] = []
    latest: dict[tuple[int, int], Latest] = {}
    for datalogger_id, sensors, received_at in spoken:
        ids = ids_of[datalogger_id]
        for sensor in sensors:
            sensor_id = ids[sensor.key]
            time, quality, claimed = history.settle(sensor.time, received_at, sensor.quality, keep)
            reading = Reading(sensor_id, time, received_at, sensor.values, quality, claimed)
            readings.append(reading)
            known = latest.get((datalogger_id, sensor_id))
            if known is None or known.reading.time <= time:
                latest[datalogger_id, sensor_id] = Latest(sensor, reading)
    history.append(readings)
    return latest


LATEST: Sequence[Column] = [
    ("id", "bigint"),
    ("kind", "text"),
    ("unit", "text"),
    ("components", "text"),
    ("values", "text"),
    ("time", "timestamptz"),
    ("received_at", "timestamptz"),
    ("quality", "text"),
]

UPDATE_LATEST = f"""
UPDATE sites_sensor s
SET latest_values = v.values::double precision[], latest_time = v.time, latest_received_at = v.received_at,
    latest_quality = v.quality, components = v.components::varchar[],
    kind = COALESCE(NULLIF(v.kind, ''), s.kind), unit = COALESCE(NULLIF(v.unit, ''), s.unit)
FROM {unnest(LATEST)}
WHERE s.id = v.id AND (s.latest_time IS NULL OR s.latest_time <= v.time)
RETURNING s.id
"""  # noqa: S608


def store_latest(latest: Mapping[tuple[int, int], Latest]) -> dict[int, dict[int, Latest]]:
    """Update latest values where these are newer; returns the ones that were.

    Raises OperationalError when a sensor has been deleted: its readings would belong to nobody.
    """
    if not latest:
        return {}
    rows = [
        (
            sensor_id,
            report.kind,
            report.unit,
            text_array(report.components),
            history.array(report.values),
            reading.time,
            reading.received_at,
            reading.quality,
        )
        for (_, sensor_id), (report, reading) in latest.items()
    ]
    newer = {pk for (pk,) in query(UPDATE_LATEST, arrays(rows, LATEST))}
    sensor_ids.confirm([key for key in latest if key[1] not in newer])
    stored: dict[int, dict[int, Latest]] = {}
    for (datalogger_id, sensor_id), one in latest.items():
        if sensor_id in newer:
            stored.setdefault(datalogger_id, {})[sensor_id] = one
    return stored


@lru_cache(maxsize=1_000)  # most readings have one value, and no name for it
def text_array(words: tuple[str, ...]) -> str:
    """Words as PostgreSQL's array literal."""
    return "{" + ",".join(json.dumps(word) for word in words) + "}"
