"""A worker keeps its connection to the database from task to task, and gets over one that has died."""

from collections.abc import Callable

import psycopg
import pytest
from celery.fixups.django import DjangoWorkerFixup  # type: ignore[attr-defined]
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import connection

from project.celery import app
from sites.upsert import query
from tasks.ingest import canary

pytestmark = pytest.mark.django_db(transaction=True)

Task = Callable[[], int]


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task that says to which process of the server it speaks, between the signals that a worker sends."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)  # a web process of this test run keeps none
    fixup = DjangoWorkerFixup(app)
    canary.request.update(is_eager=False)

    def run() -> int:
        fixup.on_task_prerun(canary)
        task_prerun.send(canary, task_id="one", task=canary)
        server: int = query("SELECT pg_backend_pid()")[0][0]
        task_postrun.send(canary, task_id="one", task=canary)
        fixup.on_task_postrun(canary)
        return server

    return run


def test_the_next_task_speaks_over_the_same_connection(task: Task) -> None:
    assert task() == task()


def test_a_task_after_the_server_has_cut_the_connection_finds_another(task: Task) -> None:
    first = task()
    address = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=address["NAME"], host=address["HOST"], port=address["PORT"] or None, user=address["USER"],
        password=address["PASSWORD"], autocommit=True,
    ) as other:  # fmt: skip
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    assert task() != first


def test_the_processes_of_a_worker_are_replaced_for_their_memory_alone() -> None:
    """They do the same number of tasks: all would reach a limit of it at once, and batches wait until others start."""
    assert (app.conf.worker_max_tasks_per_child, app.conf.worker_max_memory_per_child) == (None, 300_000)
