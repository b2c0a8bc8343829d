"""What tests of the data path share: a site with a connection, a telemetry message, and batches of messages."""

import itertools
import json
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from mqtt_app import connections, replay
from mqtt_app.messages import Batch, Link, Message
from mqtt_app.models import LedgerMinute, MqttConnection
from sites.models import Site

TELEMETRY = "site_001/gateway/1/dataloggers/telemetry"
numbers = itertools.count(1)


def connect(slug: str = "site_001", **fields: Any) -> MqttConnection:
    """A site and its connection, with the topic `{slug}/#` active."""
    site = Site.objects.create(name=f"The {slug}", slug=slug, timezone="Europe/Rome")
    return connections.add(site, **{"broker_host": "broker.example", "protocol": "3.1.1", **fields})


def telemetry(*values: float, serial: str = "MNA000123", at: str | None = None, **more: Any) -> bytes:
    """A telemetry message of one device with one accelerometer."""
    data = [{"type": "accelerometer", "value": list(values or (1.342, 3.456, 4.567))}]
    device = {"type": "monstr-o", "serial_number_device": serial, "data": data}
    logger = {"serial_number_datalogger": "all", "status_datalogger": "running", "devices": [device]}
    message = {"serial_number_gateway": "site_001-gateway_1", "timestamp": at, "dataloggers": [logger], **more}
    return json.dumps({key: value for key, value in message.items() if value is not None}).encode()


def link(connection: MqttConnection, generation: int = 1, connected_at: float = 0.0) -> Link:
    return Link(connection.pk, connection.epoch, generation, connected_at)


def message(
    topic: str | bytes = TELEMETRY,
    payload: bytes | None = None,
    *,
    at: float | None = None,
    mid: int | None = None,
    qos: int = 1,
    dup: bool = False,
    retain: bool = False,
    number: int = 1,
    via: int = 0,
) -> Message:
    raw = topic if isinstance(topic, bytes) else topic.encode()
    content = telemetry() if payload is None else payload
    return Message(via, number, mid or next(numbers), qos, dup, retain, raw, content, at or time.time())


def batch(connection: MqttConnection | Sequence[Link], *messages: Message) -> Batch:
    """A batch as a listener makes it: messages of the same link and QoS are numbered in their order."""
    links = [link(connection)] if isinstance(connection, MqttConnection) else connection
    counts: dict[tuple[int, int, int], itertools.count[int]] = {}
    numbered = []
    for one in messages or (message(),):
        count = counts.setdefault((one.link, one.qos, one.minute), itertools.count(1))
        numbered.append(one._replace(number=next(count)))
    return Batch(uuid4(), 1, links, numbered)


def ledger(connection: MqttConnection) -> dict[str, int]:
    """The sums over a connection's ledger that are not zero, `in_flight` among them."""
    names = ["received", "stored", "ignored", "unrecognised", "failed", "duplicate", "overflowed", "lost", "returned"]
    rows = list(LedgerMinute.objects.filter(connection=connection).values(*names))
    sums = {name: sum(row[name] for row in rows) for name in names}
    sums["in_flight"] = 2 * sums["received"] - sum(sums.values())
    return {name: value for name, value in sums.items() if value}


def carry_out(pk: int) -> None:
    """Takes a replay's turns until it rests."""
    while replay.advance(pk):
        pass
