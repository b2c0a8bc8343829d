"""A disk is full, of PostgreSQL and Redis or of a broker; a network is cut without a word, to a broker or a worker."""

import contextlib
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest

from project.local.ports import free_port
from tests.conftest import MOSQUITTO, MOSQUITTO_PATH, Mosquitto, running, running_mosquitto, wait
from tests.faults.machine import Room, full, room, small_disk
from tests.faults.networks import SOCKET, networked
from tests.faults.plant import check, planted
from tests.faults.proxy import Proxy
from tests.faults.test_broker import saved_at

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(400)]

FULL_S = 20.0
UNSAVED_S = 6.0
"""It saves every second."""

WORKER_CUT_S = 20.0
CUT_S = 100.0
"""Longer than two keepalives: it is found out meanwhile."""


def test_a_full_disk_under_postgresql_and_redis_loses_nothing(mosquitto: Mosquitto) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="fl-") as folder,
        networked(Path(folder), small_disk) as network,
        planted(network.system, mosquitto) as plant,
    ):
        plant.publish(200)
        wait(lambda: len(plant.stored()) == 200, 20, "the first of them")
        with full(network.disk):
            began = time.monotonic()
            while time.monotonic() - began < FULL_S:
                plant.publish(100)
        check(plant, f"disk of PostgreSQL and Redis full for {FULL_S:.0f} s", patience_s=150)


def test_a_network_to_a_broker_that_is_cut_without_a_word_loses_nothing(
    running_system: dict[str, Any], tmp_path: Path
) -> None:
    if which("mosquitto", path=MOSQUITTO_PATH) is None:
        pytest.skip("NOT TESTED: needs mosquitto (apt install mosquitto)")
    with room() as far:
        broker = Mosquitto(free_port(), tmp_path, [])
        settings = MOSQUITTO.format(port=broker.port, folder=tmp_path, user="root")
        (tmp_path / "mosquitto.conf").write_text(settings.replace(f"{broker.port} 127.0.0.1", f"{broker.port}"))
        command = [*far.enter(), str(which("mosquitto", path=MOSQUITTO_PATH)), "-c", str(tmp_path / "mosquitto.conf")]
        with running(command, {}, tmp_path / "mosquitto.log"):
            wait(lambda: is_up(far.theirs, broker.port), 10, "mosquitto")
            device, ours = f"mqtt://{far.theirs}:{broker.port}", {"broker_host": far.ours}
            with planted(running_system, broker, device_url=device, **ours) as plant:
                plant.publish(100)
                far.cut()
                began = time.monotonic()
                plant.pour(lambda: time.monotonic() - began > CUT_S, 2 * CUT_S, "the end of the cut")
                noticed = plant.connection("status")
                far.mend()
                check(plant, f"network to the broker cut for {CUT_S:.0f} s", f"status meanwhile: {noticed}")
                assert noticed == "connecting"


def test_a_full_disk_under_a_broker_loses_nothing(running_system: dict[str, Any], tmp_path: Path) -> None:
    """It cannot save what waits for us, and is restarted as soon as it could."""
    disk = tmp_path / "disk"
    with small_disk(disk, 32), running_mosquitto(disk) as broker, planted(running_system, broker) as plant:
        with plant.frozen("celery", "-Q ingest"):
            plant.publish(300)
            wait(lambda: saved_at(disk), 10, "it has saved")
            with full(disk):
                saved, began = saved_at(disk), time.monotonic()
                plant.pour(lambda: time.monotonic() - began > UNSAVED_S, 30, "some saves that fail")
                assert saved_at(disk) == saved
            wait(lambda: saved_at(disk) > saved, 20, "it saves again")
            broker.stop()
            broker.start()
            wait(lambda: plant.device.client.is_connected(), 35, "the device is connected again")
        plant.publish(100)
        check(plant, f"disk of a broker full for {UNSAVED_S:.0f} s, then the broker restarted")
        assert plant.logged("ERROR") == []


def test_a_worker_whose_network_is_cut_within_a_transaction_loses_nothing(
    running_system: dict[str, Any], mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with (
        room() as far,
        planted(running_system, mosquitto) as plant,
        doors(far, running_system) as addresses,
    ):
        colleague = plant.running("celery", "-Q ingest")[0]
        command = [*far.enter(), *colleague.cmdline(), "-n", "ingest@far"]
        with running(command, colleague.environ() | addresses, tmp_path / "worker.log") as worker:
            with plant.frozen("celery", "-Q ingest"):
                plant.publish(50)
                wait(lambda: len(plant.stored()) == plant.sent, 40, "the far worker works")
                with plant.held_back():
                    plant.publish(100)
                    wait(plant.waiting, 20, "the far worker is within its transaction")
                    far.cut()
            began = time.monotonic()
            plant.pour(lambda: time.monotonic() - began > WORKER_CUT_S, 60, "the end of the cut")
            far.mend()
            check(plant, f"network of a worker cut within its transaction, for {WORKER_CUT_S:.0f} s")
            with plant.frozen("celery", "-Q ingest"):
                plant.publish(50)
                check(plant, "the same worker, its network mended, alone")
            assert worker.poll() is None


@contextmanager
def doors(far: Room, system: dict[str, Any]) -> Iterator[dict[str, str]]:
    """PostgreSQL, Redis and the queues as they are reached from that room: their addresses, as variables."""
    (socket_folder,) = parse_qs(urlsplit(system["database_url"]).query)["host"]
    redis = urlsplit(system["redis_url"])
    queues = urlsplit(system.get("CELERY_BROKER_URL") or system["redis_url"])
    database_door, redis_door, queue_door = ((far.outside, free_port()) for _ in range(3))
    with (
        Proxy(database_door, Path(socket_folder) / SOCKET).running(),
        Proxy(redis_door, ("127.0.0.1", redis.port or 0)).running(),
        Proxy(queue_door, ("127.0.0.1", queues.port or 0)).running(),
    ):
        yield {
            "DATABASE_URL": "postgresql://fieldledger@{}:{}/fieldledger".format(*database_door),
            "REDIS_URL": behind(redis, redis_door),
            "CELERY_BROKER_URL": behind(queues, queue_door),
        }


def behind(url: SplitResult, door: tuple[str, int]) -> str:
    """The same server, met at that door."""
    who, at, _ = url.netloc.rpartition("@")
    return url._replace(netloc=f"{who}{at}{door[0]}:{door[1]}").geturl()


def is_up(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False
