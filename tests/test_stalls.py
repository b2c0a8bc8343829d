"""Who has stopped without ending: told from who has nothing to do, and from servers that are away."""

import io
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from celery import current_app
from django.conf import LazySettings, settings
from django.core.management import call_command
from django.db import connection as database
from django.db.models import F
from django.db.models.functions import Now
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from redis import Redis

from mqtt_app.health import probes
from mqtt_app.models import Listener, Pulse
from mqtt_app.queues import CANARY_LIMIT_S, QUEUES
from tests.conftest import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis(settings: LazySettings) -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*QUEUES)
        yield client
        client.delete(*QUEUES)


def asked(*arguments: str, confirm: str = "0.1") -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("healthy", "--confirm", confirm, *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def canary(seconds_ago: float, queue: str = "ingest") -> None:
    Pulse.objects.create(name=f"canary:{queue}", at=Now() - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize(
    ("age", "waiting", "status"),
    [(70, 1, 1), (70, 0, 0), (50, 1, 0), (None, 1, 0)],
    ids=["stalled", "nobody sends anything", "it took something just now", "nothing was ever taken"],
)
def test_a_worker_has_stalled_when_canaries_are_old_and_something_waits(
    redis: Redis, age: float | None, waiting: int, status: int
) -> None:
    if age is not None:
        canary(age)
    for number in range(waiting):
        redis.lpush("ingest", f"task {number}")
    assert asked("worker", "ingest")[0] == status


@pytest.mark.parametrize(("age", "status"), [(3_600, 0), (7_300, 1)])
def test_a_worker_of_upkeep_has_not_stalled_while_its_tasks_take_an_hour(redis: Redis, age: float, status: int) -> None:
    canary(age, "upkeep")
    redis.lpush("upkeep", "a task")
    assert asked("worker", "upkeep")[0] == status


def test_what_may_take_long_waits_in_the_queue_of_upkeep_where_nothing_is_hurried() -> None:
    for name in settings.CELERY_IMPORTS:
        import_module(name)
    ours = {name: task for name, task in current_app.tasks.items() if name.startswith("tasks.")}
    route = current_app.amqp.router.route
    queues = {name: route({}, name)["queue"].name for name in ours}
    assert set(queues.values()) == set(QUEUES)
    for name, task in ours.items():
        limit = task.time_limit or settings.CELERY_TASK_TIME_LIMIT
        assert limit <= CANARY_LIMIT_S[queues[name]], f"{name} would be taken for a worker that has stalled"
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["queue"] == queues[entry["task"]]


@pytest.mark.parametrize(("age", "status"), [(50, 0), (70, 1)])
def test_a_listener_has_stalled_when_it_no_longer_beats(age: float, status: int) -> None:
    Listener.objects.create(name="here:7", heartbeat=Now() - timedelta(seconds=age))
    Listener.objects.create(name="there:7")
    assert asked("listener", "--name", "here:")[0] == status


@pytest.mark.parametrize(("age", "status"), [(80, 0), (100, 1), (None, 0)])
def test_beat_has_stalled_when_three_reconciles_are_due(age: float | None, status: int) -> None:
    every = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.filter(name="reconcile").delete()
    last = None if age is None else Now() - timedelta(seconds=age)
    PeriodicTask.objects.create(name="reconcile", task="tasks.control.reconcile", interval=every, last_run_at=last)
    assert asked("beat")[0] == status


def test_a_listener_that_never_registered_is_not_judged() -> None:
    assert asked("listener", "--name", "nobody") == (0, "Nothing is wrong with it.\n")


@pytest.mark.parametrize(
    "role", [("worker", "ingest"), ("listener", "--name", "here:"), ("beat",)], ids=lambda it: it[0]
)
def test_what_was_noted_before_the_clock_was_set_back_hides_nobody_that_has_stopped(
    redis: Redis, role: tuple[str, ...]
) -> None:
    """It lies two hours ahead, and is taken for something of now: who lives has time to say so."""
    ahead = Now() + timedelta(hours=2)
    redis.lpush("ingest", "a task")
    every = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.filter(name="reconcile").delete()
    PeriodicTask.objects.create(name="reconcile", task="tasks.control.reconcile", interval=every, last_run_at=ahead)
    Pulse.objects.create(name="canary:ingest", at=ahead)
    Listener.objects.create(name="here:7", heartbeat=ahead)
    assert asked(*role)[0] == 0
    later = timedelta(seconds=100)
    Pulse.objects.update(at=F("at") - later)
    Listener.objects.update(heartbeat=F("heartbeat") - later)
    PeriodicTask.objects.filter(name="reconcile").update(last_run_at=F("last_run_at") - later)
    assert asked(*role)[0] == 1


def test_a_listener_whose_heartbeat_lies_ahead_is_not_called_alive() -> None:
    Listener.objects.create(name="here:7", heartbeat=Now() + timedelta(hours=2))
    assert not probes.listeners().ok
    Listener.objects.update(heartbeat=Now())
    assert probes.listeners().ok


def test_a_server_that_is_away_is_nobodys_fault(redis: Redis, settings: LazySettings) -> None:
    canary(70)
    redis.lpush("ingest", "a task")
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert asked("worker", "ingest")[0] == 0


def test_what_looks_stalled_after_an_outage_is_asked_again(redis: Redis) -> None:
    """A canary comes through between the two questions."""

    def consume() -> None:
        Pulse.objects.update(at=Now())
        database.close()

    canary(70)
    redis.lpush("ingest", "a task")
    later = threading.Timer(1.0, consume)
    later.start()
    assert asked("worker", "ingest", confirm="3")[0] == 0
    later.join()


def test_one_frozen_worker_among_several_does_not_answer(process_env: dict[str, str], tmp_path: Path) -> None:
    with worker(process_env, tmp_path, "ingest") as process:
        name = f"{tmp_path.name}@tests"
        assert asked("worker", "ingest", "--node", name)[0] == 0
        frozen: subprocess.Popen[bytes] = process
        frozen.send_signal(signal.SIGSTOP)
        status, words = asked("worker", "ingest", "--node", name)
        frozen.send_signal(signal.SIGCONT)
    assert (status, f"{name} does not answer" in words) == (1, True)
    assert current_app.control.ping([name], timeout=0.2) == []
