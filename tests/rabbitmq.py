"""A real RabbitMQ for a test: on loopback, in a folder, and with a node name, cookie and epmd, of its own."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from amqp import NotFound
from kombu import Connection

from mqtt_app.queues import QUEUES
from project.local.ports import answers, free_port
from tests.conftest import wait

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
MISSING = "NOT TESTED: needs rabbitmq-server 3.10 or newer, as Debian has it (apt install rabbitmq-server)"
CONFIGURATION = "listeners.tcp.1 = 127.0.0.1:{port}\nlog.file = false\nlog.console = true\n"
START_S = 60


@dataclass
class RabbitMQ:
    """Starts, is killed, and starts again on what it had saved."""

    folder: Path
    port: int = field(default_factory=free_port)
    _epmd_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        with (self.folder / "rabbitmq.log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAMS / "rabbitmq-server"], env=self._env(), stdout=log, stderr=log, start_new_session=True
            )
        wait(lambda: answers(self.port) or self._process.poll() is not None, START_S, "RabbitMQ")  # type: ignore[union-attr]
        if self._process.poll() is not None:
            pytest.fail((self.folder / "rabbitmq.log").read_text()[-2_000:])

    def signal(self, number: int) -> None:
        assert self._process
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process
        self._process.wait(30)
        self._process = None
        wait(lambda: not answers(self.port), 10, "its end")  # the server is a child of the script that was waited for

    def empty(self) -> None:
        """Not even the queues are left.

        Not to be called again before workers take from them: a queue that is deleted while it is declared anew may
        never be declared again until RabbitMQ restarts (rabbitmq-server issues 17137 and 17457).
        """
        with Connection(self.url) as connection:
            for queue in QUEUES:
                connection.channel().queue_delete(queue)

    def is_taken_from(self) -> bool:
        """Whether each queue is there and has a worker. A worker that was forgotten is none."""
        with Connection(self.url) as connection:
            channel = connection.channel()
            try:
                return all(channel.queue_declare(queue, passive=True).consumer_count for queue in QUEUES)
            except NotFound:
                return False

    def write_down_its_queues(self) -> None:
        """That there are queues it writes down some seconds later; what is in them, before it confirms."""
        self._ctl("eval", "mnesia:sync_log().")

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """It believes that it has used all memory that it may use, and takes nothing."""
        self._ctl("set_vm_memory_high_watermark", "0.0000001")
        try:
            yield
        finally:
            self._ctl("set_vm_memory_high_watermark", "0.4")

    def _ctl(self, *words: str) -> None:
        subprocess.run([PROGRAMS / "rabbitmqctl", *words], env=self._env(), check=True, capture_output=True, timeout=60)

    def _env(self) -> dict[str, str]:
        own = {
            "HOME": str(self.folder),  # where the cookie is
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": f"fieldledger-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.port + 1 if self.port < 65_535 else 1_025),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
        }
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **own}

    @contextmanager
    def running(self) -> Iterator[None]:
        """epmd, which Erlang would leave behind, is ours, and ends with it."""
        (self.folder / "rabbitmq.conf").write_text(CONFIGURATION.format(port=self.port))
        (self.folder / "plugins").write_text("[].")
        command = ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"]
        epmd = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait(lambda: answers(self._epmd_port), 10, "epmd")
            self.start()
            yield
        finally:
            if self._process:
                self.kill()
            epmd.terminate()
            epmd.wait(10)


@contextmanager
def running_rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    """Where there is none the test is skipped, and says so."""
    if not (PROGRAMS / "rabbitmq-server").exists():
        pytest.skip(MISSING)
    server = RabbitMQ(folder)
    with server.running():
        yield server
