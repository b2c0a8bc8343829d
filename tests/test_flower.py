"""Flower never stands open."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command
from pydantic import SecretStr

from mqtt_app.management.commands import run_flower
from project.environment import environment
from project.local.ports import free_port
from tests.conftest import running, wait
from tests.embedded import REPOSITORY

COMMAND = [sys.executable, "manage.py", "run_flower"]


def test_it_does_not_start_without_a_sign_in_and_says_why(process_env: dict[str, str]) -> None:
    env = {**process_env, "FLOWER_BASIC_AUTH": ""}
    ended = subprocess.run(COMMAND, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "FLOWER_BASIC_AUTH=user:password" in ended.stderr


@pytest.mark.parametrize("sign_in", ["", "nobody", "user:", ":password", "a:b,c:d"])
def test_what_is_no_sign_in_is_none(monkeypatch: pytest.MonkeyPatch, sign_in: str) -> None:
    here = environment.model_copy(update={"flower_basic_auth": SecretStr(sign_in)})
    monkeypatch.setattr(run_flower, "environment", here)
    with pytest.raises(CommandError, match="FLOWER_BASIC_AUTH=user:password"):
        call_command("run_flower")


def test_it_asks_who_is_there_on_loopback_only_and_keeps_the_password_to_itself(
    process_env: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    open_wide = {"FLOWER_UNAUTHENTICATED_API": "true", "FLOWER_ADDRESS": "0.0.0.0", "FLOWER_URL_PREFIX": "x"}  # noqa: S104
    env = {**process_env, "FLOWER_BASIC_AUTH": "ada:planted-password", "FLOWER_PORT": str(port), **open_wide}
    with running(COMMAND, env, tmp_path / "flower.log") as flower:
        wait(lambda: status(port, None), 30, "Flower")
        seen = Path(f"/proc/{flower.pid}/cmdline").read_text().replace("\0", " ")
        assert "flower" in seen
        assert "planted-password" not in seen
        for path in ("/workers", "/tasks", "/api/workers", "/api/tasks", "/metrics"):
            assert status(port, None, path) == 401, path
            assert status(port, ("ada", "wrong"), path) == 401, path
        assert status(port, ("ada", "planted-password"), "/workers") == 200
        assert status(port, ("ada", "planted-password"), "/metrics") == 200
        shutdown = httpx.post(f"http://127.0.0.1:{port}/api/worker/shutdown/any", auth=("ada", "planted-password"))
        assert shutdown.status_code in (403, 405), "it is read-only"
        assert bound_to(port) == {"0100007F"}, "127.0.0.1"


def test_a_worker_tells_nothing_that_it_must_keep_to_itself(process_env: dict[str, str]) -> None:
    """What Flower's page of a worker, and its API, show of the configuration."""
    planted = {
        "REDIS_URL": "redis://:planted-redis@127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://a:planted-database@127.0.0.1:1/a",
        "SENTRY_DSN": "https://planted-dsn@sentry.example/1",
        "SECRET_KEY": "planted-secret-key",
        "FLOWER_BASIC_AUTH": "ada:planted-flower",
        "METRICS_TOKEN": "planted-metrics-token-of-some-length",
    }
    command = [sys.executable, "-m", "celery", "-A", "project", "report"]
    env = {**process_env, **planted}
    said = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert "broker_url: 'redis://:********@127.0.0.1:1/0'" in said.stdout
    assert "planted" not in said.stdout + said.stderr


def status(port: int, auth: tuple[str, str] | None, path: str = "/workers") -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", auth=auth, timeout=20).status_code
    except httpx.TransportError:
        return 0


def bound_to(port: int) -> set[str]:
    """The addresses on which this port is listened to, as the kernel writes them."""
    lines = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    listening = [line[1].split(":") for line in lines if line[3] == "0A"]
    return {address for address, number in listening if int(number, 16) == port}
