"""The queue `control`: wishes and facts about connections, which no backlog of messages may delay."""

from typing import Any

from celery import shared_task

from mqtt_app import assignments, births, connection_events, discoveries, pulses, recognition, replay, silence
from mqtt_app.messages import LogEntry, StatusReport
from mqtt_app.transactions import ABSENT
from tasks.replay import submit


@shared_task(name="tasks.control.reconcile")
def reconcile() -> None:
    """Make open connections match what people switched on, notice who fell silent, and go on with what rests."""
    assignments.reconcile()
    silence.judge()
    discoveries.finish()
    recognition.follow()
    births.tend()
    for pk in replay.stalled():
        submit(pk)


@shared_task(
    name="tasks.control.record_reports",
    autoretry_for=ABSENT,
    retry_backoff=True,
    max_retries=None,
)
def record_reports(reports: list[list[Any]], entries: list[list[Any]]) -> None:
    """Store what a listener says of its connections."""
    connection_events.record([StatusReport(*one) for one in reports], [LogEntry(*one) for one in entries])


@shared_task(name="tasks.control.recognise", expires=600)
def recognise() -> None:
    """Judge every discovered topic by the parsers that this worker has."""
    recognition.follow()


@shared_task(name="tasks.control.canary", expires=60)
def canary() -> None:
    """Prove that someone consumes this queue."""
    pulses.beat("canary:control")
