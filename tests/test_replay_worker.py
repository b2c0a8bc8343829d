"""A replay is done by workers, and one that is killed in the middle of it costs nothing and doubles nothing."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mqtt_app import replay
from mqtt_app.models import MqttParsingLog, Replay
from sites.models import Reading
from tasks.replay import submit
from tests.conftest import worker
from tests.field import TELEMETRY, connect, telemetry

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGES = 4_000
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


def test_a_worker_that_is_killed_in_the_middle_leaves_a_replay_that_another_ends(
    process_env: dict[str, str], tmp_path: Path, wait_until
) -> None:
    connection = connect()
    MqttParsingLog.objects.bulk_create(
        MqttParsingLog(
            site=connection.site,
            topic=TELEMETRY,
            received_at=AT + timedelta(seconds=n),
            error_type="schema",
            payload=telemetry(float(n), at=(AT + timedelta(seconds=n)).isoformat()),
            error_message="",
        )
        for n in range(MESSAGES)
    )
    pk = replay.begin(Replay(site=connection.site)).pk
    while replay.advance(pk):
        pass
    replay.start(pk)
    (tmp_path / "one").mkdir()
    with worker(process_env, tmp_path / "one", "ingest") as process:
        submit(pk)
        wait_until(lambda: Replay.objects.get(pk=pk).applied.get("read"), 60, "the first step")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    left = Replay.objects.get(pk=pk)
    assert 0 < left.applied["read"] < MESSAGES
    assert Reading.objects.count() == left.applied["read"]
    (tmp_path / "two").mkdir()
    with worker(process_env, tmp_path / "two", "ingest"):
        submit(pk)
        wait_until(lambda: Replay.objects.get(pk=pk).state == "done", 90, "the end of the replay")
    done = Replay.objects.get(pk=pk)
    assert (done.applied["read"], done.applied["readings"]) == (MESSAGES, {"add": MESSAGES})
    assert Reading.objects.count() == MESSAGES
