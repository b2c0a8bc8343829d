"""Capacity: what the model promises for a field, and that work spreads over worker processes as it assumes."""

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.core.management import call_command

from benchmarks import field, load, system
from benchmarks.field import Load
from benchmarks.figures import Bound, Figure
from benchmarks.system import System
from mqtt_app.health import capacity
from mqtt_app.judging.verdicts import context
from mqtt_app.parsers.base import Envelope
from mqtt_app.parsers.telemetry import DataloggersTelemetry
from tests.fieldwork import RECEIVED

MESSAGES = 1_500


def test_a_field_twice_as_talkative_needs_twice_the_workers() -> None:
    one, two = capacity.need(10, 50_000, 10), capacity.need(10, 50_000, 5)
    assert (two.rate, two.gigabytes_a_day) == (2 * one.rate, 2 * one.gigabytes_a_day)
    assert 2 * one.workers - 1 <= two.workers <= 2 * one.workers


def test_many_quiet_connections_need_listeners_though_little_is_said() -> None:
    need = capacity.need(2_500, 2_500, 600)
    assert (need.listeners, need.workers, need.machines, need.databases) == (3, 1, 1, 1)


def test_the_command_prints_the_machines_needed() -> None:
    out = io.StringIO()
    call_command("capacity", sites=100, devices=50_000, interval=5.0, stdout=out)
    assert "10,000.0, 100,000 readings" in out.getvalue()
    assert f"machines of 4 cores  {capacity.need(100, 50_000, 5).machines}" in out.getvalue()


def test_the_load_is_telemetry_of_ten_readings_and_about_600_bytes() -> None:
    body = load.payload("bench_0001", 7, 123)
    envelope = Envelope("bench_0001/gateway/1/dataloggers/telemetry", body, False, RECEIVED)
    (datalogger,) = DataloggersTelemetry().parse(envelope, context("bench_0001", "UTC")).dataloggers
    assert len(datalogger.sensors) == load.READINGS
    assert datalogger.sensors[0].values == (123.0,)
    assert 550 < len(body) < 700


@pytest.mark.parametrize(("value", "is_met"), [(0.79, False), (0.8, True), (0.9, True)])
def test_a_figure_says_whether_its_target_is_met(value: float, is_met: bool) -> None:
    figure = Figure("share", value, bound=Bound.AT_LEAST, target=0.8)
    assert figure.is_met is is_met
    assert ("MISSED" in figure.line()) is not is_met


@pytest.fixture
def bench() -> Iterator[System]:
    with system.running(workers=1) as running:
        yield running


@pytest.mark.timeout(400)
@pytest.mark.broker_restart
def test_a_message_costs_the_workers_about_the_same_whether_one_two_or_three_share_the_work(bench: System) -> None:
    """More workers join as they would from other hosts: each is a process that takes from the same queue."""
    costs: list[float] = []
    with field.sites(bench, 10), ExitStack() as joined:
        for count in (1, 2, 3):
            if count > 1:
                joined.enter_context(system.started(_worker(count), bench.env, bench.folder / f"worker-{count}.log"))
                ready = bench.folder / f"worker-{count}.log"
                system.wait(lambda ready=ready: " ready." in ready.read_text(), 60, "another worker")
            costs.append(_cost(bench))
            print(f"\n{count} worker processes: {costs[-1]:.0f} µs of their time a message")  # noqa: T201
    assert max(costs) < 3 * min(costs)  # a busy machine makes small batches, and each costs the same


def _worker(number: int) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "project",
        "worker",
        "-Q",
        "ingest",
        "-c",
        "1",
        "--loglevel",
        "INFO",
    ]
    return [*command, "--without-gossip", "--without-mingle", "-n", f"ingest-{number}@%h"]


def _cost(bench: System) -> float:
    """Microseconds that the workers take for one message of a load; every message is stored."""
    field.forget(bench)
    before = bench.cpu().get("ingest workers", 0.0)
    work = Load(MESSAGES)
    with field.publishing(bench, work):
        field.until_stored(bench, work, lambda _: None)
    assert bench.value("SELECT count(*) FROM sites_reading") == MESSAGES * load.READINGS
    return 1e6 * (bench.cpu()["ingest workers"] - before) / MESSAGES
