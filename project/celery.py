"""The Celery application that every worker, beat and Flower runs."""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init

from project import sentry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("fieldledger")
app.config_from_object("django.conf:settings", namespace="CELERY")

for begins in (celeryd_init, beat_init):
    begins.connect(sentry.start)
