"""A worker that its queues have stopped feeding notices that, and connects anew."""

from pathlib import Path

import pytest

from mqtt_app import queues
from mqtt_app.models import Pulse
from project.celery import app
from tasks.ingest import canary
from tests.conftest import wait, worker

pytestmark = pytest.mark.django_db(transaction=True)


def waiting() -> int:
    with queues.at(app.conf.broker_url) as server:
        return server.length("ingest")


def test_a_worker_that_its_server_has_forgotten_takes_tasks_again(process_env: dict[str, str], tmp_path: Path) -> None:
    with worker(process_env, tmp_path, "ingest", "tests.deaf") as process:
        app.control.broadcast("deafen", reply=True, timeout=2)
        before = Pulse.objects.filter(name="canary:ingest").first()
        canary.delay()
        assert waiting() == 1
        wait(lambda: waiting() == 0, 30, "the canary taken")
        wait(lambda: Pulse.objects.filter(name="canary:ingest").first() != before, 10, "the canary")
        assert process.poll() is None
    assert "nothing came from the queues" in (tmp_path / "worker.log").read_text()
