"""The network between us and PostgreSQL or Redis misbehaves without saying so."""

import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Mosquitto, wait
from tests.faults.networks import Networked, networked
from tests.faults.plant import Plant, check, planted
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.broker_restart, pytest.mark.timeout(300)]

FAULT_S = 15.0
SERVERS = ("postgres", "redis")


@pytest.fixture(scope="module")
def network() -> Iterator[Networked]:
    with tempfile.TemporaryDirectory(prefix="fl-") as folder, networked(Path(folder)) as one:
        yield one


@pytest.fixture
def plant(network: Networked, mosquitto: Mosquitto) -> Iterator[Plant]:
    with planted(network.system, mosquitto) as one:
        yield one
        for proxy in (network.postgres, network.redis):
            proxy.change()


def way(network: Networked, server: str) -> Proxy:
    return network.postgres if server == "postgres" else network.redis


def through(plant: Plant, proxy: Proxy, seconds: float = FAULT_S, **weather: object) -> None:
    """Publish through this weather, then it is fair again."""
    proxy.change(**weather)
    began = time.monotonic()
    plant.pour(lambda: time.monotonic() - began > seconds, 3 * seconds, "the end of the fault")
    proxy.change()


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_a_server_whose_answers_are_swallowed_for_a_while_loses_nothing(
    plant: Plant, network: Networked, server: str
) -> None:
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    through(plant, way(network, server), is_black=True)
    check(plant, f"{server} black-holed {FAULT_S:.0f} s")
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_connections_that_are_cut_in_the_middle_of_a_packet_lose_nothing(
    plant: Plant, network: Networked, server: str
) -> None:
    proxy = way(network, server)
    before = proxy.accepted
    through(plant, proxy, cut_after=30_011)
    cut = proxy.accepted - before
    check(plant, f"{server}: connections cut after 30 kB, {FAULT_S:.0f} s", f"{cut} connections")
    assert cut > 3


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_a_slow_network_that_slices_what_it_carries_loses_nothing(
    plant: Plant, network: Networked, server: str
) -> None:
    through(plant, way(network, server), latency_s=0.01, slice_bytes=509, bytes_per_s=500_000)
    check(plant, f"{server} behind 20 ms, 500 kB/s, slices of 509 bytes, {FAULT_S:.0f} s")


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_connections_that_are_reset_again_and_again_lose_nothing(plant: Plant, network: Networked, server: str) -> None:
    proxy = way(network, server)
    for _ in range(5):
        proxy.reset()
        through(plant, proxy, 2)
    check(plant, f"{server}: all connections reset five times")


@pytest.mark.long
def test_a_worker_tree_killed_between_its_commit_and_its_hint_loses_nothing(plant: Plant, network: Networked) -> None:
    with plant.held_back():
        plant.publish(100)
        wait(plant.waiting, 20, "a worker within its transaction")
        network.redis.change(is_black=True)
    wait(plant.stored, 10, "a commit")
    plant.hit(signal.SIGKILL, 3, "celery", "-Q ingest")
    sql = "SELECT id, begun FROM mqtt_app_batch WHERE id = ANY(%s)"
    done = [pk for (pk,) in plant.query("SELECT id FROM mqtt_app_batch WHERE done_at IS NOT NULL")]
    attempts = plant.query(sql, [done])
    network.redis.reset()  # with it goes the hint that was on its way
    network.redis.change()
    check(plant, "all ingest workers killed between a commit and its hint")
    assert plant.query(sql, [done]) == attempts


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_half_open_connections_are_found_out_and_replaced(plant: Plant, network: Networked, server: str) -> None:
    """What a router that lost its state leaves behind: both sides believe in a connection that carries nothing."""
    plant.publish(100)
    way(network, server).strand()
    began = time.monotonic()
    plant.pour(lambda: time.monotonic() - began > FAULT_S, 3 * FAULT_S, "some seconds")
    check(plant, f"{server}: every connection half open for good")
    wait(plant.is_told, 30, "commits are seen sooner than the database is asked")
