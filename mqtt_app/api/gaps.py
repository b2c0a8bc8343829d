"""REST for gaps: where a sensor's history has them, and the command that would fill each."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from mqtt_app.api.commands import CommandIn
from mqtt_app.downlink import backfill
from sites import gaps
from sites.api.devices import sensor_seen
from sites.api.readings import Range
from sites.models import Sensor

router = Router()


class GapOut(Schema):
    """Between two neighbouring readings. command: what POST commands/ takes to have it filled, null if nobody can."""

    start: datetime
    end: datetime
    seconds: float
    command: CommandIn | None


class GapsOut(Schema):
    """longer_than_s: what is a gap for this sensor. reason: why no command can fill any, else empty."""

    longer_than_s: float
    reason: str
    truncated: bool
    gaps: list[GapOut]


@router.get("/sensors/{sensor_id}/gaps/", response=GapsOut, summary="Gaps in a sensor's history, oldest first")
def list_gaps(request: HttpRequest, sensor_id: int, span: Query[Range]) -> dict[str, Any]:
    sensor = sensor_seen(request, sensor_id)
    start, end = span.settled()
    found = gaps.find(sensor, start, end, gaps.MOST + 1)
    number, reason = backfill.place(sensor)
    serial, every = sensor.datalogger.serial, gaps.interval(sensor)
    rows = [
        {
            "start": gap.start,
            "end": gap.end,
            "seconds": (gap.end - gap.start).total_seconds(),
            "command": None if reason else _command(sensor, number, backfill.request(serial, gap, every)),
        }
        for gap in found[: gaps.MOST]
    ]
    longer = gaps.silence(sensor).total_seconds()
    return {"longer_than_s": longer, "reason": reason, "truncated": len(found) > gaps.MOST, "gaps": rows}


def _command(sensor: Sensor, number: str, params: dict[str, Any]) -> dict[str, Any]:
    site = sensor.datalogger.site_id
    return {"site": site, "gateway": number, "datalogger": "all", "method": backfill.METHOD, "params": params}
