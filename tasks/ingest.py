"""The queue `ingest`: batches of raw messages on their way into the database."""

from typing import Any

from celery import shared_task

from mqtt_app.health import pulses
from mqtt_app.ingest import ingest
from mqtt_app.messages import Batch


@shared_task(name="tasks.ingest.ingest_messages", serializer="msgpack")
def ingest_messages(wire: dict[str, Any]) -> None:
    """Store one batch. Its sender passes an argsrepr, so that no payload shows in events or logs."""
    ingest(Batch.from_wire(wire))


@shared_task(name="tasks.ingest.canary", expires=60)
def canary() -> None:
    """Prove that someone consumes this queue."""
    pulses.beat("canary:ingest")


def submit(batch: Batch) -> None:
    """Hand a batch to the queue. Raises kombu's OperationalError when Redis does not take it."""
    shown = f"({batch.id}, {len(batch.messages)} messages)"
    ingest_messages.apply_async((batch.to_wire(),), argsrepr=shown)  # type: ignore[call-arg]
