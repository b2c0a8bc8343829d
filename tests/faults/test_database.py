"""PostgreSQL goes away, or cuts every session, while messages pour in."""

import contextlib
import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.conftest import wait
from tests.faults.plant import Plant, brief, check, long

pytestmark = pytest.mark.broker_restart

GROWTH = 32 * 1024**2  # bytes


def quit_at_once(plant: Plant) -> None:
    for process in plant.running("postgres", "-D"):
        os.kill(process.pid, signal.SIGQUIT)  # an immediate stop: it recovers from its log


def answers(plant: Plant) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return bool(plant.query("SELECT 1"))
    return False


@pytest.mark.timeout(300)
@pytest.mark.parametrize("outage_s", [brief(6), long(60)])
def test_a_database_that_is_away_for_a_while_loses_nothing_and_makes_nobody_offline(
    plant: Plant, outage_s: float
) -> None:
    plant.publish(100)
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    wait(lambda: len(plant.stored()) == 100, 20, "the first hundred")
    began = time.monotonic()
    end, before = began + outage_s, plant.listener.memory_info().rss
    asked: set[int] = set()

    def is_over() -> bool:
        quit_at_once(plant)
        asked.add(plant.rest.get("/sites/").status_code)
        return time.monotonic() > end

    plant.pour(is_over, 2 * outage_s, "the end of the outage")
    plant.pour(lambda: answers(plant), 60, "PostgreSQL answers again")
    grown = plant.listener.memory_info().rss - before
    back, before = time.monotonic(), len(plant.stored())
    fallen = []
    plant.pour(lambda: fallen.append(plant.offline()) or len(plant.stored()) > before, 30, "a new commit")
    first = time.monotonic() - back
    plant.pour(lambda: fallen.append(plant.offline()) or time.monotonic() - back > 6, 20, "some more seconds")
    note = f"first commit {first:.1f} s after its return; nobody offline; listener +{grown >> 20} MiB"
    check(plant, f"PostgreSQL away {back - began:.0f} s", note)
    assert 503 in asked
    assert asked <= {200, 503}
    assert first < 10
    assert not any(fallen)
    assert grown < GROWTH
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)


@pytest.mark.long
def test_sessions_that_are_cut_again_and_again_lose_nothing_and_let_listeners_stop(
    plant: Plant, tmp_path: Path
) -> None:
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    with plant.second_listener(tmp_path / "listener-2.log"):
        for _ in range(5):
            cut = time.monotonic()
            plant.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            plant.pour(lambda cut=cut: time.monotonic() - cut > 2, 10, "two seconds")
    assert plant.query("SELECT name FROM mqtt_app_listener") == [("listener-1",)]
    check(plant, "all database sessions cut five times")
    wait(lambda: plant.beats(4) == 1, 30, "beat goes on")
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)
