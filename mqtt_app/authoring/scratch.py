"""A site that exists only while messages are tried on it: they go through the whole data path, and nothing remains."""

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import transaction

from mqtt_app import ingest
from mqtt_app.judging.verdicts import Verdict
from mqtt_app.messages import Batch, Fate, Link, Message
from mqtt_app.models import MqttConnection, MqttTopic
from sites.models import Site
from sites.reports import DataloggerReport, GatewayReport, SensorReport

CLOSED = "scratch.invalid"
"""A host that no name server may know (RFC 6761); the connection is never opened."""


@dataclass(frozen=True)
class Specimen:
    """One message to be tried."""

    topic: bytes
    payload: bytes
    retain: bool = False


@contextmanager
def site(timezone: str = "UTC") -> Iterator[MqttConnection]:
    """A connection of a new site that takes every topic; both, and all that is stored there, are rolled back."""
    name = f"scratch-{secrets.token_hex(8)}"
    with transaction.atomic():
        row = Site.objects.create(name=name, slug=name, timezone=timezone, is_active=False)
        connection = MqttConnection.objects.create(site=row, broker_host=CLOSED, is_active=False)
        MqttTopic.objects.create(mqtt_connection=connection, topic_pattern="#")
        yield connection
        transaction.set_rollback(True)


def read(connection: MqttConnection, specimens: Iterable[Specimen]) -> Iterator[dict[str, Any]]:
    """What becomes of each message, in their order, each a batch of its own."""
    for specimen in specimens:
        message = Message(0, 1, 0, 0, False, specimen.retain, specimen.topic, specimen.payload, time.time())
        batch = Batch(uuid4(), 0, [Link(connection.pk, 0, 1, time.time())], [message])
        outcome = ingest.store(batch, *ingest.judge_all(batch, isolated=False))
        assert outcome is not None  # nobody else knows this batch
        yield told(outcome.verdicts[0], specimen.retain)


def told(verdict: Verdict, retained: bool) -> dict[str, Any]:
    """A verdict in plain values: the fate, the devices that spoke or were named, and their readings."""
    report = verdict.report if verdict.fate is Fate.STORED else None
    devices: dict[str, dict[str, Any]] = {}
    spoke: list[GatewayReport | DataloggerReport] = [*report.gateways, *report.dataloggers] if report else []
    for device in spoke:
        entry = devices.setdefault(device.serial, {"serial": device.serial, "status": None, "readings": []})
        entry["status"] = _status(device, retained) or entry["status"]
        if isinstance(device, DataloggerReport):
            entry["readings"] += [_reading(sensor) for sensor in device.sensors]
    problems = "; ".join(f"{one.path}: {one.reason}" for one in report.problems) if report else ""
    error = f"{verdict.reason}: {verdict.detail}" if verdict.reason else problems
    return {
        "fate": str(verdict.fate),
        "parser": verdict.parser,
        "error": error or None,
        "devices": json.loads(json.dumps(list(devices.values()))),
    }


def _status(device: GatewayReport | DataloggerReport, retained: bool) -> str | None:
    """What the message declares, or proves by being sent; a retained one proves nothing."""
    if device.availability:
        return str(device.availability)
    return "online" if device.alive and not retained else None


def _reading(sensor: SensorReport) -> dict[str, Any]:
    values = dict(zip(sensor.components, sensor.values, strict=True))
    return {
        "sensor": sensor.key,
        "value": sensor.values[0] if len(values) == 1 else values,
        "unit": sensor.unit or None,
        "ts": sensor.time.isoformat() if sensor.time else None,
        "quality": str(sensor.quality),
    }
