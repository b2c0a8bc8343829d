"""The network between us and a broker misbehaves, and does not always say so."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from project.local.ports import free_port
from tests.conftest import Mosquitto, wait
from tests.faults.plant import Plant, check, planted
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.broker_restart, pytest.mark.timeout(300)]

FLAPPING_S, FLAP_S = 60.0, 2.0
MOST_ATTEMPTS = 9
"""That fit into 60 s when waits double from half a second to 15, the shortest they may be."""

BROKER_BACK_S = 35
KEEPALIVE_NOTICES_S = 100
"""Two keepalives of 45 s, and a little."""


@pytest.fixture
def cable(mosquitto: Mosquitto) -> Iterator[Proxy]:
    """Our own way to the broker; the device has another."""
    with Proxy(("127.0.0.1", free_port()), ("127.0.0.1", mosquitto.port)).running() as one:
        yield one


@pytest.fixture
def plant(running_system: dict[str, Any], mosquitto: Mosquitto, cable: Proxy) -> Iterator[Plant]:
    assert isinstance(cable.listen, tuple)
    with planted(running_system, mosquitto, broker_port=cable.listen[1]) as one:
        yield one
        cable.change()


@pytest.mark.long
def test_a_flapping_broker_is_tried_once_for_each_step_of_the_backoff_and_fills_no_log(
    plant: Plant, cable: Proxy
) -> None:
    began = time.monotonic()
    while time.monotonic() - began < FLAPPING_S:
        for step in (cable.down, cable.up):
            step()
            until = time.monotonic() + FLAP_S
            plant.pour(lambda until=until: time.monotonic() > until, 20, "two seconds")
    failures, told = len(plant.logged("WARNING")), len(plant.logged("INFO", "WARNING", "ERROR"))
    check(plant, f"broker flapping every {FLAP_S:.0f} s for {FLAPPING_S:.0f} s", f"{failures} attempts", BROKER_BACK_S)
    assert failures <= MOST_ATTEMPTS
    assert cable.accepted <= failures + 2
    assert told <= 3 * (failures + 2)


@pytest.mark.long
def test_a_half_open_connection_to_a_broker_is_found_out_by_keepalive(plant: Plant, cable: Proxy) -> None:
    generation = plant.connection("generation")
    cable.strand()
    plant.publish(200)
    began = time.monotonic()
    wait(lambda: plant.connection("generation") > generation, KEEPALIVE_NOTICES_S, "another connect")
    noticed = time.monotonic() - began
    check(plant, "connection to the broker half open for good", f"noticed after {noticed:.0f} s", BROKER_BACK_S)


@pytest.mark.long
def test_a_broker_that_takes_connections_and_never_answers_is_tried_again(plant: Plant, cable: Proxy) -> None:
    cable.change(is_black=True)
    cable.reset()
    plant.publish(200)
    wait(lambda: len(plant.logged("WARNING")) >= 3, 60, "the reset, and two attempts without an answer")
    cable.change()
    check(plant, "broker takes connections and never answers", patience_s=BROKER_BACK_S)


def test_connections_to_a_broker_that_are_cut_in_the_middle_of_a_packet_lose_nothing(
    plant: Plant, cable: Proxy
) -> None:
    cable.change(cut_after=20_011)
    before = cable.accepted
    plant.pour(lambda: cable.accepted >= before + 3, 40, "three connections cut")
    cable.change()
    check(plant, "connections to the broker cut after 20 kB", "3 connections", BROKER_BACK_S)


@pytest.mark.long
def test_a_slow_network_to_a_broker_that_slices_what_it_carries_loses_nothing(plant: Plant, cable: Proxy) -> None:
    cable.change(latency_s=0.1, bytes_per_s=50_000, slice_bytes=97)
    began = time.monotonic()
    plant.pour(lambda: time.monotonic() - began > 10, 30, "ten seconds")
    cable.change()
    check(plant, "broker behind 200 ms, 50 kB/s, slices of 97 bytes")
