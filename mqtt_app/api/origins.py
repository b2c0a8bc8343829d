"""REST for the message behind a reading, and behind a silence, where it or one near it is kept."""

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
from sites.api.devices import get_datalogger, sensor_seen
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


class LastWordsOut(Schema):
    """message: null while the datalogger speaks, or where nothing of its last minute was kept."""

    message: MessageOut | None


class Place(Schema):
    at: rest.Moment
    width_s: Annotated[float, Field(gt=0, le=LONGEST_S, description="Of the chart's bucket, in seconds.")] = 60.0


@router.get("/sensors/{sensor_id}/origin/", response=OriginOut, summary="The message that a reading came with")
def origin(request: HttpRequest, sensor_id: int, place: Query[Place]) -> dict[str, Any]:
    sensor = sensor_seen(request, sensor_id)
    reading = origins.reading_at(sensor, place.at, timedelta(seconds=place.width_s))
    found = origins.nearest(sensor.datalogger, reading.received_at) if reading else None
    keeps = MqttConnection.objects.filter(site=sensor.datalogger.site_id).values_list("keep_raw_days", flat=True)
    message = said(found, reading.received_at) if reading and found else None
    return {"reading": reading, "message": message, "keeps_raw_days": keeps.first() or 0}


@router.get("/dataloggers/{datalogger_id}/last-words/", response=LastWordsOut, summary="What a silent device said last")
def last_words(request: HttpRequest, datalogger_id: int) -> dict[str, Any]:
    datalogger = get_datalogger(request, datalogger_id)
    found = origins.last_words(datalogger)
    return {"message": said(found, datalogger.last_seen_at) if found else None}


def said(found: origins.Origin, at: datetime | None) -> dict[str, Any]:
    """As MessageOut. at: when that was received which it is asked for."""
    return {**found._asdict(), "is_exact": found.received_at == at, "shown": sample(found.payload, found.size)}
