"""From a reading, or a device that fell silent, back to the message that it came with, as far as messages are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from mqtt_app.models import LastWords
from sites.models import Datalogger, Presence, Reading, Sensor

AROUND = timedelta(seconds=60)
"""Kept messages further away say little about a reading, and looking for them costs more."""

FALLS_AT_ONCE = 100
"""When more fall silent at once it is no single device's words that matter, and looking for them all costs seconds."""

NEAREST = """
SELECT topic, received_at, qos, retain, size, payload, topic_id FROM (
    SELECT topic, received_at, qos, retain, length(payload) AS size, payload, NULL::bigint AS topic_id
    FROM mqtt_app_rawmessage
    WHERE connection_id = (SELECT id FROM mqtt_app_mqttconnection WHERE site_id = %(site)s)
    AND received_at BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT t.topic_path, m.received_at, m.qos, m.retain, m.size, m.payload, t.id
    FROM mqtt_app_topicsample m JOIN mqtt_app_discoveredtopic t ON t.id = m.topic_id
    WHERE t.site_id = %(site)s AND m.received_at BETWEEN %(first)s AND %(last)s
) kept
WHERE position(convert_to(%(serial)s, 'UTF8') IN payload) > 0 OR position(%(serial)s IN topic) > 0
ORDER BY abs(extract(epoch FROM received_at - %(at)s)), topic_id NULLS LAST LIMIT 1
"""


WORDS = ("topic", "received_at", "qos", "retain", "size", "payload")


class Origin(NamedTuple):
    """A kept message that names a device. topic_id: of the discovered topic where it is one of its samples."""

    topic: str
    received_at: datetime
    qos: int
    retain: bool
    size: int
    payload: bytes
    topic_id: int | None


def reading_at(sensor: Sensor, at: datetime, width: timedelta) -> Reading | None:
    """The first reading of at ≤ time < at + width: what a bucket of a chart that is so wide begins with."""
    found = Reading.objects.filter(sensor=sensor, time__gte=at, time__lt=at + width)
    return found.order_by("time").first()


def nearest(datalogger: Datalogger, at: datetime) -> Origin | None:
    """The kept message that names the datalogger and was received nearest to `at`, a minute away at most."""
    asked: dict[str, Any] = {"site": datalogger.site_id, "serial": datalogger.serial, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(NEAREST, asked | {"first": at - AROUND, "last": at + AROUND})
        row = cursor.fetchone()
    if row is None:
        return None
    topic, received_at, qos, retain, size, payload, topic_id = row
    return Origin(topic, received_at, qos, retain, size, bytes(payload), topic_id)


def keep_last_words(silent: Sequence[Datalogger]) -> None:
    """Called when they fall silent: what they said last is still among the samples then, if it ever was."""
    for one in silent[:FALLS_AT_ONCE]:
        if one.last_seen_at and (found := nearest(one, one.last_seen_at)):
            keep(one, found)


def keep(datalogger: Datalogger, words: Origin) -> None:
    values = {name: getattr(words, name) for name in WORDS}
    LastWords.objects.update_or_create(datalogger=datalogger, defaults=values)


def last_words(datalogger: Datalogger) -> Origin | None:
    """What it said when it was heard last, if that was kept; None while it speaks."""
    heard = datalogger.last_seen_at
    if heard is None or datalogger.status != Presence.OFFLINE:
        return None
    kept = LastWords.objects.filter(datalogger=datalogger, received_at__range=(heard - AROUND, heard + AROUND)).first()
    return Origin(**{name: getattr(kept, name) for name in WORDS}, topic_id=None) if kept else None
