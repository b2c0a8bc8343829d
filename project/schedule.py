"""The scheduler that beat runs: django-celery-beat's own, which also goes on when the clock is set back."""

from datetime import timedelta
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

AHEAD = timedelta(seconds=5)
"""More than clocks of one system differ by."""


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # it has no types
    """What was sent at a time that is still to come was sent before the clock was set back: as if it had been now.

    Else nothing would be sent until the clock is again where it was.
    """

    def tick(self, *args: Any, **options: Any) -> float:
        for entry in self.schedule.values():
            if (now := entry.default_now()) + AHEAD < entry.last_run_at:
                entry.last_run_at = now
                self._heap = None  # made anew, in the order in which they are due now
        seconds: float = super().tick(*args, **options)
        return seconds
