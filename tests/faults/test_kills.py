"""Real processes are killed while messages pour in: nothing the broker acknowledged is lost, nothing counts twice."""

import signal

import pytest
import redis

from tests.conftest import wait
from tests.faults.plant import Plant, check

WORKER_BACK_S = 30
"""Twice what the guarantee says, on a machine that does other things, too."""

pytestmark = pytest.mark.broker_restart


def test_a_killed_ingest_worker_loses_nothing(plant: Plant) -> None:
    for _ in range(3):
        plant.publish(300)
        plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    check(plant, "ingest workers killed three times")


@pytest.mark.long
def test_a_worker_child_killed_within_its_transaction_loses_nothing(plant: Plant) -> None:
    with plant.held_back():
        plant.publish(300)
        wait(plant.waiting, 20, "a worker within its transaction")
        for child in plant.children("celery", "-Q ingest"):
            child.kill()
    check(plant, "worker children killed within their transactions", patience_s=WORKER_BACK_S)


def test_a_killed_listener_loses_nothing_and_its_redeliveries_do_not_count_twice(plant: Plant) -> None:
    for _ in range(3):
        plant.publish(300)
        plant.hit(signal.SIGKILL, 1, "run_mqtt")
    check(plant, "listener killed three times")


def test_an_emptied_redis_loses_nothing(plant: Plant) -> None:
    queue = redis.Redis.from_url(plant.system["redis_url"])
    for _ in range(10):
        plant.publish(100)
        queue.flushall()
    queue.close()
    check(plant, "Redis emptied ten times")


def test_a_worker_frozen_with_a_batch_in_its_hands_and_then_killed_loses_nothing(plant: Plant) -> None:
    plant.hit(signal.SIGSTOP, 3, "celery", "-Q ingest")
    plant.publish(300)
    plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    check(plant, "worker frozen with a batch, then killed")
