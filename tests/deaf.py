"""The workers' application, and a command after which a worker waits for tasks that no server will send it."""

from typing import Any

from celery.worker.control import control_command

from project.celery import app

__all__ = ["app"]


@control_command()
def deafen(state: Any) -> None:
    """Cancelled behind the consumer's back, as a server does that forgets it."""
    consumer = state.consumer.task_consumer
    for tag in consumer._active_tags.values():
        consumer.channel.basic_cancel(tag)
