"""The broker is restarted, and killed, with the settings that we ship."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mosquitto, wait
from tests.embedded import REPOSITORY
from tests.faults.plant import Plant, check, planted

pytestmark = pytest.mark.broker_restart


@pytest.fixture
def shipped(mosquitto: Mosquitto) -> Mosquitto:
    """A broker with deploy/mosquitto.conf; only where it listens, who may enter and where it writes is the test's."""
    profile = (REPOSITORY / "deploy/mosquitto.conf").read_text()
    for pattern, ours in (
        (r"^listener .*", f"listener {mosquitto.port} 127.0.0.1"),
        (r"^allow_anonymous .*\npassword_file .*\nacl_file .*", "allow_anonymous true"),
        (r"^persistence_location .*", f"persistence_location {mosquitto.folder}/"),
    ):
        profile, count = re.subn(pattern, ours, profile, flags=re.MULTILINE)
        assert count == 1, pattern
    user = "root" if os.geteuid() == 0 else "mosquitto"
    mosquitto.stop()
    (mosquitto.folder / "mosquitto.db").unlink(missing_ok=True)
    (mosquitto.folder / "mosquitto.conf").write_text(f"{profile}\nuser {user}\n")
    mosquitto.start()
    return mosquitto


@pytest.fixture
def on_shipped(running_system: dict[str, Any], shipped: Mosquitto) -> Iterator[Plant]:
    with planted(running_system, shipped) as one:
        yield one


def saved_at(folder: Path) -> int:
    """When the broker last saved, 0 before it ever did."""
    database = folder / "mosquitto.db"
    return database.stat().st_mtime_ns if database.exists() else 0


def restart(plant: Plant, broker: Mosquitto, number: int, tmp: Path) -> None:
    """Bring it down with messages on their way to us, and up again."""
    generation = plant.connection("generation")
    with plant.frozen("celery", "-Q ingest"):  # so that some are surely unacknowledged
        plant.publish(300)
        if number == signal.SIGKILL:
            saved = saved_at(tmp)
            wait(lambda: saved_at(tmp) > saved, 10, "the broker has saved")
        broker.stop(number)
        broker.start()
        wait(lambda: plant.connection("generation") > generation, 35, "another connect")
    wait(lambda: plant.device.client.is_connected(), 35, "the device is connected again")


def test_a_restarted_broker_loses_nothing(on_shipped: Plant, shipped: Mosquitto, tmp_path: Path) -> None:
    restart(on_shipped, shipped, signal.SIGTERM, tmp_path)
    check(on_shipped, "broker restarted, shipped settings")
    assert on_shipped.logged("ERROR") == []


@pytest.mark.long
def test_a_killed_broker_loses_nothing_that_it_had_saved(on_shipped: Plant, shipped: Mosquitto, tmp_path: Path) -> None:
    for _ in range(3):
        restart(on_shipped, shipped, signal.SIGKILL, tmp_path)
    check(on_shipped, "broker killed three times, after it had saved")
    assert on_shipped.logged("ERROR") == []


def test_a_broker_that_forgot_our_session_is_told_as_an_error(
    on_shipped: Plant, shipped: Mosquitto, tmp_path: Path
) -> None:
    on_shipped.publish(10)
    wait(lambda: len(on_shipped.stored()) == 10, 20, "the first ten")
    shipped.stop(signal.SIGKILL)
    (tmp_path / "mosquitto.db").unlink(missing_ok=True)  # it may not have saved anything yet
    shipped.start()
    (words,) = wait(lambda: on_shipped.logged("ERROR"), 35, "an error in the connection's log")
    assert "forgot our session" in words
    wait(lambda: on_shipped.connection("status") == "connected" and on_shipped.device.client.is_connected(), 35, "back")
    on_shipped.publish(100)
    check(on_shipped, "broker killed and its sessions deleted", "told as an ERROR")
