"""The disk under PostgreSQL and Redis is full; the network to a broker is cut without a word."""

import contextlib
import socket
import tempfile
import time
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from project.local.ports import free_port
from tests.conftest import MOSQUITTO, MOSQUITTO_PATH, Mosquitto, running, wait
from tests.faults.machine import full, room, small_disk
from tests.faults.networks import networked
from tests.faults.plant import check, planted

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(400)]

FULL_S = 20.0
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


def is_up(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False
