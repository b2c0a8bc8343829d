"""The yardstick: paho → Celery → the same statements, as one would write it without our guarantee.

A message is acknowledged when paho has it. No ledger, no receipts, no presence, no discovery, no live events. Batches
are as large as ours. `python -m benchmarks.pipe PORT` is its listening half; `celery -A benchmarks.pipe` its workers.
"""

import os
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import django
from celery import Celery
from celery.signals import worker_process_init
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.db import OperationalError, transaction  # noqa: E402

from mqtt_app.judging.verdicts import context  # noqa: E402
from mqtt_app.parsers.base import Envelope  # noqa: E402
from mqtt_app.parsers.telemetry import DataloggersTelemetry  # noqa: E402
from project.celery_settings import own  # noqa: E402
from project.collector import settle  # noqa: E402
from sites import latest  # noqa: E402
from sites.heard import DEVICE, Heard  # noqa: E402
from sites.models import Site  # noqa: E402
from sites.upsert import resolve  # noqa: E402

SITES, CONNECTION = 10, "pipe_{:04}"
BATCH, PAUSE_S = 500, 0.1
WINDOW = 1_000

app = Celery("pipe", broker=os.environ["REDIS_URL"])
app.conf.update(task_default_queue="pipe", accept_content=["msgpack"], task_ignore_result=True)
worker_process_init.connect(settle)
app.conf.CELERY_DB_REUSE_MAX = own["CELERY_DB_REUSE_MAX"]  # it keeps its connections as our workers do
parser = DataloggersTelemetry()
_sites: dict[str, int] = {}


@app.task(name="pipe.store", serializer="msgpack", autoretry_for=(OperationalError,), default_retry_delay=0)
def store(messages: Sequence[tuple[str, bytes, float]]) -> None:
    """messages: topic, payload, and seconds since 1970."""
    keep(read(messages))


def read(messages: Sequence[tuple[str, bytes, float]]) -> list[Heard]:
    """Validate a batch."""
    return [_heard(*message) for message in messages]


def _heard(topic: str, payload: bytes, at: float) -> Heard:
    if not _sites:
        _sites.update(Site.objects.values_list("slug", "pk"))
    slug = topic.partition("/")[0]
    received = datetime.fromtimestamp(at, UTC)
    report = parser.parse(Envelope(topic, payload, False, received), context(slug, "UTC"))
    return Heard(_sites[slug], report, received, False, received)


def keep(heard: Sequence[Heard]) -> None:
    """History and latest values, in one transaction."""
    with transaction.atomic():
        known = {(one.site_id, datalogger.serial) for one in heard for datalogger in one.report.dataloggers}
        ids = resolve("sites_datalogger", DEVICE, known)
        latest.store_latest(latest.store_readings(heard, ids))


class Collector:
    """What arrived and was not yet handed to Celery."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, bytes, float]] = []

    def add(self, _client: Any, _data: Any, message: MQTTMessage) -> None:
        with self._lock:
            self._waiting.append((message.topic, bytes(message.payload), time.time()))
            full = len(self._waiting) >= BATCH
        if full:
            self.flush()

    def flush(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        if batch:
            store.delay(batch)


def listen(port: int) -> None:
    """One client for each site, as paho's own threads drive them; never returns."""
    collector = Collector()
    properties = Properties(PacketTypes.CONNECT)
    properties.ReceiveMaximum = WINDOW
    for number in range(1, SITES + 1):
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"pipe-{number}", protocol=MQTTv5)
        client.on_message = collector.add
        client.connect("127.0.0.1", port, properties=properties)
        client.subscribe(f"{CONNECTION.format(number)}/#", qos=1)
        client.loop_start()
    settle()
    print("listening", flush=True)
    while True:
        time.sleep(PAUSE_S)
        collector.flush()


if __name__ == "__main__":
    listen(int(sys.argv[1]))
