"""Fixtures of the tests of faults, and the table that they end with."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Mosquitto
from tests.faults import table
from tests.faults.plant import Plant, planted


@pytest.fixture
def plant(running_system: dict[str, Any], mosquitto: Mosquitto) -> Iterator[Plant]:
    """A site on a broker that keeps its sessions over a restart."""
    with planted(running_system, mosquitto) as one:
        yield one


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table.rows:
        terminalreporter.section("what was sent into each fault, and what came of it")
        for line in table.lines():
            terminalreporter.write_line(line)
