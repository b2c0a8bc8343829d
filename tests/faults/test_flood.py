"""A flood on one connection: its neighbour is served, what does not fit is counted, and memory stays bounded."""

import time
from typing import Any

import pytest

from tests.conftest import Mosquitto, wait
from tests.faults.plant import Plant, check, planted
from tests.hearing import publisher

pytestmark = pytest.mark.broker_restart

AT_MOST_ONCE, AT_LEAST_ONCE = 15_000, 1_500
HELD = 10_000 + 4 * 500
"""QoS 0 messages that a listener holds: its buffer, and the batches under way."""

BURST_S = 30.0
GROWTH = 64 * 1024**2  # bytes


def latency(quiet: Plant) -> float:
    """Seconds from publishing until it is stored."""
    began = time.monotonic()
    quiet.publish(1)
    wait(lambda: len(quiet.stored()) == quiet.sent, 30, "the quiet one is stored")
    return time.monotonic() - began


def test_a_flood_drowns_only_itself_and_what_overflows_is_counted(
    running_system: dict[str, Any], mosquitto: Mosquitto
) -> None:
    with (
        planted(running_system, mosquitto, "flood") as flood,
        planted(running_system, mosquitto, "quiet") as quiet,
        publisher(mosquitto.url) as torrent,
    ):
        before = flood.listener.memory_info().rss
        with flood.frozen("celery", "-Q ingest"):
            torrent.send("flood/torrent", *[b"x" * 100] * AT_MOST_ONCE, qos=0)
            torrent.send("flood/torrent", *[b"y" * 100] * AT_LEAST_ONCE, qos=1)
            wait(lambda: flood.ledger(0)["received"] > AT_MOST_ONCE, 20, "the listener has it all, and its own beacon")
            wait(lambda: flood.ledger(0)["overflowed"] >= AT_MOST_ONCE - HELD, 10, "what does not fit")
            grown = flood.listener.memory_info().rss - before
        waits = [latency(quiet) for _ in range(5)]
        wait(lambda: flood.ledger(1)["unrecognised"] == AT_LEAST_ONCE, 60, "all of QoS 1")
        wait(lambda: flood.ledger()["in_flight"] == 0, 20, "a balanced ledger")
        found = flood.ledger(0)
        told = f"{found['overflowed']:,} of QoS 0 overflowed, all counted; {grown >> 20} MiB more"
        fault = f"a neighbour's flood: {AT_MOST_ONCE:,} QoS 0, {AT_LEAST_ONCE:,} QoS 1, workers frozen"
        check(quiet, fault, f"{told}; the quiet one waited {max(waits):.1f} s at most")
        assert found["unrecognised"] + found["overflowed"] == AT_MOST_ONCE
        assert any("messages of QoS 0 were dropped" in words for words in flood.logged("WARNING"))
        assert max(waits) < 5
        assert grown < GROWTH


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_burst_that_is_more_than_we_can_store_loses_nothing_at_qos_1_and_counts_the_rest(
    plant: Plant, mosquitto: Mosquitto
) -> None:
    before, poured = plant.listener.memory_info().rss, 0
    with publisher(mosquitto.url) as torrent:
        began = time.monotonic()
        while time.monotonic() - began < BURST_S:
            torrent.send(f"{plant.site}/torrent", *[b"x" * 100] * 2_000, qos=0)
            poured += 2_000
            plant.publish(500)
    wait(lambda: plant.ledger()["in_flight"] == 0 and plant.ledger(0)["received"] > poured, 120, "a balanced ledger")
    grown = plant.listener.memory_info().rss - before
    found = plant.ledger(0)
    told = f"{poured:,} of QoS 0 beside it, {found['overflowed']:,} overflowed, all counted; {grown >> 20} MiB more"
    check(plant, f"burst of {BURST_S:.0f} s, as fast as one client can", told)
    assert found["unrecognised"] + found["overflowed"] == poured
    assert grown < GROWTH
