"""The admin site's app. Its pages are imported by who serves or checks them, not by every worker."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register


class AdminConfig(SimpleAdminConfig):
    """Finds the pages when they are asked for: project.urls asks, and so do the system checks."""

    def ready(self) -> None:
        register(check_dependencies, Tags.admin)
        register(pages, Tags.admin)


def pages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Django's own check of the pages, once they are there."""
    autodiscover()
    return check_admin_app(app_configs, **kwargs)
