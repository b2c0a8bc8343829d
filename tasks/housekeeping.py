"""Once a day partitions are made and what is old goes; every minute hours that are over are rolled up for charts."""

from celery import shared_task
from django.utils import timezone

from mqtt_app import expiry, housekeeping
from sites import rollups


@shared_task(name="tasks.housekeeping.clean", soft_time_limit=3_000, time_limit=3_600)
def clean() -> None:
    """Apply every retention."""
    housekeeping.clean()


@shared_task(name="tasks.housekeeping.certificates", soft_time_limit=600, time_limit=660)
def certificates() -> None:
    """Look at the certificates in use."""
    expiry.look()


@shared_task(name="tasks.housekeeping.roll", soft_time_limit=900, time_limit=960)
def roll() -> None:
    """Roll up the hours that are over, and anew those that late readings have changed."""
    rollups.roll(timezone.now())
