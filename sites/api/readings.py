"""REST for readings: one by one as they were stored, or thinned for a chart."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from sites import charts, curves, fortnight, lately, rest
from sites.api.devices import sensor_seen
from sites.api.places import site_seen
from sites.models import Datalogger, IdentityChange, Reading
from sites.reports import Quality

router = Router()

IDENTITY_CHANGES = 100
DEFAULT_RANGE = timedelta(hours=24)
LONGEST_RANGE = timedelta(days=36_525)


class ReadingOut(Schema):
    """claimed_time: what the device's clock said where it was implausible and `time` is reception instead."""

    sensor_id: int
    time: datetime
    received_at: datetime
    values: list[float]
    quality: Quality
    claimed_time: datetime | None


class SeriesOut(Schema):
    component: str
    min: list[float | None]
    avg: list[float | None]
    max: list[float | None]


class ChartOut(Schema):
    """Columns of equal length, one entry per bucket of the range; null where nothing was read.

    time: the start of each bucket, in seconds since 1970. bucket_s: how wide a bucket is, in seconds; at least twice
    the interval that the device declares, so that a gap in the chart is a gap in the data.
    """

    sensor: int
    unit: str
    components: list[str]
    start: Annotated[datetime, Field(alias="from")]
    end: Annotated[datetime, Field(alias="to")]
    bucket_s: float
    time: list[float]
    count: list[int]
    series: list[SeriesOut]


class CurveOut(Schema):
    """Columns of equal length over two days, oldest first; null where nothing was read.

    name: ac_power, a plant's sum, or tilt, a structure's greatest; null where the site measures neither.
    time: the start of each bucket, in seconds since 1970.
    """

    name: Literal["ac_power", "tilt"] | None = None
    unit: str = ""
    bucket_s: float = curves.BUCKET.total_seconds()
    time: list[float] = []
    value: list[float | None] = []


class FortnightOut(Schema):
    """Two weeks by the clocks of the site, oldest first, today last; null for a day without a reading.

    name: ac_power, a plant's energy in `unit`, or tilt, a structure's greatest; null where the site measures neither.
    """

    name: Literal["ac_power", "tilt"] | None = None
    unit: str = ""
    day: list[date] = []
    value: list[float | None] = []


class TrendOut(Schema):
    """The first component of a sensor's last readings, oldest first. since: the time of the first."""

    sensor: int
    since: datetime
    value: list[float]


class IdentityChangeOut(Schema):
    at: datetime
    what: IdentityChange.What
    before: str
    after: str


class DayOut(Schema):
    """By the clocks of the site. heard: the hours with a reading, of the `hours` in which it could have been."""

    day: date
    heard: int
    hours: int


class Range(Schema):
    """From inclusive, to exclusive; without `to` until now, without `from` 24 hours."""

    start: rest.Moment | None = Field(None, alias="from")
    end: rest.Moment | None = Field(None, alias="to")

    def settled(self) -> tuple[datetime, datetime]:
        """Both ends. Raises Refused (400) for a reversed range and for more than 100 years."""
        end = self.end or max(timezone.now(), self.start or timezone.now())
        start = self.start or end - DEFAULT_RANGE
        rest.in_order(start, end)
        if end - start > LONGEST_RANGE:
            raise rest.Refused(400, "range_too_long", "A range is at most 100 years.")
        return start, end


@router.get("/sensors/{sensor_id}/readings", response=ChartOut, by_alias=True, summary="Readings thinned for a chart")
def chart(
    request: HttpRequest,
    sensor_id: int,
    span: Query[Range],
    points: Annotated[int, Field(ge=2, description="Buckets wanted; 5,000 at most.")] = 1_500,
) -> dict[str, Any]:
    sensor = sensor_seen(request, sensor_id)
    start, end = span.settled()
    return charts.thin(sensor, start, end, min(points, 5_000))


@router.get("/sites/{site_id}/curve/", response=CurveOut, summary="A site's one telling value over two days")
def curve(request: HttpRequest, site_id: int) -> dict[str, Any]:
    found = curves.of_site(site_seen(request, site_id), timezone.now())
    return found._asdict() if found else {}


@router.get("/sites/{site_id}/days/", response=FortnightOut, summary="A site's one telling value by day")
def days(request: HttpRequest, site_id: int) -> dict[str, Any]:
    found = fortnight.of_site(site_seen(request, site_id), timezone.now())
    return found._asdict() if found else {}


@router.get(
    "/dataloggers/{datalogger_id}/trends/", response=list[TrendOut], summary="The last readings of each of its sensors"
)
def trends(request: HttpRequest, datalogger_id: int) -> Any:
    """Sixty at most, of two days at most."""
    return lately.trends(datalogger_seen(request, datalogger_id), timezone.now())


@router.get(
    "/dataloggers/{datalogger_id}/identity/", response=list[IdentityChangeOut], summary="How it became who it is"
)
def identity(request: HttpRequest, datalogger_id: int) -> Any:
    """The last hundred changes of its firmware, kind and gateway, newest first; of each one a minute at most."""
    return datalogger_seen(request, datalogger_id).identity_changes.all()[:IDENTITY_CHANGES]


@router.get(
    "/dataloggers/{datalogger_id}/availability/", response=list[DayOut], summary="How much of 14 days it was heard"
)
def availability(request: HttpRequest, datalogger_id: int) -> Any:
    return lately.availability(datalogger_seen(request, datalogger_id), timezone.now())


def datalogger_seen(request: HttpRequest, datalogger_id: int) -> Datalogger:
    """The datalogger with its site, or Refused (404)."""
    return rest.find(rest.visible(request, Datalogger.objects.select_related("site")), pk=datalogger_id)


@router.get("/readings/", response=rest.Slice[ReadingOut], summary="Readings of one sensor, newest first")
def list_readings(
    request: HttpRequest, sensor: int, span: Query[Range], depth: Query[rest.Depth], quality: Quality | None = None
) -> dict[str, Any]:
    start, end = span.settled()
    found = Reading.objects.filter(sensor=sensor_seen(request, sensor), time__gte=start, time__lt=end)
    if quality:
        found = found.filter(quality=quality)
    return rest.part(request, found, depth, "to", "time", **{"from": start.isoformat()})
