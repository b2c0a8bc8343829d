"""Faults drawn at random, one after the other, on two listeners, two workers, beat, web and all servers.

The seed is printed; NEMESIS_SEED draws the same faults again, NEMESIS_S says for how long.
"""

import os
import random
import secrets
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from project.local.ports import free_port
from tests.conftest import Mosquitto, running, wait
from tests.faults.networks import Networked, networked
from tests.faults.plant import RECOVERY_S, Plant, check, planted
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(1_800)]

DEFAULT_S = 120.0
CALM_S = 90.0
"""In the end a connection may have to wait for its longest retry, and a batch for its longest wait."""

PROGRAMS = ("run_mqtt", "celery -Q ingest", "celery -Q control", "celery -Q upkeep", "celery beat", "uvicorn")
STORMS = (
    {"is_black": True},
    {"cut_after": 20_011},
    {"latency_s": 0.02, "bytes_per_s": 200_000, "slice_bytes": 211},
)


@dataclass
class Nemesis:
    """What it may hurt, and by which chance."""

    plant: Plant
    network: Networked
    cable: Proxy
    broker: Mosquitto
    chance: random.Random
    done: list[str] = field(default_factory=list)

    def strike(self) -> None:
        """One fault, from its beginning to its end, while the device goes on speaking."""
        name = self.chance.choice(("kill", "freeze", "empty", "storm", "reset", "strand", "cut_sessions", "restart"))
        told = getattr(self, name)()
        self.done.append(f"{name} {told or ''}".strip())
        print(f"nemesis: {self.done[-1]}", flush=True)  # noqa: T201

    def speak(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.plant.pour(lambda: time.monotonic() > until, 10 * seconds + 30, "the device speaks")

    def kill(self) -> str:
        program = self.chance.choice(PROGRAMS)
        for process in self.plant.running(*program.split(" ", 1)):
            process.kill()
        self.speak(2)
        return program

    def freeze(self) -> str:
        program, seconds = self.chance.choice(PROGRAMS), self.chance.choice((3, 12, 20))
        processes = self.plant.running(*program.split(" ", 1))
        for process in processes:
            process.suspend()
        self.speak(seconds)
        for process in processes:
            if process.is_running():
                process.resume()
        return f"{program} {seconds} s"

    def empty(self) -> None:
        with redis.Redis.from_url(self.plant.system["redis_url"]) as queue:
            queue.flushall()
        self.speak(1)

    def proxy(self) -> tuple[str, Proxy]:
        ways = {"postgres": self.network.postgres, "redis": self.network.redis, "broker": self.cable}
        return self.chance.choice(list(ways.items()))

    def storm(self) -> str:
        (name, proxy), weather = self.proxy(), self.chance.choice(STORMS)
        proxy.change(**weather)
        self.speak(8)
        proxy.change()
        return f"{name} {weather}"

    def reset(self) -> str:
        name, proxy = self.proxy()
        proxy.reset()
        self.speak(1)
        return name

    def strand(self) -> str:
        name, proxy = self.chance.choice((("postgres", self.network.postgres), ("redis", self.network.redis)))
        proxy.strand()
        self.speak(5)
        return name

    def cut_sessions(self) -> None:
        self.plant.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        self.speak(1)

    def restart(self) -> None:
        self.broker.stop(signal.SIGTERM)
        self.broker.start()
        wait(self.plant.device.client.is_connected, 60, "the device is connected again")


@pytest.fixture
def nemesis(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Nemesis]:
    seed = os.environ.get("NEMESIS_SEED") or secrets.token_hex(4)
    print(f"nemesis: NEMESIS_SEED={seed}", flush=True)  # noqa: T201
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fl-"))
        network = stack.enter_context(networked(Path(folder)))
        cable = stack.enter_context(Proxy(("127.0.0.1", free_port()), ("127.0.0.1", mosquitto.port)).running())
        assert isinstance(cable.listen, tuple)
        plant = stack.enter_context(planted(network.system, mosquitto, broker_port=cable.listen[1]))
        stack.enter_context(plant.second_listener(tmp_path / "listener-2.log"))
        worker = plant.running("celery", "-Q ingest")[0]
        another = [word.replace("ingest@", "ingest-2@") for word in worker.cmdline()]
        stack.enter_context(running(another, worker.environ(), tmp_path / "worker-2.log"))
        yield Nemesis(plant, network, cable, mosquitto, random.Random(seed))
        for proxy in (network.postgres, network.redis, cable):
            proxy.change()


def test_nothing_is_lost_and_nothing_counts_twice_whatever_happens_in_whatever_order(nemesis: Nemesis) -> None:
    end = time.monotonic() + float(os.environ.get("NEMESIS_S") or DEFAULT_S)
    while time.monotonic() < end:
        nemesis.strike()
    check(nemesis.plant, f"{len(nemesis.done)} faults drawn at random", patience_s=RECOVERY_S + CALM_S)
