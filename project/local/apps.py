"""The Django app of the local system: it brings the commands `up`, `prepare` and `simulate`, and no tables."""

from django.apps import AppConfig


class LocalConfig(AppConfig):
    """Registered as `local`."""

    name = "project.local"
    label = "local"
    verbose_name = "The whole system on one machine"
