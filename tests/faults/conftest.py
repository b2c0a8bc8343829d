"""Fixtures of the tests of faults."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Mosquitto
from tests.faults.plant import Plant, planted


@pytest.fixture
def plant(running_system: dict[str, Any], mosquitto: Mosquitto) -> Iterator[Plant]:
    """A site on a broker that keeps its sessions over a restart."""
    with planted(running_system, mosquitto) as one:
        yield one
