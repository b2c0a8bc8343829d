"""The Celery application that every worker, beat and Flower runs."""

import os

from celery import Celery
from celery.signals import import_modules

from project import sentry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("fieldledger")
app.config_from_object("django.conf:settings", namespace="CELERY")

import_modules.connect(sentry.start)  # sent by worker and beat alike, before anything in them can fail
