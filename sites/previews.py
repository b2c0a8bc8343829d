"""What storing these reports would change: compared with what is there, and nothing written."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.conf import settings

from sites import history
from sites.binary import arrays
from sites.heard import DEVICE, Heard, learn
from sites.reports import SensorReport
from sites.sensor_ids import SENSOR
from sites.upsert import Key, find, query, unnest


class Effect(StrEnum):
    """What storing a reading does to history."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"


class Row(NamedTuple):
    """One reading as it would be stored. message: its index. before: the values that stand there now, if any."""

    message: int
    site_id: int
    datalogger: str
    sensor: SensorReport
    time: datetime
    quality: str
    claimed_time: datetime | None
    effect: Effect
    before: tuple[float, ...] | None


@dataclass(slots=True)
class Preview:
    """new_…: devices and sensors, by site and serial, that are not there yet. rows: what becomes of each reading."""

    new_gateways: list[tuple[int, str]] = field(default_factory=list)
    new_dataloggers: list[tuple[int, str]] = field(default_factory=list)
    new_sensors: int = 0
    rows: list[Row] = field(default_factory=list)

    def effects(self) -> Counter[Effect]:
        return Counter(row.effect for row in self.rows)


class _Said(NamedTuple):
    message: int
    site_id: int
    datalogger: str
    sensor: SensorReport
    time: datetime
    quality: str
    claimed_time: datetime | None


STANDING = [("sensor_id", "bigint"), ("time", "timestamptz")]
FOUND = f"""
SELECT r.sensor_id, r.time, r.values, r.quality FROM {unnest(STANDING)}
JOIN sites_reading r ON r.sensor_id = v.sensor_id AND r.time = v.time
"""  # noqa: S608


def preview(heard: Sequence[Heard]) -> Preview:
    """Compare; of two values for one instant the later message's counts, as when they are stored."""
    gateways, dataloggers = learn(heard)
    gateway_ids = find("sites_gateway", DEVICE, sorted(gateways))
    datalogger_ids = find("sites_datalogger", DEVICE, sorted(dataloggers))
    said = list(_readings(heard))
    keys = {(one.site_id, one.datalogger, one.sensor.key) for one in said}
    wanted = [(datalogger_ids[key[:2]], key[2]) for key in sorted(keys) if key[:2] in datalogger_ids]
    sensor_ids = find("sites_sensor", SENSOR, wanted)
    return Preview(
        new_gateways=sorted(key for key in gateways if key not in gateway_ids),
        new_dataloggers=sorted(key for key in dataloggers if key not in datalogger_ids),
        new_sensors=len(keys) - len(sensor_ids),
        rows=_compare(said, datalogger_ids, sensor_ids),
    )


def _readings(heard: Sequence[Heard]) -> Iterator[_Said]:
    keep = timedelta(days=settings.READINGS_KEEP_DAYS)
    for index, one in enumerate(heard):
        for datalogger in one.report.dataloggers:
            for sensor in datalogger.sensors:
                settled = history.settle(sensor.time, one.received_at, sensor.quality, keep)
                yield _Said(index, one.site_id, datalogger.serial, sensor, settled[0], str(settled[1]), settled[2])


def _compare(said: Sequence[_Said], datalogger_ids: Mapping[Key, int], sensor_ids: Mapping[Key, int]) -> list[Row]:
    ids = [sensor_ids.get((datalogger_ids.get((one.site_id, one.datalogger)), one.sensor.key)) for one in said]
    asked = sorted({(pk, one.time) for pk, one in zip(ids, said, strict=True) if pk is not None})
    found = query(FOUND, arrays(asked, STANDING)) if asked else []
    standing: dict[Any, tuple[tuple[float, ...], str]] = {
        (pk, time): (tuple(values), quality) for pk, time, values, quality in found
    }
    rows = []
    for pk, one in zip(ids, said, strict=True):
        key = (one.site_id, one.datalogger, one.sensor.key, one.time) if pk is None else (pk, one.time)
        before = standing.get(key)
        now = (one.sensor.values, one.quality)
        effect = Effect.ADD if before is None else Effect.SAME if before == now else Effect.CHANGE
        rows.append(Row(*one, effect, before[0] if before else None))
        standing[key] = now
    return rows
