"""Nothing stops silently: a process that lives and does nothing is noticed, named, and started anew."""

import signal
import time

import httpx
import psutil
import pytest

from tests.conftest import wait
from tests.faults.plant import Plant, check

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(400)]

NOTICED_S = 200
"""A minute until a canary is too old, half of one to be sure, a few seconds between two looks; and a busy machine."""


def freeze(plant: Plant, *words: str) -> list[psutil.Process]:
    """Nobody wakes them again: only being replaced helps."""
    found = plant.running(*words)
    assert found, words
    for process in found:
        process.send_signal(signal.SIGSTOP)
    return found


def red(plant: Plant) -> set[str]:
    """What /readyz complains of; not of reconcile, which these tests want every second."""
    time.sleep(0.5)
    checks = httpx.get(f"{plant.system['url']}/readyz", timeout=20).json()["checks"]
    return {name for name, finding in checks.items() if not finding["ok"] and name != "reconcile"}


def test_workers_that_stopped_consuming_are_replaced_and_what_waited_is_stored(plant: Plant) -> None:
    plant.publish(100)
    wait(lambda: len(plant.stored()) == 100, 60, "the first hundred")
    began = time.monotonic()
    frozen = freeze(plant, "celery", "worker", "ingest@") + freeze(plant, "celery", "worker", "control@")
    plant.publish(200)
    wait(lambda: {"canary_ingest", "canary_control"} <= red(plant), NOTICED_S, "/readyz says so")
    noticed = time.monotonic() - began
    wait(lambda: not any(process.is_running() for process in frozen), NOTICED_S, "the frozen ones are gone")
    check(plant, f"both workers frozen for good; /readyz red after {noticed:.0f} s, killed after {_since(began)}")
    wait(lambda: not red(plant), 60, "/readyz is green again")


def test_a_frozen_listener_is_replaced_and_nothing_is_lost(plant: Plant) -> None:
    plant.publish(100)
    began = time.monotonic()
    (frozen,) = freeze(plant, "run_mqtt")
    plant.publish(200)
    wait(lambda: not frozen.is_running(), NOTICED_S, "the frozen one is gone")
    check(plant, f"the only listener frozen for good; killed after {_since(began)}")
    wait(lambda: not red(plant), 60, "/readyz is green again")


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.0f} s"
