"""The Celery application that every worker, beat and Flower runs."""

import os
import time
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, import_modules, task_postrun, task_prerun, worker_process_init
from django.db import close_old_connections

from mqtt_app import context
from mqtt_app.queues import SENT_AT
from project import collector, sentry, starvation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")  # they load every URL, and Celery ignores what they say

app = Celery("fieldledger")
app.config_from_object("project.celery_settings:own")
app.steps["consumer"].add(starvation.Watch)


@import_modules.connect
def demand_keys(**_: Any) -> None:
    """Celery ends a worker, or beat, whose modules cannot be imported."""
    from mqtt_app import checks  # only now are there models

    checks.demand_keys()


import_modules.connect(sentry.start)  # sent by worker and beat alike, before anything in them can fail
worker_process_init.connect(collector.settle)


@before_task_publish.connect
def stamp(headers: dict[str, Any], **_: Any) -> None:
    """So that the age of what waits in a queue can be seen."""
    headers[SENT_AT] = time.time()


@task_prerun.connect
def begin_task(task_id: str, **_: Any) -> None:
    """What a task logs carries its id; a connection that died since the last task is not used."""
    context.begin(task=task_id)
    close_old_connections()


@task_postrun.connect
def forget_task(**_: Any) -> None:
    context.begin()
