"""On which server the systems of these tests have their queues: Redis, or RabbitMQ where FAULTS_QUEUES asks for it."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu import Connection

from mqtt_app.queues.terms import EXCHANGE
from tests.rabbitmq import running_rabbitmq

ON_RABBITMQ = os.environ.get("FAULTS_QUEUES") == "rabbitmq"
of_redis = pytest.mark.skipif(ON_RABBITMQ, reason="the queues are not on Redis")
"""A fault that only makes sense where Redis has the queues."""


@contextmanager
def queued() -> Iterator[dict[str, str]]:
    """The variables that a system of its own is told."""
    if not ON_RABBITMQ:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="fl-") as folder, running_rabbitmq(Path(folder)) as server:
        yield {"CELERY_BROKER_URL": server.url}


def reconcilers(url: str, seconds: float) -> int:
    """How many processes ask RabbitMQ for reconciles within so many seconds: a queue of our own gets what they send."""
    heard = set()
    until = time.monotonic() + seconds
    with Connection(url) as connection:
        channel = connection.channel()
        ear = channel.queue_declare("", exclusive=True).queue
        channel.queue_bind(ear, EXCHANGE, "control")
        while time.monotonic() < until:
            if one := channel.basic_get(ear, no_ack=True):
                if one.headers["task"] == "tasks.control.reconcile":
                    heard.add(one.headers["origin"])
            else:
                time.sleep(0.1)
    return len(heard)
