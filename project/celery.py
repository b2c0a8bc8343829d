"""The Celery application that every worker, beat and Flower runs."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("fieldledger")
app.config_from_object("django.conf:settings", namespace="CELERY")
