"""Faults in chains that are unlikely: each one hits what is left of the system after the one before."""

import os
import signal
import time
from pathlib import Path

import httpx
import psutil
import pytest
import redis

from tests.conftest import Mosquitto, wait
from tests.faults.plant import Plant, check
from tests.faults.test_sequences import answers

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(400)]

WORKERS = ("celery", "-Q ingest")


def test_holder_frozen_redis_emptied_workers_killed_successor_killed_and_the_holder_woken(
    plant: Plant, tmp_path: Path
) -> None:
    """Each batch that the frozen one holds was on its way when everything that could carry it went."""
    with plant.second_listener(tmp_path / "listener-2.log") as successor:
        epoch = plant.connection("epoch")
        with plant.frozen("run_mqtt"):
            plant.publish(200)
            plant.pour(lambda: plant.connection("report_epoch") > epoch, 30, "the other has taken over")
            with redis.Redis.from_url(plant.system["redis_url"]) as queue:
                queue.flushall()
            plant.hit(signal.SIGKILL, 1, *WORKERS)
            plant.publish(200)
            os.kill(successor.pid, signal.SIGKILL)
        plant.publish(200)
    check(plant, "holder frozen, Redis emptied, workers killed, successor killed, holder woken")
    wait(lambda: plant.connection("status") == "connected", 35, "connected")


def test_broker_and_database_stop_together_and_the_listener_dies_between_their_returns(
    plant: Plant, mosquitto: Mosquitto
) -> None:
    """What the broker sends again meets a listener that has nobody to ask what was stored already."""
    with plant.held_back():
        plant.publish(300)
        wait(plant.waiting, 20, "a worker within its transaction")
        mosquitto.stop()
    (database,) = plant.running("postgres", "-D")
    with plant.frozen("postgres", "-D"):
        for pid in sessions_of(database.pid):
            os.kill(pid, signal.SIGKILL)  # what was committed, and what not, nobody has been told
        mosquitto.start()
        plant.listener.kill()
        time.sleep(3)  # while it starts there is no database
    wait(lambda: answers(plant), 60, "PostgreSQL and the web process answer")
    wait(lambda: plant.device.client.is_connected(), 60, "the device is connected again")
    plant.publish(100)
    check(plant, "broker and PostgreSQL stopped, broker back, listener killed, PostgreSQL back")


def sessions_of(postmaster: int) -> list[int]:
    """PostgreSQL's own processes."""
    return [child.pid for child in psutil.Process(postmaster).children()]


def test_wishes_during_a_broker_restart_while_beat_web_and_control_worker_die(
    plant: Plant, mosquitto: Mosquitto
) -> None:
    """Switched off with messages in flight; nobody is there to carry out the wish, and the session survives it all."""
    with plant.frozen(*WORKERS):
        plant.publish(300)
        plant.switch(on=False)
        for words in (("celery", "beat"), ("celery", "-Q control"), ("uvicorn",)):
            plant.hit(signal.SIGKILL, 1, *words)
        mosquitto.stop()
        mosquitto.start()
    wait(lambda: plant.device.client.is_connected(), 35, "the device is connected again")
    wait(lambda: plant.connection("status") == "disconnected", 60, "off")
    plant.publish(200)
    wait(lambda: switched_on(plant), 60, "the web process takes the wish")
    check(plant, "switched off and on while broker, beat, web and control worker go")
    assert plant.connection("status") == "connected"


def switched_on(plant: Plant) -> bool:
    try:
        plant.switch(on=True)
    except httpx.HTTPError:
        return False
    return True
