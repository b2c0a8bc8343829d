"""Fixtures of the tests of faults, and the table that they end with.

FAULTS_TABLE names a page, in which the table then stands between the marks <!-- faults --> and <!-- /faults -->.
FAULTS_QUEUES=rabbitmq lets each system have its queues on a RabbitMQ of its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mosquitto, whole_system
from tests.faults import table
from tests.faults.plant import Plant, planted
from tests.faults.queued import ON_RABBITMQ, queued


@pytest.fixture(scope="session")
def running_system() -> Iterator[dict[str, Any]]:
    """The one of tests.conftest, on the queues that were asked for."""
    with queued() as where, whole_system(**where) as system:
        yield system | where


@pytest.fixture
def plant(running_system: dict[str, Any], mosquitto: Mosquitto) -> Iterator[Plant]:
    """A site on a broker that keeps its sessions over a restart."""
    with planted(running_system, mosquitto) as one:
        yield one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where the long form of a fault is tried, its short form tells no more."""
    if "not long" not in config.getoption("markexpr"):
        brief = [item for item in items if item.get_closest_marker("brief")]
        config.hook.pytest_deselected(items=brief)
        items[:] = [item for item in items if item not in brief]
    if ON_RABBITMQ:  # the first test waits for its start, too
        for item in items:
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(300))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table.rows:
        terminalreporter.section("what was sent into each fault, and what came of it")
        for line in table.lines():
            terminalreporter.write_line(line)
        if page := os.environ.get("FAULTS_TABLE"):
            table.write(Path(page))
