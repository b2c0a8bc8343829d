"""Rolls up all of history at once, in a process of its own that has Django, while nobody adds readings."""

import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from sites import rollups  # noqa: E402
from sites.models import RollupEdge  # noqa: E402

RUN_S = 3_600.0
POLL_S = 0.1

if __name__ == "__main__":
    rollups.announce(timezone.now())
    RollupEdge.objects.update(since="1970-01-01T00:00:00Z")  # nobody remembers an older edge
    while not RollupEdge.objects.filter(rolled=F("announced")).exists():
        rollups.roll(timezone.now(), RUN_S)  # the system's own run may be at it too
        time.sleep(POLL_S)
