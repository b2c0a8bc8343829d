"""Sustained throughput, beside the bare pipe and COPY; after 20 million readings; with 1,000 sites."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import field, system
from benchmarks.field import Load
from benchmarks.figures import Bound, Figure, number
from benchmarks.system import System, spent, wait
from project.environment import BASE_DIR

Say = Callable[[str], None]

SPAN = """
SELECT count(*), extract(epoch FROM max(pg_xact_commit_timestamp(xmin)) - min(received_at))::float8,
    min(received_at), max(pg_xact_commit_timestamp(xmin))
FROM sites_reading WHERE time >= %s
"""
# Minute by minute, as they come in life: they lie so on disk, and rollups find an hour's readings together.
FILL = """
INSERT INTO sites_reading (sensor_id, time, received_at, values, quality)
SELECT s.id, t.time, t.time, ARRAY[20 + random()], 'good'
FROM generate_series(now() - (%s * interval '1 minute'), now() - interval '10 minutes', '1 minute') t (time),
    LATERAL (SELECT id FROM sites_sensor WHERE t.time IS NOT NULL OFFSET 0) s
"""


@dataclass(frozen=True)
class Run:
    """One load, from its first reception to its last commit."""

    messages: int
    seconds: float
    cpu: Mapping[str, float]

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time for a message, the load's own excepted."""
        return 1e6 * sum(one for part, one in self.cpu.items() if part != "load") / self.messages

    def words(self) -> str:
        dear = ", ".join(f"{part} {1e6 * one / self.messages:.0f}" for part, one in list(self.cpu.items())[:6])
        return f"{number(self.rate)} msg/s; µs of processor a message: {dear}"

    def record(self) -> dict[str, Any]:
        return {"messages": self.messages, "seconds": self.seconds, "rate": self.rate, "cpu_s": dict(self.cpu)}


def run(at: System, load: Load, say: Say, *, empty: bool = True) -> Run:
    """Publish the load, wait for the last commit, and see what it took."""
    if empty:
        field.forget(at)
    else:
        at.query(field.RESET)
    at.query("CHECKPOINT")
    began, before = at.value("SELECT now()"), at.cpu()
    with field.publishing(at, load):
        field.until_stored(at, load, say)
        cpu = spent(before, at.cpu())
    readings, seconds, *_ = at.query(SPAN, [began])[0]
    if readings != load.messages * 10:
        raise RuntimeError(f"{readings} readings are stored of {load.messages} messages of ten.")
    return Run(load.messages, seconds, cpu)


@contextmanager
def bare_pipe(at: System) -> Iterator[None]:
    """The yardstick's processes, as many workers as the system has."""
    log = at.folder / "pipe.log"
    celery = [sys.executable, "-m", "celery", "-A", "benchmarks.pipe", "worker", "-c", "2", "-n", "pipe@%h"]
    listen = [sys.executable, "-m", "benchmarks.pipe", str(at.port)]
    lean = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    with (
        field.sites(at, 10, "pipe", connected=False),
        system.started([*celery, *lean], at.env, log),
        system.started(listen, at.env, log),
    ):
        wait(lambda: "listening" in log.read_text() and " ready." in log.read_text(), 60, "the bare pipe")
        yield


def measure(at: System, messages: int, say: Say) -> list[Figure]:
    """The system and the pipe in turn, twice each, so that the machine's moods meet both."""
    load = Load(messages)
    ours: list[Run] = []
    theirs: list[Run] = []
    with field.sites(at, 10), bare_pipe(at):
        for prefix in ("bench", "pipe"):
            run(at, Load(2_000, prefix=prefix), say)  # devices, sensors and plans are known before the clock runs
        for _ in range(2):
            ours.append(run(at, load, say))
            theirs.append(run(at, replace(load, prefix="pipe"), say))
        copied = _store(at, min(messages, 50_000), say)
    our, their = max(ours, key=lambda one: one.rate), max(theirs, key=lambda one: one.rate)
    shares = [mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)]
    runs = {"ours": [one.record() for one in ours], "pipe": [one.record() for one in theirs]}
    return [
        Figure(
            "throughput ÷ bare pipe", sum(shares) / 2, "", Bound.AT_LEAST, 0.8,
            f"{number(our.rate)} msg/s, {number(our.rate * 10)} readings/s; pipe {number(their.rate)} msg/s", runs,
        ),
        Figure("  the same work in processor time", our.cpu_us / their.cpu_us, "×", details=f"ours: {our.words()}"),
        Figure("  bare pipe", their.rate, "msg/s", details=f"pipe: {their.words()}"),
        Figure(
            "the pipe's store ÷ COPY from a file", copied["store"] / copied["copy"], "", Bound.AT_LEAST, 0.8,
            f"{number(copied['store'])} readings/s; COPY {number(copied['copy'])}", copied,
        ),
    ]  # fmt: skip


def grown(at: System, messages: int, readings: int, say: Say) -> list[Figure]:
    """The same load on an empty history, and on one of so many readings, one a minute of each sensor."""
    load = Load(messages)
    with field.sites(at, 10):
        run(at, Load(2_000), say)
        empty = max((run(at, load, say) for _ in range(2)), key=lambda one: one.rate)
        say(f"{readings:,} readings")
        at.query(FILL, [readings // at.value("SELECT count(*) FROM sites_sensor")])
        at.query("VACUUM ANALYZE sites_reading")
        say("their rollups")
        rolled_up(at)
        full = max((run(at, load, say, empty=False) for _ in range(2)), key=lambda one: one.rate)
    details = f"{number(full.rate)} msg/s against {number(empty.rate)}"
    name = f"throughput after {readings:,} readings ÷ empty"
    return [Figure(name, full.rate / empty.rate, "", Bound.AT_LEAST, 0.9, details, full.record())]


def rolled_up(at: System) -> None:
    """All of history, at once; in life its hours are rolled up one by one."""
    subprocess.run([sys.executable, "-m", "benchmarks.rollups"], cwd=BASE_DIR, env=dict(at.env), check=True)


def _store(at: System, messages: int, say: Say) -> dict[str, float]:
    say("the pipe's store and COPY of the same rows")
    command = [sys.executable, "-m", "benchmarks.store", str(messages)]
    done = subprocess.run(command, cwd=BASE_DIR, env=dict(at.env), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
