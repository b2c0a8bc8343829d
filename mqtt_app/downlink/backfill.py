"""History that a device was asked for with query_data, read into the gaps of the span asked for (docs/rules.md, 14)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from pydantic import Field, ValidationError

from mqtt_app.parsers.fields import Number, Shape
from mqtt_app.parsers.times import moment
from sites import gaps
from sites.history import Reading
from sites.models import Sensor, Site
from sites.reports import Quality

METHOD = "query_data"
QUERY = "resampled_vibration"
AXES = ("x", "y", "z")
MOST_POINTS = 20_000  # of one answer; a message holds no more
MOST_DEVICES = 100

_GATEWAY = re.compile(r".*gateway_([^-+#/]{1,64})", re.DOTALL)
_NOW = re.compile(r"now(?:-(\d{1,6})([smhd]))?")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Chunk(Shape):
    """Readings from `ts` on, one array for each axis, all equally long."""

    ts: str
    x: list[Number] | None = Field(default=None, validation_alias="X")
    y: list[Number] | None = Field(default=None, validation_alias="Y")
    z: list[Number] | None = Field(default=None, validation_alias="Z")


class Asked(NamedTuple):
    """What a query asked for: whose history, from when to when, and how many points for each device."""

    devices: frozenset[str]
    start: datetime
    end: datetime
    points: int


class Merged(NamedTuple):
    """What became of an answer: readings added, and why others were not, in words."""

    readings: int
    refused: tuple[str, ...]


class Doubtful(Exception):
    """Nobody can tell when these points were measured; the message says why."""


class Point(NamedTuple):
    """One instant of a chunk, by axis."""

    time: datetime
    values: Mapping[str, float]


def place(sensor: Sensor) -> tuple[str, str]:
    """The number in topics of the gateway that can be asked; and why there is none, in words."""
    if tuple(sensor.components) != AXES:
        return "", "Only a sensor of the axes x, y and z can be asked for its history."
    gateway = sensor.datalogger.gateway
    found = _GATEWAY.fullmatch(gateway.serial) if gateway else None
    return (found[1], "") if found else ("", "It is behind no gateway whose number is known.")


def request(serial: str, gap: gaps.Gap, every: timedelta) -> dict[str, Any]:
    """The parameters of a query that fills `gap` with a point for each interval of `every`, as many as are taken."""
    wanted = round((gap.end - gap.start) / every)
    return {
        "query_type": QUERY,
        "device_names": [serial],
        "start_time": gap.start.isoformat().replace("+00:00", "Z"),
        "end_time": gap.end.isoformat().replace("+00:00", "Z"),
        "axes": [axis.upper() for axis in AXES],
        "target_total_points": min(max(wanted, 1), MOST_POINTS),
    }


def merge(site_id: int, payload: bytes, sent_at: datetime, answer: bytes, received_at: datetime) -> Merged:
    """Add what `answer` brings to the gaps that the command `payload` asked about. Needs a transaction; idempotent."""
    zone = ZoneInfo(Site.objects.values_list("timezone", flat=True).get(pk=site_id))
    asked = _asked(payload, sent_at, zone)
    found = _data(answer)
    if asked is None or found is None:
        return Merged(0, ("neither the span that was asked for nor the answer can be read",))
    readings: list[Reading] = []
    refused: list[str] = []
    for serial, said in list(found.items())[:MOST_DEVICES]:
        try:
            if serial not in asked.devices:
                raise Doubtful("it was not asked for")
            sensor = _sensor(site_id, serial)
            readings += _fitting(sensor, spread(_chunks(said, zone), asked), asked, received_at)
        except Doubtful as error:
            refused.append(f"{serial[:128]}: {error}")
    return Merged(gaps.fill(readings), tuple(refused))


def _asked(payload: bytes, sent_at: datetime, zone: ZoneInfo) -> Asked | None:
    said = json.loads(payload).get("params")
    if not isinstance(said, dict) or not isinstance(said.get("device_names"), list):
        return None
    start, end = (_instant(said.get(name), sent_at, zone) for name in ("start_time", "end_time"))
    points = said.get("target_total_points")
    if start is None or end is None or start >= end:
        return None
    return Asked(frozenset(map(str, said["device_names"])), start, end, points if isinstance(points, int) else 0)


def _instant(said: Any, sent_at: datetime, zone: ZoneInfo) -> datetime | None:
    """An ISO time, or one like now-1h, counted from when the command was sent."""
    if isinstance(said, str) and (found := _NOW.fullmatch(said.strip())):
        return sent_at - timedelta(seconds=int(found[1] or 0) * _SECONDS[found[2] or "s"])
    return moment(said, zone)


def _data(answer: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    found = said.get("data") if isinstance(said, dict) else None
    return found if isinstance(found, dict) else None


def _sensor(site_id: int, serial: str) -> Sensor:
    """The device's one sensor of three axes: telemetry calls it accelerometer."""
    rows = Sensor.objects.select_related("datalogger").filter(datalogger__site=site_id, datalogger__serial=serial)
    found = [sensor for sensor in rows if tuple(sensor.components) == AXES]
    if len(found) != 1:
        raise Doubtful(f"{len(found)} of its sensors have the axes x, y and z; exactly one is needed")
    return found[0]


def _chunks(said: Any, zone: ZoneInfo) -> list[tuple[datetime, list[dict[str, float]]]]:
    """Each chunk's time with its points, oldest first."""
    try:
        chunks = [Chunk.model_validate(entry) for entry in said] if isinstance(said, list) else []
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise Doubtful(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    found = []
    for chunk in chunks:
        at, columns = moment(chunk.ts, zone), [chunk.x, chunk.y, chunk.z]
        if at is None or None in columns or len({len(column or []) for column in columns}) != 1:
            raise Doubtful("a chunk needs its time and three arrays of one length")
        points = zip(chunk.x or [], chunk.y or [], chunk.z or [], strict=True)
        found.append((at, [dict(zip(AXES, point, strict=True)) for point in points]))
    if sum(len(points) for _, points in found) > MOST_POINTS:
        raise Doubtful(f"more than {MOST_POINTS} points")
    return sorted(found, key=lambda one: one[0])


def spread(chunks: Sequence[tuple[datetime, list[dict[str, float]]]], asked: Asked) -> Iterator[Point]:
    """The points with their times: a chunk's first one has its time, the others follow evenly until the next chunk.

    The last chunk goes on in the steps of the one before. A single one holds the whole span that was asked for, which
    is certain only if it has as many points as were asked for. Raises Doubtful.
    """
    step = timedelta()
    for index, (at, points) in enumerate(chunks):
        if index + 1 < len(chunks):
            step = (chunks[index + 1][0] - at) / max(len(points), 1)
        elif len(chunks) == 1 and len(points) > 1:
            if len(points) != asked.points:
                raise Doubtful(f"{len(points)} points under one time, and {asked.points} were asked for")
            step = (asked.end - at) / len(points)
        if len(points) > 1 and step <= timedelta():
            raise Doubtful("two chunks have the same time")
        for number, values in enumerate(points):
            yield Point(at + number * step, values)


def _fitting(sensor: Sensor, points: Iterator[Point], asked: Asked, received_at: datetime) -> list[Reading]:
    """What falls strictly into a gap of the sensor within the span, and is not older than readings are kept."""
    oldest = received_at - timedelta(days=settings.READINGS_KEEP_DAYS)
    open_ = gaps.find(sensor, asked.start, asked.end)
    fitting, at = [], 0
    for time, values in points:
        while at < len(open_) and open_[at].end <= time:
            at += 1
        if at < len(open_) and open_[at].start < time and oldest <= time <= received_at:
            row = tuple(values[axis] for axis in AXES)
            fitting.append(Reading(sensor.pk, time, received_at, row, Quality.RESAMPLED))
    return fitting
