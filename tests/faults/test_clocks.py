"""The clock jumps by two hours, forwards and backwards, under everything or under all but the database."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.conftest import Mosquitto, wait, whole_system
from tests.embedded import Embedded
from tests.faults.clocks import BACKWARDS, FORWARDS, Clock, Clocked, clock
from tests.faults.plant import TOPIC, Plant, check, planted, telemetry

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(300)]

JUMPED_S = 6.0
"""Two heartbeats."""

BEATEN = """
SELECT 1 FROM mqtt_app_listener l JOIN mqtt_app_mqttconnection c ON c.listener_id = l.id
WHERE c.site_id = %s AND l.heartbeat > now() - interval '5 seconds'
"""
ENDED = "SELECT at FROM mqtt_app_pulse WHERE name = 'reconcile'"


@contextmanager
def clocked(broker: Mosquitto, *, is_postgresql: bool) -> Iterator[tuple[Plant, Clock]]:
    """is_postgresql: whether the clock is its, too."""
    with clock() as one, ExitStack() as stack:
        servers = Clocked(one.env) if is_postgresql else Embedded()
        stack.callback(servers.stop)
        own = servers.start()
        system = stack.enter_context(whole_system(**own, **one.env))
        known = {"database_url": own["DATABASE_URL"], "redis_url": own["REDIS_URL"]}
        yield stack.enter_context(planted(system | known, broker)), one


@pytest.mark.parametrize("is_postgresql", [True, False], ids=["everywhere", "all but PostgreSQL"])
def test_a_clock_that_jumps_forwards_and_backwards_loses_nothing(mosquitto: Mosquitto, is_postgresql: bool) -> None:
    with clocked(mosquitto, is_postgresql=is_postgresql) as (plant, now):
        listener, epoch = plant.listener.pid, plant.connection("epoch")
        plant.publish(100)
        for seconds in (FORWARDS, 0, BACKWARDS, 0):
            now.set(seconds)
            began = time.monotonic()
            plant.pour(lambda began=began: time.monotonic() - began > JUMPED_S, 30, "some seconds")
        where = "everywhere" if is_postgresql else "everywhere but in PostgreSQL"
        check(plant, f"clock jumps by 2 h, forwards and backwards, twice, {where}")
        assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)
        assert plant.connection("status") == "connected"


def test_a_clock_set_forward_makes_no_device_silent_that_spoke_before(mosquitto: Mosquitto) -> None:
    with clocked(mosquitto, is_postgresql=True) as (plant, now):
        plant.device.send(TOPIC.format(site=plant.site), telemetry(0).replace(b": 2,", b": 60,"))
        wait(lambda: plant.query("SELECT 1 FROM sites_datalogger WHERE interval_s = 60"), 20, "a device")
        now.set(FORWARDS)
        for _ in range(2):  # the silence of a device is judged after each reconcile, if its listener has beaten
            wait(lambda: plant.query(BEATEN, [plant.site_id]), 30, "a heartbeat by the new clock")
            last = plant.query(ENDED)[0][0]
            wait(lambda last=last: plant.query(ENDED)[0][0] > last, 30, "a reconcile after it")
        assert plant.offline() == 0


def test_a_batch_begun_before_the_clock_was_set_back_is_not_left_to_a_worker_that_is_dead(mosquitto: Mosquitto) -> None:
    with clocked(mosquitto, is_postgresql=True) as (plant, now):
        with plant.held_back():
            plant.publish(100)
            wait(plant.waiting, 20, "a worker within its transaction")
            now.set(BACKWARDS)
            for child in plant.children("celery", "-Q ingest"):
                child.kill()
        check(plant, "clock set back by 2 h while workers die with a batch")
