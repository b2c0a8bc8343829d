"""The queues are on RabbitMQ, which is killed, emptied and blocked while messages pour in, and workers with it."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from kombu import Connection

from tests.conftest import Mosquitto, wait, whole_system
from tests.faults.plant import Plant, check, planted
from tests.rabbitmq import RabbitMQ, running_rabbitmq

pytestmark = [pytest.mark.broker_restart, pytest.mark.timeout(300)]

AWAY_S = 8.0
MOST_COPIES = 6
FOUND_AGAIN_S = 60
"""A worker that was forgotten notices 10 s after the next task; a canary comes every 15 s."""


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with running_rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as server:
        yield server


@pytest.fixture(scope="module")
def system(rabbitmq: RabbitMQ) -> Iterator[dict[str, Any]]:
    with whole_system(CELERY_BROKER_URL=rabbitmq.url) as found:
        yield found


@pytest.fixture
def plant(system: dict[str, Any], mosquitto: Mosquitto) -> Iterator[Plant]:
    with planted(system, mosquitto) as one:
        yield one


def pour_for(plant: Plant, seconds: float) -> None:
    began = time.monotonic()
    plant.pour(lambda: time.monotonic() - began > seconds, 3 * seconds, "the end of it")


def copies(rabbitmq: RabbitMQ) -> int:
    """How often the batch that waits most often waits. What is looked at goes back when the connection ends."""
    shown: Counter[str] = Counter()
    with Connection(rabbitmq.url) as connection:
        channel = connection.channel()
        while one := channel.basic_get("ingest"):
            shown[one.headers["argsrepr"]] += "messages" in one.headers["argsrepr"]
    return max(shown.values(), default=0)


def said(plant: Plant, part: str) -> str:
    ready = httpx.get(f"{plant.system['url']}/readyz", timeout=30)
    return str(ready.json()["checks"][part]["detail"])


def test_every_message_comes_through_and_is_acknowledged(plant: Plant) -> None:
    plant.publish(300)
    check(plant, "none, with the queues on RabbitMQ")
    assert plant.is_told()
    assert said(plant, "queue_server").endswith("takes what it is given.")


@pytest.mark.long
def test_killed_workers_lose_nothing(plant: Plant) -> None:
    for _ in range(3):
        plant.publish(300)
        plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    check(plant, "RabbitMQ: ingest workers killed three times")


@pytest.mark.long
def test_a_worker_frozen_with_a_batch_in_its_hands_and_then_killed_loses_nothing(plant: Plant) -> None:
    plant.hit(signal.SIGSTOP, 3, "celery", "-Q ingest")
    plant.publish(300)
    plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    check(plant, "RabbitMQ: worker frozen with a batch, then killed")


def test_a_killed_rabbitmq_loses_nothing(plant: Plant, rabbitmq: RabbitMQ) -> None:
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    plant.publish(100)
    rabbitmq.kill()
    pour_for(plant, AWAY_S)
    assert said(plant, "queue_server") == "The queues take nothing."
    rabbitmq.start()
    check(plant, "RabbitMQ killed, and back after some seconds")
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)


@pytest.mark.long
def test_an_emptied_rabbitmq_loses_nothing(plant: Plant, rabbitmq: RabbitMQ) -> None:
    for _ in range(3):
        plant.publish(100)
        rabbitmq.empty()
        wait(rabbitmq.is_taken_from, FOUND_AGAIN_S, "a worker at each queue")
    check(plant, "RabbitMQ emptied three times, queues and all; workers back after each")


@pytest.mark.long
def test_a_frozen_rabbitmq_loses_nothing(plant: Plant, rabbitmq: RabbitMQ) -> None:
    rabbitmq.signal(signal.SIGSTOP)
    pour_for(plant, AWAY_S)
    rabbitmq.signal(signal.SIGCONT)
    check(plant, "RabbitMQ frozen for some seconds")


@pytest.mark.long
def test_a_rabbitmq_without_memory_takes_nothing_and_loses_nothing(plant: Plant, rabbitmq: RabbitMQ) -> None:
    listener = plant.listener.pid
    with rabbitmq.blocked():
        pour_for(plant, AWAY_S)
        assert said(plant, "queue_server") == "The queues take nothing."
        with plant.frozen("celery", "-Q ingest"):
            pour_for(plant, AWAY_S)
    check(plant, "RabbitMQ out of memory for some seconds")
    assert plant.listener.pid == listener


@pytest.mark.long
def test_workers_that_are_away_find_few_copies(plant: Plant, rabbitmq: RabbitMQ) -> None:
    with plant.frozen("celery", "-Q ingest"):
        plant.publish(3_000)
        time.sleep(AWAY_S * 10)
        most = copies(rabbitmq)
    check(plant, "RabbitMQ: ingest workers away", f"{most} copies of a batch in the queue")
    assert 1 < most <= MOST_COPIES
    assert plant.ledger()["failed"] == 0
