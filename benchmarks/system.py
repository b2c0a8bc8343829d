"""The system under measurement: mosquitto and `manage.py up` in a folder of their own, on free ports."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg

from project.environment import BASE_DIR
from project.local.home import Home
from project.local.ports import LOOPBACK, answers, free_port
from project.local.postgres import Postgres

WINDOW = 1_000
# As deploy/mosquitto.conf, but for who may enter.
BROKER = """
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes false
max_queued_messages 0
max_queued_bytes 2000000000
max_inflight_messages {window}
max_packet_size 1048576
persistent_client_expiration 7d
user {user}
"""
POSTGRES = "track_commit_timestamp = on  # so that each row tells when it was committed\n"
START_PATIENCE_S = 180.0
STOP_PATIENCE_S = 60.0
POLL_S = 0.2

PARTS = {
    "listener": "run_mqtt",
    "ingest workers": "-Q ingest",
    "control worker": "-Q control",
    "upkeep worker": "-Q upkeep",
    "bare pipe": "benchmarks.pipe",
    "web": "uvicorn",
    "flower": "run_flower",
    "beat": " beat",
    "broker": "mosquitto",
    "PostgreSQL": "postgres",
    "Valkey": "valkey",
    "load": "benchmarks.load",
}
"""What the processes are called, by a word in their command line."""


class Missing(Exception):
    """Something that the measurement needs is not there; the text says what helps."""


@dataclass(frozen=True)
class System:
    """A running system. ready: what its ready.json says."""

    process: psutil.Process
    broker: psutil.Process
    port: int
    folder: Path
    env: Mapping[str, str]
    ready: Mapping[str, Any]

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.ready["database_url"], autocommit=True) as database:
            cursor = database.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        return self.query(sql, parameters)[0][0]

    def processes(self) -> list[psutil.Process]:
        return [*psutil.Process().children(recursive=True)]

    def parts(self, name: str) -> list[psutil.Process]:
        """The processes of this part of the system."""
        return [one for one in self.processes() if part(one) == name]

    def megabytes(self, name: str) -> float:
        """Memory of this part of the system; a process that is just being replaced is left out."""
        total = 0.0
        for process in self.parts(name):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss / 1e6
        return total

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time that each part has taken so far, its ended children included."""
        seconds: dict[str, float] = {}
        for process in self.processes():
            name = part(process)
            try:
                seconds[name] = seconds.get(name, 0.0) + sum(process.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue
        return seconds


def part(process: psutil.Process) -> str:
    try:
        command: str = " ".join(process.cmdline()) or process.name()
    except psutil.NoSuchProcess:
        return "other"
    return next((name for name, word in PARTS.items() if word in command), "other")


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Seconds of processor time between two looks, by part, the dearest first."""
    used = {name: after[name] - before.get(name, 0.0) for name in after}
    return dict(sorted(((name, one) for name, one in used.items() if one > 0.005), key=lambda item: -item[1]))


def wait(condition: Callable[[], Any], patience_s: float, what: str) -> Any:
    """The first true value of `condition`. Raises TimeoutError."""
    deadline = time.monotonic() + patience_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {patience_s:g} s")
        time.sleep(POLL_S)
    return value


def mosquitto() -> str:
    """Its path. Raises Missing."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    if found := which("mosquitto", path=path):
        return found
    raise Missing("The benchmark needs mosquitto (apt install mosquitto).")


@contextmanager
def running(workers: int = 2) -> Iterator[System]:
    """workers: processes of the ingest worker."""
    home = Home(Path(tempfile.gettempdir()).resolve() / f"fieldledger-bench-{secrets.token_hex(4)}")
    home.make()
    try:
        with _broker(home.folder / "mosquitto") as (broker, port), _up(home, port, workers) as (process, env):
            yield System(process, broker, port, home.folder, env, json.loads(home.ready_file.read_text()))
    finally:
        shutil.rmtree(home.outside(home.secrets().instance), ignore_errors=True)
        shutil.rmtree(home.folder, ignore_errors=True)


@contextmanager
def _broker(folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    folder.mkdir()
    port, user = free_port(), "root" if os.geteuid() == 0 else "mosquitto"
    (folder / "mosquitto.conf").write_text(BROKER.format(port=port, folder=folder, window=WINDOW, user=user))
    with started([mosquitto(), "-c", str(folder / "mosquitto.conf")], os.environ, folder / "log") as process:
        wait(lambda: answers(port), 10, "mosquitto")
        yield process, port


@contextmanager
def _up(home: Home, port: int, workers: int) -> Iterator[tuple[psutil.Process, dict[str, str]]]:
    postgres = Postgres(home, home.secrets().instance)
    postgres.place()
    postgres.prepare()
    with (postgres._data / "postgresql.auto.conf").open("a") as settings:
        settings.write(POSTGRES)
    taken = (
        "DATABASE_URL",
        "REDIS_URL",
        "CELERY_BROKER_URL",
        "MQTT_URL",
        "MQTT5_URL",
        "SECRET_KEY",
        "FIELD_KEYS",
        "DEBUG",
    )
    outer = {name: value for name, value in os.environ.items() if name not in taken}
    outer |= {"MQTT_URL": f"mqtt://{LOOPBACK}:{port}", "RECONCILE_PERIOD_S": "10"}
    command = [sys.executable, str(BASE_DIR / "manage.py"), "up", "--no-fleet", "--data", str(home.folder)]
    free = ["--port", "0", "--mqtt-port", "0", "--flower-port", "0", "--workers", str(workers)]
    with started([*command, *free], outer, home.folder / "up.log") as process:
        wait(lambda: home.ready_file.exists() or not process.is_running(), START_PATIENCE_S, "the system's start")
        yield process, outer | _written(home.folder / "local.env") | {"DEBUG": "false"}


def _written(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value.strip("'") for name, _, value in lines}


@contextmanager
def started(command: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[psutil.Process]:
    """A process that is asked to stop in the end, and killed when it does not."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=BASE_DIR, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
