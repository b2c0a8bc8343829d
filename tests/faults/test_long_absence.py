"""Somebody is away for minutes: nothing piles up, in the queue or in memory, and nothing is taken for poison."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.conftest import Mosquitto, running_mosquitto, wait
from tests.faults import table
from tests.faults.networks import networked
from tests.faults.plant import Plant, check, planted
from tests.faults.queued import of_redis
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


def stay_away(plant: Plant) -> int:
    """The most copies of a batch that are in the queue when the workers come back."""
    with plant.unattended(), plant.frozen("celery", "-Q ingest"):
        plant.publish(3_000)
        time.sleep(ABSENCE_S)
        most = copies(plant)
    check(plant, f"ingest workers away {ABSENCE_S} s", f"{most} copies of a batch in the queue; none failed")
    return most


@pytest.fixture(scope="module")
def away(
    running_system: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Plant, Future[int]]]:
    """Their absence, on a system of its own: another test need not wait for it."""
    with (
        running_mosquitto(tmp_path_factory.mktemp("away")) as broker,
        planted(running_system, broker, "away") as plant,
        ThreadPoolExecutor(1) as pool,
    ):
        yield plant, pool.submit(stay_away, plant)


def hold_a_million(mosquitto: Mosquitto) -> None:
    settings = mosquitto.folder / "mosquitto.conf"
    settings.write_text(settings.read_text().replace("max_queued_messages 100000", "max_queued_messages 0"))
    mosquitto.stop()
    mosquitto.start()


def publish_a_million(plant: Plant) -> None:
    for start in range(0, MILLION, AT_ONCE):
        plant.device.send(f"{plant.site}/torrent", *(f"n{start + one}" for one in range(AT_ONCE)))


@pytest.mark.usefixtures("away")
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


@of_redis  # test_rabbitmq has its like
def test_workers_that_are_away_for_five_minutes_find_few_copies_and_no_poison(away: tuple[Plant, Future[int]]) -> None:
    plant, absence = away
    assert 1 < absence.result() <= MOST_COPIES
    assert plant.ledger()["failed"] == 0
