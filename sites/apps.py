"""The app that knows what stands in the field."""

from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils import timezone

from sites import history


class SitesConfig(AppConfig):
    name = "sites"
    verbose_name = "In the field"

    def ready(self) -> None:
        post_migrate.connect(make_partitions, sender=self)


def make_partitions(**_: Any) -> None:
    """A freshly migrated history table has its partitions before the first reading arrives."""
    history.make_partitions(timezone.now(), timedelta(days=settings.READINGS_KEEP_DAYS))
