"""Wishes under stress: many at once, and with nobody who beats the time."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import Mosquitto, wait
from tests.faults.plant import Plant, check, planted

pytestmark = pytest.mark.broker_restart

SITES = 4
TOGGLES = 100
PERIOD_S = 3.0
"""Of reconcile, in these tests."""


def test_a_storm_of_toggles_ends_in_the_last_wish_and_leaves_no_client_behind(
    running_system: dict[str, Any], mosquitto: Mosquitto
) -> None:
    with ExitStack() as stack:
        plants = [stack.enter_context(planted(running_system, mosquitto, f"storm_{one}")) for one in range(SITES)]
        threads = plants[0].listener.num_threads()
        with ThreadPoolExecutor(SITES) as pool:
            for number in range(TOGGLES // SITES):
                list(pool.map(lambda plant, on=number % 2 == 1: plant.switch(on), plants))
                plants[0].query("SELECT pg_sleep(0.1)")  # so that the listener sees some of the wishes
        assert plants[0].connection("is_active") is False
        for plant in plants:
            wait(lambda plant=plant: plant.connection("status") == "disconnected", PERIOD_S + 6, "the last wish: off")
        assert clients(mosquitto, plants) == [0] * SITES
        for plant in plants:
            plant.switch(on=True)
        for plant in plants:
            wait(lambda plant=plant: plant.connection("status") == "connected", PERIOD_S + 6, "the last wish: on")
            plant.publish(50)
            check(plant, f"{TOGGLES} toggles on {SITES} connections, {plant.site}")
        assert clients(mosquitto, plants) == [1] * SITES
        assert plants[0].listener.num_threads() <= threads + 8  # the pool of openers, at most


def clients(broker: Mosquitto, plants: list[Plant]) -> list[int]:
    """How many clients the broker still has under each connection's id, by its log."""
    log = (broker.folder / "mosquitto.log").read_text()
    ids = [plant.connection("client_id") for plant in plants]
    came = [len(re.findall(rf"New client connected from \S+ as {one} ", log)) for one in ids]
    went = [len(re.findall(rf"Client {one} (?:disconnected|closed|already connected)", log)) for one in ids]
    return [one - other for one, other in zip(came, went, strict=True)]


def test_a_dead_beat_stops_no_wish(plant: Plant) -> None:
    with plant.frozen("celery", "beat"):
        for on, status in ((False, "disconnected"), (True, "connected")):
            plant.switch(on)
            # A listener does it itself once a reconcile is late by half a period; at 30 s that makes 45 s.
            wait(lambda status=status: plant.connection("status") == status, 1.5 * PERIOD_S + 6, status)
        plant.publish(100)
        check(plant, "beat frozen", "off and on again meanwhile")
