"""Wishes under stress: many at once, and with nobody who beats the time."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mosquitto, running, wait
from tests.faults.plant import RECOVERY_S, Plant, brief, check, long, planted

pytestmark = pytest.mark.broker_restart

APPLIED_S = 35.0
"""A wish is applied within a period of reconcile, 30 s, and a little; it is a second here, on a busy machine."""

APPLIED_WITHOUT_BEAT_S = 60.0


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("sites", "toggles"), [brief(4, 100), long(20, 420)])
def test_a_storm_of_toggles_ends_in_the_last_wish_and_leaves_no_client_behind(
    running_system: dict[str, Any], mosquitto: Mosquitto, sites: int, toggles: int
) -> None:
    with ExitStack() as stack:
        plants = [stack.enter_context(planted(running_system, mosquitto, f"storm_{one}")) for one in range(sites)]
        threads = plants[0].listener.num_threads()
        with ThreadPoolExecutor(sites) as pool:
            for number in range(toggles // sites):
                list(pool.map(lambda plant, on=number % 2 == 1: plant.switch(on), plants))
                plants[0].query("SELECT pg_sleep(0.1)")  # so that the listener sees some of the wishes
        assert plants[0].connection("is_active") is False
        for plant in plants:
            wait(lambda plant=plant: plant.connection("status") == "disconnected", APPLIED_S, "the last wish: off")
        assert clients(mosquitto, plants) == [0] * sites
        for plant in plants:
            plant.switch(on=True)
        for plant in plants:
            wait(lambda plant=plant: plant.connection("status") == "connected", APPLIED_S, "the last wish: on")
            plant.publish(50)
        for plant in plants[1:]:
            wait(lambda plant=plant: plant.stored() == list(range(50)), RECOVERY_S, "all stored once")
        check(plants[0], f"{toggles} toggles on {sites} connections, the first of them")
        assert clients(mosquitto, plants) == [1] * sites
        assert plants[0].listener.num_threads() <= threads + 8  # the pool of openers, at most


def clients(broker: Mosquitto, plants: list[Plant]) -> list[int]:
    """How many clients the broker still has under each connection's id, by its log."""
    log = (broker.folder / "mosquitto.log").read_text()
    ids = [plant.connection("client_id") for plant in plants]
    came = [len(re.findall(rf"New client connected from \S+ as {one} ", log)) for one in ids]
    went = [len(re.findall(rf"Client {one} (?:disconnected|closed|already connected)", log)) for one in ids]
    return [one - other for one, other in zip(came, went, strict=True)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("dead_s", [brief(0), long(120)])
def test_a_dead_beat_stops_no_wish_and_judges_silence_rightly(plant: Plant, dead_s: float) -> None:
    with plant.frozen("celery", "beat"):
        began = time.monotonic()
        for on, status in ((False, "disconnected"), (True, "connected")):
            plant.switch(on)
            # A listener does it itself once a reconcile is late by half a period.
            wait(lambda status=status: plant.connection("status") == status, APPLIED_WITHOUT_BEAT_S, status)
        plant.publish(100)
        while time.monotonic() - began < dead_s:
            plant.publish(10)
            time.sleep(1)
        check(plant, f"beat frozen {dead_s or time.monotonic() - began:.0f} s", "off and on again meanwhile")
        assert plant.offline() == 0
        wait(plant.offline, APPLIED_WITHOUT_BEAT_S, "who falls silent meanwhile is offline")


@pytest.mark.long
def test_two_beats_do_no_more_than_one(plant: Plant, tmp_path: Path) -> None:
    beat = plant.running("celery", "beat")[0]
    with running(beat.cmdline(), beat.environ(), tmp_path / "beat-2.log"):
        wait(lambda: plant.beats(4) == 2, 60, "both speak")
        epoch, before = plant.connection("epoch"), len(plant.logged("INFO"))
        for on, status in ((False, "disconnected"), (True, "connected")):
            plant.switch(on)
            wait(lambda status=status: plant.connection("status") == status, APPLIED_S, status)
        wait(lambda: plant.connection("subscribed"), 10, "subscribed")
        plant.publish(100)
        check(plant, "two beats", "off and on again, once each")
    told = [words.split()[0] for words in plant.logged("INFO")[before:]]
    assert sorted(told) == ["Closed:", "Connected", "Subscribed"]
    assert plant.connection("epoch") == epoch + 2
