"""REST for looking on while messages arrive: some seconds of a topic, as they come."""

from datetime import datetime
from typing import Annotated, Any

from django.core.cache import cache
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field
from redis import RedisError

from mqtt_app.api.topics import Shown
from mqtt_app.exploring.discovery import sample
from mqtt_app.listening import lease
from mqtt_app.models import MqttConnection
from mqtt_app.topics import is_filter
from mqtt_app.wire import tail
from mqtt_app.wire.refusals import Refused, in_words
from sites import rest
from sites.fields import Undecryptable
from sites.models import Role

router = Router()

LONGEST_S = 10
SPARE_S = 30  # an attempt takes five seconds for each of its steps at most


class TailIn(Schema):
    """filter: a topic, or an MQTT filter with + and #."""

    filter: Annotated[rest.Text, Field(min_length=1)]
    seconds: float = Field(3.0, ge=0.5, le=LONGEST_S)


class TailedOut(Schema):
    topic: str
    received_at: datetime
    qos: int
    retain: bool
    size: int
    shown: Shown


class TailOut(Schema):
    """messages: the first hundred. heard: all that arrived in that time."""

    messages: list[TailedOut]
    heard: int
    seconds: float


@router.post("/mqtt/site/{site_id}/tail/", response=TailOut, summary="Listen to a topic for some seconds (operator)")
def tail_topic(request: HttpRequest, site_id: int, data: TailIn) -> dict[str, Any]:
    """From the web process, under a client id of its own: nothing is stored, and the listener is left alone."""
    row = rest.find(rest.visible(request, MqttConnection.objects.only("site_id")), site=site_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    if not is_filter(data.filter):
        fields = {"filter": "Give a topic, or an MQTT filter with + and # alone between slashes."}
        raise rest.Refused(422, "invalid", "The request is not valid.", fields)
    key = f"tail:{rest.caller(request).user.pk}"
    if not claimed(key):
        raise rest.Refused(429, "too_many_requests", "You are listening to a topic already.")
    try:
        found = tail.listen(lease.wish_of(row.pk), data.filter, data.seconds)
    except Undecryptable as error:
        raise rest.Refused(409, "undecryptable", str(error)) from error
    except (OSError, ValueError, Refused) as error:
        raise rest.Refused(409, "broker", in_words(error)) from error
    finally:
        released(key)
    return {
        "messages": [one._asdict() | {"shown": sample(one.payload, one.size)} for one in found.messages],
        "heard": found.heard,
        "seconds": data.seconds,
    }


def claimed(key: str) -> bool:
    """One client for each person: each is one more that the broker carries. Without Redis nobody is counted."""
    try:
        return bool(cache.add(key, 1, LONGEST_S + SPARE_S))
    except (RedisError, OSError):
        return True


def released(key: str) -> None:
    try:
        cache.delete(key)
    except (RedisError, OSError):
        return
