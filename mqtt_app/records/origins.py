"""From a reading back to the message that it came with, as far as messages are kept."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from sites.models import Datalogger, Reading, Sensor

AROUND = timedelta(seconds=60)
"""Kept messages further away say little about a reading, and looking for them costs more."""

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
