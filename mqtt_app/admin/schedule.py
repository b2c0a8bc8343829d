"""The admin for the beat schedule, for superusers only: who may edit it may run any task with any arguments."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule


class SuperusersOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Who may edit the schedule may run any task with any arguments."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_superuser


class ScheduleAdmin(SuperusersOnly, PeriodicTaskAdmin):  # type: ignore[misc]  # the library is not typed
    """Our own entries stand in the settings; here they can be seen and run, not changed, switched off or deleted."""

    actions = ("enable_tasks", "run_tasks")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_ours(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_ours(obj)

    def _is_ours(self, obj: Any) -> bool:
        return obj is not None and obj.name in settings.CELERY_BEAT_SCHEDULE


for schedule in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(schedule)
    admin.site.register(schedule, ScheduleAdmin if schedule is PeriodicTask else SuperusersOnly)
