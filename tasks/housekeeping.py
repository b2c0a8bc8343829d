"""Once a day: make the partitions of the coming months, and let go of what is older than it is kept."""

from celery import shared_task

from mqtt_app import expiry, housekeeping


@shared_task(name="tasks.housekeeping.clean", soft_time_limit=3_000, time_limit=3_600)
def clean() -> None:
    """Apply every retention."""
    housekeeping.clean()


@shared_task(name="tasks.housekeeping.certificates", soft_time_limit=600, time_limit=660)
def certificates() -> None:
    """Look at the certificates in use."""
    expiry.look()
