"""/healthz and /readyz: the first is about this process, the second about the whole system."""

import socket
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import LazySettings
from django.db.models.functions import Now
from django.test import Client

from mqtt_app.models import Listener, Pulse
from project.local.ports import free_port
from tests.conftest import running, wait

CHECKS = {
    "database",
    "redis",
    "channel_layer",
    "reconcile",
    "listeners",
    "canary_ingest",
    "canary_control",
}


@pytest.fixture
def whole(db: None) -> None:
    """A system in which everything that must keep happening has just happened."""
    Listener.objects.create(name="listener-1")
    for name in ("reconcile", "canary:ingest", "canary:control", "canary:upkeep"):
        Pulse.objects.create(name=name, at=Now())


@pytest.fixture
def frozen() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://:planted-secret@127.0.0.1:{listening.getsockname()[1]}/0"


def failing(client: Client) -> set[str]:
    response = client.get("/readyz")
    answer = response.json()
    assert answer["checks"].keys() == CHECKS
    assert all(check["detail"].endswith(".") or not check["ok"] for check in answer["checks"].values())
    assert (response.status_code, answer["ok"]) in ((200, True), (503, False))
    return {name for name, check in answer["checks"].items() if not check["ok"]}


def test_a_process_that_answers_is_healthy_whatever_else_is_broken(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_a_whole_system_is_ready(client: Client, whole: None) -> None:
    assert failing(client) == set()


def test_a_new_system_is_not_ready_and_says_what_is_missing(client: Client, db: None) -> None:
    assert failing(client) == {"reconcile", "listeners", "canary_ingest", "canary_control"}
    assert client.get("/readyz").json()["checks"]["reconcile"]["detail"] == "No reconcile has ended yet."


def age(name: str, seconds: float) -> Callable[[], Any]:
    return lambda: Pulse.objects.filter(name=name).update(at=Now() - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("happens", "missing"),
    [
        (age("reconcile", 70), set()),
        (age("reconcile", 80), {"reconcile"}),
        (age("canary:ingest", 55), set()),
        (age("canary:ingest", -7_200), {"canary_ingest"}),  # written before the clock was set back: nobody knows when
        (age("canary:ingest", 65), {"canary_ingest"}),
        (age("canary:control", 65), {"canary_control"}),
        (age("canary:upkeep", 90_000), set()),  # it can wait; doctor and the alarms tell
        (lambda: Listener.objects.update(heartbeat=Now() - timedelta(seconds=5)), set()),
        (lambda: Listener.objects.update(heartbeat=Now() - timedelta(seconds=11)), {"listeners"}),
        (lambda: Listener.objects.update(is_stopping=True), {"listeners"}),
    ],
)
def test_what_has_stopped_happening_is_named(
    client: Client, whole: None, happens: Callable[[], Any], missing: set[str]
) -> None:
    happens()
    assert failing(client) == missing


def test_a_frozen_redis_is_noticed_in_time_and_its_password_stays_secret(
    client: Client, whole: None, settings: LazySettings, frozen: str
) -> None:
    settings.REDIS_URL = frozen
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": [frozen]}}}
    response = client.get("/readyz")
    assert [name for name, check in response.json()["checks"].items() if not check["ok"]] == ["redis", "channel_layer"]
    assert "planted-secret" not in response.text


def test_a_stranger_is_not_told_what_processes_and_machines_are_called(client: Client, whole: None) -> None:
    Listener.objects.update(name="machine-in-the-cellar:4711")
    assert failing(client) == set()
    assert "cellar" not in client.get("/readyz").text
    Listener.objects.create(name="another")
    assert client.get("/readyz").json()["checks"]["listeners"]["detail"] == "2 listeners are alive."


def test_nothing_on_the_way_may_keep_an_answer(client: Client, db: None) -> None:
    for path in ("/healthz", "/readyz"):
        assert "no-store" in client.get(path)["Cache-Control"]
        assert client.post(path).status_code == 405


def test_without_a_database_the_system_is_not_ready_and_the_process_lives(
    process_env: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    env = {**process_env, "DATABASE_URL": "postgresql://fieldledger:planted-secret@127.0.0.1:1/nowhere"}
    command = [sys.executable, "-m", "uvicorn", "project.asgi:application", "--port", str(port)]
    with running(command, env, tmp_path / "web.log"):
        wait(lambda: answers(port), 30, "the web process")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        response, _again = [httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=20) for _ in range(2)]
    assert response.status_code == 503
    assert response.json()["checks"]["database"]["detail"] == "The database does not answer."
    assert response.json()["checks"]["redis"]["ok"]
    assert not [word for word in ("planted-secret", "127.0.0.1", "port", "nowhere") if word in response.text]
    told = [line for line in (tmp_path / "web.log").read_text().splitlines() if "Not ready, database" in line]
    assert len(told) == 1
    assert '"127.0.0.1", port 1 failed' in told[0]
    assert "planted-secret" not in told[0]


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False
