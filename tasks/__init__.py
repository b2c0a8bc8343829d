"""Celery's doorways: each task decodes, calls one function, and ends."""

from typing import Any

from celery.signals import worker_process_shutdown

from mqtt_app import live

LAST_WORDS_S = 2.0  # what a frozen Redis may add to the end of a worker's child


@worker_process_shutdown.connect
def finish_speaking(**_: Any) -> None:
    """A child is replaced after so many tasks, often before what it announced last has left it."""
    live.flush(LAST_WORDS_S)
