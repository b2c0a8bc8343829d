"""Replays on the queue `ingest`, a turn at a time: beside the messages that arrive, never before them."""

from celery import shared_task

from mqtt_app import replay


@shared_task(name="tasks.replay.advance")
def advance(pk: int) -> None:
    """Take a turn, and ask for the next one."""
    if replay.advance(pk):
        submit(pk)


def submit(pk: int) -> None:
    """Hand the next turn to the queue. Raises kombu's OperationalError when Redis does not take it."""
    advance.delay(pk)
