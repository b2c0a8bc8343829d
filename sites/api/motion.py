"""REST for what a structure does: its shaking, and its excursions beyond limits."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from sites import motion
from sites.api.places import site_seen
from sites.models import Sensor

router = Router()


class OfSensor(Schema):
    """unit: as it is shown."""

    sensor: int
    key: str
    label: str
    unit: str
    datalogger: int
    serial: str


class ShakingOut(OfSensor):
    """rms: about the mean, by axis, over the last hour, of so many readings, none of a single one. last: the newest."""

    components: list[str]
    readings: int
    last: datetime
    rms: list[float]


class ExcursionOut(OfSensor):
    """times: how often it went beyond its limits in the last 24 hours. first, last: its readings there."""

    lower_limit: float | None
    upper_limit: float | None
    times: int
    first: datetime
    last: datetime


class MotionOut(Schema):
    """shaking: the strongest first. excursions: the latest first. limited: sensors with a limit, heard in 24 hours.

    since: from when on excursions were looked for; later than 24 hours ago where there is too much to read.
    """

    shaking: list[ShakingOut]
    excursions: list[ExcursionOut]
    limited: int
    since: datetime


@router.get("/sites/{site_id}/motion/", response=MotionOut, summary="How a structure shakes, and what went too far")
def of_site(request: HttpRequest, site_id: int) -> dict[str, Any]:
    """Of 200 sensors of each sort at most. Readings that are bad, offline or of a calibration do not count."""
    found = motion.of_site(site_seen(request, site_id), timezone.now())
    return {
        "shaking": [
            _about(one.sensor)
            | {"components": one.sensor.components, "readings": one.readings, "last": one.last, "rms": one.rms}
            for one in found.shaking
        ],
        "excursions": [
            _about(one.sensor)
            | {"lower_limit": one.sensor.lower_limit, "upper_limit": one.sensor.upper_limit}
            | {"times": one.times, "first": one.first, "last": one.last}
            for one in found.excursions
        ],
        "limited": found.limited,
        "since": found.since,
    }


def _about(sensor: Sensor) -> dict[str, Any]:
    return {
        "sensor": sensor.pk,
        "key": sensor.key,
        "label": sensor.label,
        "unit": sensor.shown_unit,
        "datalogger": sensor.datalogger_id,
        "serial": sensor.datalogger.serial,
    }
