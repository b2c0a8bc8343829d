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
        assert max(waits) < 5
        assert grown < GROWTH
