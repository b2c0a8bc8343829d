"""A message that kills, hangs, fills or fails its reader is isolated and kept; its neighbours are stored."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from uuid import UUID

import psutil
import pytest
import redis

from mqtt_app.models import Batch, MqttParsingLog
from mqtt_app.records import hints
from sites.models import Datalogger
from tasks.ingest import submit
from tests.conftest import worker
from tests.field import batch, connect, ledger, message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def poisoned(
    process_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """A real ingest worker that has the poisonous parser."""
    env = process_env | {"DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
    with worker(env, tmp_path_factory.mktemp("poison"), "ingest") as process:
        yield process


def children(of: subprocess.Popen[bytes]) -> set[int]:
    return {child.pid for child in psutil.Process(of.pid).children()}


@pytest.mark.parametrize(
    ("poison", "reason"), [("kill", "parser_crashed"), ("raise", "parser_raised"), ("fill", "parser_raised")]
)
def test_a_poisonous_message_is_kept_and_its_neighbours_are_stored(
    poisoned: subprocess.Popen[bytes], poison: str, reason: str
) -> None:
    connection = connect()
    payloads = [b"before", poison.encode(), b"after"]
    one = batch(connection, *(message("site_001/poison", payload) for payload in payloads))
    before = children(poisoned)
    attempts = 0
    while not Batch.objects.filter(pk=one.id, done_at__isnull=False).exists():
        # As the listener does it: when no commit is seen for a while, the same batch again.
        attempts += 1
        assert attempts <= 3, "isolated within three attempts"
        submit(one)
        with contextlib.suppress(TimeoutError):
            commit_is_seen(one.id, 8.0)
    assert sorted(Datalogger.objects.values_list("serial", flat=True)) == ["after", "before"]
    kept = MqttParsingLog.objects.get()
    assert (bytes(kept.payload), kept.error_type) == (poison.encode(), reason)
    assert ledger(connection) == {"received": 3, "stored": 2, "failed": 1}
    assert len(before - children(poisoned)) <= 1


def commit_is_seen(batch_id: UUID, patience_s: float) -> None:
    """Return when the batch is done; TimeoutError when it is not within `patience_s`."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    deadline = time.monotonic() + patience_s
    with client, client.pubsub(ignore_subscribe_messages=True) as hints_heard:
        hints_heard.subscribe(hints.channel(1))
        while not Batch.objects.filter(pk=batch_id, done_at__isnull=False).exists():
            if time.monotonic() > deadline:
                raise TimeoutError
            hints_heard.get_message(timeout=0.2)
