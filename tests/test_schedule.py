"""Beat goes on sending when the clock is set back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django.fixtures import Settings

from project.celery import app
from project.schedule import Scheduler

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_sent_two_hours_from_now_is_due_a_period_after_now(settings: Settings) -> None:
    Scheduler(app=app).setup_schedule()
    PeriodicTask.objects.update(last_run_at=timezone.now() + timedelta(hours=2))
    scheduler = Scheduler(app=app)
    scheduler.tick()
    entries = {name: entry for name, entry in scheduler.schedule.items() if name in settings.CELERY_BEAT_SCHEDULE}
    assert entries.keys() == settings.CELERY_BEAT_SCHEDULE.keys()
    for name, entry in entries.items():
        period = settings.CELERY_BEAT_SCHEDULE[name]["schedule"].run_every.total_seconds()
        assert 0 < entry.is_due().next <= period + 1
