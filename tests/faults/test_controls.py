"""Controls: what the tests of faults would see if we did not do what we do. They prove that the checks bite."""

import signal
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from sites.binary import arrays
from sites.models import Site
from sites.upsert import Key, query, resolve, unnest
from tests.conftest import Mosquitto, whole_system
from tests.faults.plant import enter, planted

KEY = (("site_id", "bigint"), ("serial", "text"))
ROUNDS, KEYS = 20, 1_500

Upsert = Callable[[list[Key]], object]


def sorted_(keys: list[Key]) -> None:
    resolve("sites_gateway", KEY, keys)


def as_they_come(keys: list[Key]) -> None:
    """As `resolve` inserts, in the order of the messages."""
    sql = f"INSERT INTO sites_gateway (site_id, serial) SELECT * FROM {unnest(KEY)} ON CONFLICT DO NOTHING"  # noqa: S608
    query(sql, arrays(keys, KEY))


def deadlocks(upsert: Upsert) -> int:
    """Two workers store the same new devices, each in its own order, again and again; how many deadlocks end it."""
    site = Site.objects.create(name="Two", slug="two")
    errors: list[OperationalError] = []

    def work(keys: list[Key], start: threading.Barrier) -> None:
        try:
            with transaction.atomic():
                start.wait(10)
                upsert(keys)
        except OperationalError as error:
            errors.append(error)
        finally:
            connection.close()

    for number in range(ROUNDS):
        keys: list[Key] = [(site.pk, f"{number}-{one:05d}") for one in range(KEYS)]
        start = threading.Barrier(2)
        workers = [threading.Thread(target=work, args=(order, start)) for order in (keys, keys[::-1])]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if errors:
            break  # once is enough, and each takes a second to be found out
    assert all(isinstance(one.__cause__, psycopg.errors.DeadlockDetected) for one in errors)
    return len(errors)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_make_the_same_devices_never_deadlock() -> None:
    assert deadlocks(sorted_) == 0


@pytest.mark.django_db(transaction=True)
def test_control_in_the_order_of_the_messages_they_do() -> None:
    assert deadlocks(as_they_come) > 0


@pytest.mark.long
@pytest.mark.broker_restart
@pytest.mark.timeout(300)
def test_control_a_batch_in_the_hands_of_a_killed_worker_is_lost_when_nothing_is_dispatched_again(
    mosquitto: Mosquitto,
) -> None:
    with whole_system(REDISPATCH_AFTER_S="3600") as system, planted(system, mosquitto) as plant:
        plant.hit(signal.SIGSTOP, 3, "celery", "-Q ingest")
        plant.publish(300)
        plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
        plant.hit(0, 3, "celery", "-Q ingest")  # they are back
        time.sleep(30)
        in_flight = plant.ledger(1)["in_flight"]
        note = f"{in_flight} in flight after 30 s"
        enter(plant, "CONTROL: worker frozen with a batch, then killed, nothing dispatched again", None, note)
        assert in_flight > 0
        assert len(plant.stored()) < plant.sent
