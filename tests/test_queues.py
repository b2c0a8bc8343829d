"""RabbitMQ as the server of the queues, instead of Redis: what is asked of it, and what a sender of tasks is told."""

from collections.abc import Iterator
from datetime import timedelta

import amqp
import pytest
from celery import Celery
from django.conf import LazySettings
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.transport.native_delayed_delivery import (
    bind_queue_to_native_delayed_delivery_exchange,
    declare_native_delayed_delivery_exchanges_and_queues,
)

from mqtt_app import queues
from mqtt_app.models import Pulse
from project.metrics import queued
from tests.conftest import wait
from tests.rabbitmq import RabbitMQ, running_rabbitmq

NAMES = [*queues.QUEUES]


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with running_rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as server:
        yield server


@pytest.fixture
def sender(rabbitmq: RabbitMQ) -> Iterator[Celery]:
    """Sends tasks as every process of ours does."""
    rabbitmq.empty()
    terms = queues.terms(rabbitmq.url)
    app = Celery("sender", broker=rabbitmq.url, set_as_current=False)
    app.conf.update(
        broker_transport_options=terms.transport_options,
        task_queues=terms.queues,
        task_routes={f"{name}.*": {"queue": name, **terms.publishing} for name in NAMES},
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    )
    yield app
    app.close()


def depths(url: str) -> list[int]:
    with queues.at(url) as server:
        return [one.messages for one in server.look()]


def test_what_waits_is_counted_and_a_queue_that_nobody_made_is_empty(rabbitmq: RabbitMQ, sender: Celery) -> None:
    assert depths(rabbitmq.url) == [0, 0, 0]
    for _ in range(3):
        sender.send_task("ingest.something")
    sender.send_task("upkeep.something")
    wait(lambda: depths(rabbitmq.url) == [3, 0, 1], 5, "four tasks")
    with queues.at(rabbitmq.url) as server:
        assert [one.oldest_s for one in server.look()] == [None, None, None]


def test_what_was_confirmed_survives_the_kill_of_the_server(rabbitmq: RabbitMQ, sender: Celery) -> None:
    for _ in range(20):
        sender.send_task("ingest.something")
    rabbitmq.write_down_its_queues()
    rabbitmq.kill()
    with pytest.raises(OperationalError):
        sender.send_task("ingest.something")
    with pytest.raises(queues.AWAY):
        depths(rabbitmq.url)
    rabbitmq.start()
    wait(lambda: depths(rabbitmq.url)[0] == 20, 20, "what was confirmed")
    sender.send_task("ingest.something")


def test_a_task_is_not_taken_for_sent_when_its_queue_is_gone(rabbitmq: RabbitMQ, sender: Celery) -> None:
    sender.send_task("ingest.something")
    rabbitmq.empty()
    sender.send_task("ingest.something")  # which makes the queue anew
    assert depths(rabbitmq.url)[0] == 1


@pytest.mark.django_db
def test_the_age_of_what_waits_is_that_of_the_last_canary(
    rabbitmq: RabbitMQ, sender: Celery, settings: LazySettings
) -> None:
    """Nobody can ask RabbitMQ for the age of a task without taking it."""
    settings.CELERY_BROKER_URL = rabbitmq.url
    Pulse.objects.create(name="canary:ingest", at=timezone.now() - timedelta(seconds=90))
    sender.send_task("ingest.something")
    wait(lambda: depths(rabbitmq.url)[0] == 1, 5, "a task")
    told = {sample.labels["queue"]: sample.value for family in list(queued())[-1:] for sample in family.samples}
    assert told == {"ingest": pytest.approx(100, abs=20), "control": 0, "upkeep": 0}


def test_a_delayed_task_waits_outside_its_queue_until_it_is_due(rabbitmq: RabbitMQ, sender: Celery) -> None:
    with Connection(rabbitmq.url) as connection:  # as a worker does when it starts
        declare_native_delayed_delivery_exchanges_and_queues(connection, "classic")
        for queue in sender.amqp.queues.values():
            queue.bind(connection.channel()).declare()
            bind_queue_to_native_delayed_delivery_exchange(connection, queue)
    sender.send_task("control.something", countdown=2)
    assert depths(rabbitmq.url) == [0, 0, 0]
    wait(lambda: depths(rabbitmq.url) == [0, 1, 0], 20, "the task in its own queue")


def test_a_blocked_server_is_told_in_time_and_takes_nothing_twice(rabbitmq: RabbitMQ, sender: Celery) -> None:
    sender.send_task("ingest.something")
    with rabbitmq.blocked():
        for _ in range(3):
            with pytest.raises(OperationalError, match="blocked"):
                sender.send_task("ingest.something")
        with queues.at(rabbitmq.url) as server, pytest.raises(amqp.RecoverableConnectionError, match="blocked"):
            server.take()
        assert depths(rabbitmq.url)[0] == 1, "how much waits can still be asked"
    wait(lambda: _takes(rabbitmq.url), 20, "it takes something again")
    sender.send_task("ingest.something")
    found = wait(lambda: depths(rabbitmq.url)[0], 5, "tasks")
    assert found <= 3, "at most the one of which nobody could know that it would wait"


def _takes(url: str) -> bool:
    try:
        with queues.at(url) as server:
            server.take()
    except queues.AWAY:
        return False
    return True
