"""PostgreSQL dies for good, and a standby takes its place."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Mosquitto, wait
from tests.faults.networks import Networked, networked
from tests.faults.plant import Plant, check, enter, planted
from tests.faults.standbys import Standby, standby

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(400)]

FLOW_S = 4.0
BEATS = """
SELECT l.beats FROM mqtt_app_listener l JOIN mqtt_app_mqttconnection c ON c.listener_id = l.id WHERE c.site_id = %s
"""


@pytest.fixture
def network() -> Iterator[Networked]:
    with tempfile.TemporaryDirectory(prefix="fl-") as folder, networked(Path(folder)) as one:
        yield one


@pytest.fixture
def other(network: Networked) -> Iterator[Standby]:
    """It outlives the site, which is deleted there in the end."""
    with standby(network.system["database_url"]) as one:
        yield one


@pytest.fixture
def plant(network: Networked, other: Standby, mosquitto: Mosquitto) -> Iterator[Plant]:
    with planted(network.system, mosquitto) as one:
        yield one


def fail_over(plant: Plant, network: Networked, other: Standby) -> None:
    """As a cluster manager does: nobody reaches the old one any more, the address is the other's."""
    network.postgres.down()
    other.kill_the_other()
    other.follow()
    other.take_over()
    network.postgres.upstream = other.socket
    plant.system = {**plant.system, "database_url": other.url}
    network.postgres.up()


def flow(plant: Plant) -> None:
    until = time.monotonic() + FLOW_S
    plant.pour(lambda: time.monotonic() > until, 30, "some seconds")


def test_a_standby_that_confirmed_each_commit_takes_over_and_nothing_is_lost(
    plant: Plant, network: Networked, other: Standby
) -> None:
    other.copy()
    other.follow()
    other.confirm_each_commit()
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    flow(plant)
    plant.publish(100)
    fail_over(plant, network, other)
    flow(plant)
    check(plant, "PostgreSQL dies, a standby that confirms each commit takes over")
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)


def test_what_a_standby_that_lags_never_received_is_told_as_an_error(
    plant: Plant, network: Networked, other: Standby
) -> None:
    """It is lost: its broker has the acknowledgement. But not in silence."""
    plant.publish(100)
    wait(lambda: len(plant.stored()) == 100, 20, "the first hundred")
    other.copy()
    plant.publish(200)
    wait(lambda: len(plant.stored()) == 300, 20, "what the standby never hears of")
    before = plant.query(BEATS, [plant.site_id])[0][0]
    wait(lambda: plant.query(BEATS, [plant.site_id])[0][0] > before + 1, 20, "two heartbeats more")
    fail_over(plant, network, other)
    flow(plant)
    wait(lambda: plant.sent - 1 in plant.stored(), 60, "the last of the new ones")
    told = wait(lambda: [line for line in plant.logged("ERROR") if "has forgotten" in line], 20, "an ERROR")
    missing = plant.sent - len(plant.stored())
    enter(plant, "PostgreSQL dies, a standby that had followed no more takes over", None, "told as an ERROR")
    assert (len(told), missing) == (1, 200)
