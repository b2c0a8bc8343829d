"""The queue `upkeep`: what may take long, and what waits for others outside. No message and no wish waits for it."""

from celery import shared_task
from django.utils import timezone

from mqtt_app.alerting import expiry, notices
from mqtt_app.health import pulses
from mqtt_app.upkeep import housekeeping
from sites import rollups


@shared_task(name="tasks.upkeep.clean", soft_time_limit=3_000, time_limit=3_600)
def clean() -> None:
    """Apply every retention."""
    housekeeping.clean()


@shared_task(name="tasks.upkeep.certificates", soft_time_limit=600, time_limit=660)
def certificates() -> None:
    """Look at the certificates in use."""
    expiry.look()


@shared_task(name="tasks.upkeep.roll", soft_time_limit=900, time_limit=960)
def roll() -> None:
    """Roll up the hours that are over, and anew those that late readings have changed."""
    rollups.roll(timezone.now())


@shared_task(name="tasks.upkeep.tell", soft_time_limit=300, time_limit=330)
def tell() -> None:
    """Tell people what has become wrong, or well again."""
    notices.tick()


@shared_task(name="tasks.upkeep.canary", expires=60)
def canary() -> None:
    """Prove that someone consumes this queue."""
    pulses.beat("canary:upkeep")
