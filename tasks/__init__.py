"""Celery's doorways: each task decodes, calls one function, and ends."""

from typing import Any

from celery import current_app
from celery.signals import worker_process_shutdown, worker_ready

from mqtt_app.browsers import live

LAST_WORDS_S = 2.0  # what a frozen Redis may add to the end of a worker's child


@worker_process_shutdown.connect
def finish_speaking(**_: Any) -> None:
    """A child is replaced after so many tasks, often before what it announced last has left it."""
    live.flush(LAST_WORDS_S)


@worker_ready.connect
def follow_the_parsers(**_: Any) -> None:
    """A worker that starts may have other parsers than those before it: what is said of topics follows at once."""
    current_app.send_task("tasks.control.recognise")
