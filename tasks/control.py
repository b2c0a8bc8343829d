"""The queue `control`: wishes and facts about connections, which no backlog of messages may delay."""

from typing import Any

from celery import shared_task
from celery.utils.time import get_exponential_backoff_interval

from mqtt_app import assignments, connection_events, discoveries, reborn, replay, silence
from mqtt_app.downlink import births
from mqtt_app.health import pulses
from mqtt_app.judging import recognition
from mqtt_app.messages import LogEntry, StatusReport
from mqtt_app.records.transactions import DB_ERRORS, is_absence
from tasks.replay import submit

LONGEST_RETRY_S = 600


@shared_task(name="tasks.control.reconcile")
def reconcile() -> None:
    """Make open connections match what people switched on, notice who fell silent, and go on with what rests."""
    assignments.reconcile()
    silence.judge()
    discoveries.finish()
    recognition.follow()
    reborn.read_again(births.tend())
    for pk in replay.stalled():
        submit(pk)


@shared_task(name="tasks.control.record_reports", bind=True, max_retries=None)
def record_reports(task: Any, reports: list[list[Any]], entries: list[list[Any]]) -> None:
    """Store what a listener says of its connections, once the database is there."""
    try:
        connection_events.record([StatusReport(*one) for one in reports], [LogEntry(*one) for one in entries])
    except DB_ERRORS as error:
        if not is_absence(error):
            raise
        pause = get_exponential_backoff_interval(1, task.request.retries, LONGEST_RETRY_S, full_jitter=True)
        raise task.retry(exc=error, countdown=pause) from error


@shared_task(name="tasks.control.recognise", expires=600)
def recognise() -> None:
    """Judge every discovered topic by the parsers that this worker has."""
    recognition.follow()


@shared_task(name="tasks.control.canary", expires=60)
def canary() -> None:
    """Prove that someone consumes this queue."""
    pulses.beat("canary:control")
