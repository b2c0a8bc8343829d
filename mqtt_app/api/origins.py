"""REST for where a reading came from: the message, where it or one near it is kept."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from mqtt_app.api.topics import Shown
from mqtt_app.exploring.discovery import sample
from mqtt_app.models import MqttConnection
from mqtt_app.records import origins
from sites import rest
from sites.api.devices import sensor_seen
from sites.api.readings import ReadingOut

router = Router()

LONGEST_S = 400 * 86_400  # the widest bucket of a chart


class MessageOut(Schema):
    """is_exact: it is the one that the reading came with, else the nearest that is kept. topic_id: of its samples."""

    topic: str
    topic_id: int | None
    received_at: datetime
    qos: int
    retain: bool
    size: int
    is_exact: bool
    shown: Shown


class OriginOut(Schema):
    """reading: the first since `at`, within the width. message: null where none near it is kept.

    keeps_raw_days: how long the connection keeps every message; 0: only samples, one in ten seconds.
    """

    reading: ReadingOut | None
    message: MessageOut | None
    keeps_raw_days: int


class Place(Schema):
    at: rest.Moment
    width_s: Annotated[float, Field(gt=0, le=LONGEST_S, description="Of the chart's bucket, in seconds.")] = 60.0


@router.get("/sensors/{sensor_id}/origin/", response=OriginOut, summary="The message that a reading came with")
def origin(request: HttpRequest, sensor_id: int, place: Query[Place]) -> dict[str, Any]:
    sensor = sensor_seen(request, sensor_id)
    reading = origins.reading_at(sensor, place.at, timedelta(seconds=place.width_s))
    found = reading and origins.nearest(sensor.datalogger, reading.received_at)
    keeps = MqttConnection.objects.filter(site=sensor.datalogger.site_id).values_list("keep_raw_days", flat=True)
    message = found and {
        **found._asdict(),
        "is_exact": reading is not None and found.received_at == reading.received_at,
        "shown": sample(found.payload, found.size),
    }
    return {"reading": reading, "message": message, "keeps_raw_days": keeps.first() or 0}
