"""Real processes are killed while messages pour in: nothing the broker acknowledged is lost, nothing counts twice."""

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg
import pytest
import redis

from tests.conftest import Mosquitto
from tests.hearing import Publisher, publisher

Wait = Callable[..., Any]

TOPIC = "site_kills/gateway/1/dataloggers/telemetry"
RECOVERY_S = 90


def telemetry(number: int) -> bytes:
    """A message without a time of its own: were it stored twice, there would be two readings."""
    data = [{"type": "ch1", "value": [number]}]
    device = {"type": "adaq", "serial_number_device": f"MAS{number % 7:05d}", "data": data}
    return json.dumps({"serial_number_gateway": "g", "dataloggers": [{"devices": [device]}]}).encode()


class Plant:
    """A site on a broker that survives, and the means to hurt the system that listens to it."""

    def __init__(self, system: dict[str, Any], device: Publisher, site_id: int, wait_until: Wait) -> None:
        self.system = system
        self.wait_until = wait_until
        self.device = device
        self.site_id = site_id
        self.sent = 0

    def publish(self, count: int) -> None:
        """Publish, and return when the broker has acknowledged them all."""
        self.device.send(TOPIC, *(telemetry(self.sent + number) for number in range(count)))
        self.sent += count

    def running(self, *words: str) -> list[psutil.Process]:
        """Every process of the system whose command line holds all `words`."""
        found = []
        for process in psutil.Process(self.system["pid"]).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one, too
                if all(word in " ".join(process.cmdline()) for word in words):
                    found.append(process)
        return found

    def hit(self, number: int, count: int, *words: str) -> None:
        """Wait until at least `count` such processes run, and signal them all."""
        for process in self.wait_until(lambda: len(found := self.running(*words)) >= count and found, 40, str(words)):
            os.kill(process.pid, number)

    def stored(self) -> list[int]:
        with psycopg.connect(self.system["database_url"]) as database:
            rows = database.execute(
                "SELECT r.values[1] FROM sites_reading r JOIN sites_sensor s ON s.id = r.sensor_id "
                "JOIN sites_datalogger d ON d.id = s.datalogger_id WHERE d.site_id = %s ORDER BY 1",
                [self.site_id],
            ).fetchall()
        return [int(value) for (value,) in rows]

    def in_flight(self) -> int:
        with psycopg.connect(self.system["database_url"]) as database:
            rows = database.execute(
                "SELECT COALESCE(sum(received - stored - ignored - unrecognised - failed - duplicate - overflowed "
                "- lost - returned), 0) FROM mqtt_app_ledgerminute l "
                "JOIN mqtt_app_mqttconnection c ON c.id = l.connection_id WHERE c.site_id = %s",
                [self.site_id],
            ).fetchone()
        assert rows
        return int(rows[0])


@pytest.fixture
def plant(running_system: dict[str, Any], mosquitto: Mosquitto, wait_until: Wait) -> Iterator[Plant]:
    headers = {"Authorization": f"Bearer {running_system['token']}"}
    with (
        httpx.Client(base_url=running_system["url"] + "/api/v1", headers=headers, timeout=20) as rest,
        publisher(mosquitto.url) as device,
    ):
        site = rest.post("/sites/", json={"name": "Kills", "slug": "site_kills"}).json()["id"]
        broker = {"broker_host": "127.0.0.1", "broker_port": urlsplit(mosquitto.url).port, "site": site}
        rest.post("/connections/", json=broker).raise_for_status()
        status = f"/mqtt/site/{site}/status/"
        wait_until(lambda: rest.get(status).json()["status"] == "connected", 20, "connected")
        yield Plant(running_system, device, site, wait_until)
        rest.delete(f"/sites/{site}/", params={"confirm": "Kills"}).raise_for_status()


def check(plant: Plant, wait_until: Wait) -> None:
    """Loss 0, doubles 0, ledger balanced."""
    wait_until(lambda: len(set(plant.stored())) == plant.sent, RECOVERY_S, f"all {plant.sent} messages stored")
    assert plant.stored() == list(range(plant.sent))
    wait_until(lambda: plant.in_flight() == 0, 20, "a balanced ledger")


@pytest.mark.broker_restart
def test_a_killed_ingest_worker_loses_nothing(plant: Plant, wait_until: Wait) -> None:
    for _ in range(3):
        plant.publish(300)
        plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    check(plant, wait_until)


@pytest.mark.broker_restart
def test_a_killed_listener_loses_nothing_and_its_redeliveries_do_not_count_twice(
    plant: Plant, wait_until: Wait
) -> None:
    for _ in range(3):
        plant.publish(300)
        plant.hit(signal.SIGKILL, 1, "run_mqtt")
    check(plant, wait_until)


@pytest.mark.broker_restart
def test_an_emptied_redis_loses_nothing(plant: Plant, wait_until: Wait) -> None:
    queue = redis.Redis.from_url(plant.system["redis_url"])
    for _ in range(10):
        plant.publish(100)
        queue.flushall()
    queue.close()
    check(plant, wait_until)


@pytest.mark.broker_restart
def test_a_worker_frozen_with_a_batch_in_its_hands_and_then_killed_loses_nothing(
    plant: Plant, wait_until: Wait
) -> None:
    plant.hit(signal.SIGSTOP, 3, "celery", "-Q ingest")
    plant.publish(300)
    plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    check(plant, wait_until)
