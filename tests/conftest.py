"""What many tests need: a way to wait, the broker's addresses, a worker, a broker that restarts, a running system."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from django.conf import settings

from project.celery import app as celery_app
from project.local.ports import answers, free_port
from tests import economy, order
from tests.embedded import OWN, REPOSITORY, SERVERS, new_home, remove

POLL_S = 0.05
SYSTEM_PATIENCE_S = 90


@dataclass(frozen=True)
class Mosquitto:
    """A broker that keeps sessions and messages over its own restart."""

    port: int
    folder: Path
    _processes: list[subprocess.Popen[bytes]]

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Raises OSError with its words when it ends at once: somebody took a port that was free before."""
        command = [str(which("mosquitto", path=MOSQUITTO_PATH)), "-c", str(self.folder / "mosquitto.conf")]
        with (self.folder / "mosquitto.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        wait(lambda: process.poll() is not None or answers(self.port), 10, "mosquitto")
        if process.returncode is not None:
            raise OSError((self.folder / "mosquitto.log").read_text()[-500:])
        self._processes.append(process)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """SIGTERM: it writes its sessions down first. SIGKILL: it does not."""
        process = self._processes.pop()
        process.send_signal(number)
        process.wait(30)


MOSQUITTO_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
MOSQUITTO = """
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes false
max_inflight_messages 100
max_queued_messages 100000
user {user}
"""


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order.long_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> order.Shared:
    return order.Shared(config, log)


def pytest_configure() -> None:
    economy.install()


def wait(condition: Callable[[], Any], timeout: float = 10.0, what: str = "the condition") -> Any:
    """The first true value of `condition`, asked again and again; fails the test when time runs out."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come true within {timeout:g} s; last: {value!r}")
        time.sleep(POLL_S)


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., Any]:
    """`wait_until(condition, timeout=10, what="words for the failure")`."""
    return wait


@pytest.fixture(scope="session")
def mqtt_url() -> str:
    """The embedded broker, MQTT 3.1.1."""
    return os.environ["MQTT_URL"]


@pytest.fixture(scope="session")
def mqtt5_url() -> str:
    """The embedded broker, MQTT 5."""
    return os.environ["MQTT5_URL"]


@pytest.fixture(scope="session")
def process_env(django_db_setup: None) -> dict[str, str]:
    """The environment for a process of ours that shares the tests' database."""
    database = settings.DATABASES["default"]
    url = os.environ["DATABASE_URL"]
    before, _, query = url.partition("?")
    base = before.rpartition("/")[0]
    return {
        **os.environ,
        "DATABASE_URL": f"{base}/{database['NAME']}" + (f"?{query}" if query else ""),
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def running(
    command: list[str], env: dict[str, str], log: Path, patience_s: float = 20
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; in the end it is asked to stop, and after `patience_s` its group is killed."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def worker(
    env: dict[str, str], folder: Path, queues: str, application: str = "project"
) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on these queues, answering when it is yielded."""
    name = f"{folder.name}@tests"
    command = [sys.executable, "-m", "celery", "-A", application, "worker", "-Q", queues, "-c", "2", "-n", name]
    celery_app.control.purge()  # what earlier tests sent and nobody took
    with running([*command, "--without-gossip", "--without-mingle"], env, folder / "worker.log") as process:

        def answers_or_ended() -> Any:
            return process.poll() is not None or celery_app.control.ping([name], timeout=0.5)

        wait(answers_or_ended, 30, "a worker that answers")
        assert process.poll() is None, (folder / "worker.log").read_text()
        yield process


@pytest.fixture(scope="module")  # it would do the work of the next module's tests
def celery_worker(
    process_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker on both queues and the tests' database. Tests that use it commit: mark them transaction=True."""
    with worker(process_env, tmp_path_factory.mktemp("worker"), "ingest,control") as process:
        yield process


@pytest.fixture(scope="session")
def running_system() -> Iterator[dict[str, Any]]:
    """A whole system of its own without fleet, as `manage.py up` starts it: what its ready.json says, its pid and home.

    It reconciles every second instead of every 30, so that a toggle need not be waited for as long as in life.
    """
    with whole_system() as system:
        yield system


@contextmanager
def whole_system(**settings: str) -> Iterator[dict[str, Any]]:
    """A system as `running_system` is one. settings: environment variables that differ."""
    home = new_home()
    env = clean_env(**{"RECONCILE_PERIOD_S": "1", **settings})
    with up("--no-fleet", "--data", str(home.folder), env=env) as process:
        wait(lambda: home.ready_file.exists() or process.poll() is not None, SYSTEM_PATIENCE_S, "ready.json")
        if process.poll() is not None:
            pytest.fail(f"the system did not start:\n{process.stdout.read() if process.stdout else ''}")
        yield json.loads(home.ready_file.read_text()) | {"pid": process.pid, "home": str(home.folder)}
    remove(home)


def clean_env(**more: str) -> dict[str, str]:
    """The environment of somebody who has set nothing: without the tests' own servers and secrets."""
    taken = {*OWN, *SERVERS, "LOG_DIR", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in taken} | more


@contextmanager
def up(*arguments: str, env: dict[str, str] | None = None, patience_s: float = 60) -> Iterator[subprocess.Popen[str]]:
    """`manage.py up` on free ports. Its output, both streams, is a pipe named stdout."""
    free = ["--port", "0", "--mqtt-port", "0", "--flower-port", "0"]
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "manage.py"), "up", *free, *arguments],
        cwd=REPOSITORY,
        env=clean_env() if env is None else env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def running_mosquitto(folder: Path, configuration: str = MOSQUITTO) -> Iterator[Mosquitto]:
    """A real mosquitto on a port and data of its own. Where there is none, the test is skipped, and says so."""
    if which("mosquitto", path=MOSQUITTO_PATH) is None:
        pytest.skip("NOT TESTED: needs mosquitto, a broker that survives its own restart (apt install mosquitto)")
    user = "root" if os.geteuid() == 0 else "mosquitto"
    broker = Mosquitto(free_port(), folder, [])
    (folder / "mosquitto.conf").write_text(configuration.format(port=broker.port, folder=folder, user=user))
    broker.start()
    try:
        yield broker
    finally:
        while broker._processes:
            broker.stop()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto for one test."""
    with running_mosquitto(tmp_path) as broker:
        yield broker
