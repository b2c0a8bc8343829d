"""Somebody is away for minutes: nothing piles up, in the queue or in memory, and nothing is taken for poison."""

import json
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import redis

from tests.conftest import Mosquitto, wait
from tests.faults import table
from tests.faults.networks import networked
from tests.faults.plant import Plant, check, planted
from tests.faults.table import Row

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(5_400)]

ABSENCE_S = 300
MOST_COPIES = 6
MILLION, AT_ONCE = 1_000_000, 2_000
GROWTH = 64 * 1024**2  # bytes


def copies(plant: Plant) -> int:
    """How often the batch that is queued most often is queued."""
    with redis.Redis.from_url(plant.system["redis_url"]) as queue:
        shown = [json.loads(task)["headers"]["argsrepr"] for task in queue.lrange("ingest", 0, -1)]
    return max(Counter(one for one in shown if "messages" in one).values(), default=0)


def test_workers_that_are_away_for_five_minutes_find_few_copies_and_no_poison(plant: Plant) -> None:
    with plant.frozen("celery", "-Q ingest"):
        plant.publish(3_000)
        most = 0
        end = time.monotonic() + ABSENCE_S
        while time.monotonic() < end:
            most = max(most, copies(plant))
            time.sleep(2)
    check(plant, f"ingest workers away {ABSENCE_S} s", f"at most {most} copies of a batch in the queue; none failed")
    assert 1 < most <= MOST_COPIES
    assert plant.ledger()["failed"] == 0


def hold_a_million(mosquitto: Mosquitto) -> None:
    settings = mosquitto.folder / "mosquitto.conf"
    settings.write_text(settings.read_text().replace("max_queued_messages 100000", "max_queued_messages 0"))
    mosquitto.stop()
    mosquitto.start()


def publish_a_million(plant: Plant) -> None:
    for start in range(0, MILLION, AT_ONCE):
        plant.device.send(f"{plant.site}/torrent", *(f"n{start + one}" for one in range(AT_ONCE)))


def test_a_listeners_memory_is_flat_with_the_database_away_and_a_million_messages_at_the_broker(
    mosquitto: Mosquitto,
) -> None:
    hold_a_million(mosquitto)
    with (
        tempfile.TemporaryDirectory(prefix="fl-") as folder,
        networked(Path(folder)) as network,
        planted(network.system, mosquitto) as plant,
    ):
        before = plant.listener.memory_info().rss
        listener = plant.listener.pid
        network.postgres.down()
        began = time.monotonic()
        publish_a_million(plant)
        away = time.monotonic() - began
        grown = plant.listener.memory_info().rss - before
        print(f"\na million published in {away:.0f} s, the listener grew by {grown >> 20} MiB")  # noqa: T201
        network.postgres.up()
        healed = time.monotonic()
        wait(lambda: plant.ledger(1)["unrecognised"] >= MILLION, 3_600, "a million fates")
        recovered = time.monotonic() - healed
        again = plant.listener.memory_info().rss - before
        fates = plant.ledger(1)
        fault = f"database away {away:.0f} s, a million messages at the broker"
        note = f"listener +{grown >> 20} MiB meanwhile, +{again >> 20} MiB in the end"
        found = fates["unrecognised"]
        table.rows.append(Row(fault, MILLION, found, MILLION - found, max(0, found - MILLION), recovered, note))
        assert plant.listener.pid == listener
        assert found == MILLION
        assert max(grown, again) < GROWTH
