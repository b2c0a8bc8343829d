"""A clock that jumps: libfaketime shows it to whatever is started under it. And servers that can be started so.

Time that passes (monotonic clocks) goes on as ever; only what time it is changes, as when somebody sets a clock.
"""

import glob
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from project.local import postgres, servers
from tests.embedded import Embedded

LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"
FORWARDS, BACKWARDS = 7_200, -7_200
"""Seconds: longer than any patience of ours."""


@dataclass(frozen=True)
class Clock:
    """How late it is for those who run with `env`."""

    library: str
    folder: Path

    def set(self, seconds: int) -> None:
        """So much later than it is, for everybody at once."""
        new = self.folder / "new"
        new.write_text(f"{seconds:+d}\n")
        new.chmod(0o644)
        new.replace(self.folder / "clock")

    @property
    def env(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": self.library,
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "NO_FAKE_STAT": "1",
        }


@contextmanager
def clock() -> Iterator[Clock]:
    """One that goes right so far. Skips the test, loudly, where there is no libfaketime."""
    found = glob.glob(LIBRARY)
    if not found:
        pytest.skip("NOT TESTED: needs libfaketime (apt install libfaketime)")
    with tempfile.TemporaryDirectory(prefix="fl-clock-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else
        one = Clock(found[0], Path(folder))
        one.set(0)
        yield one


class Clocked(Embedded):
    """The servers under that clock, PostgreSQL as well."""

    def __init__(self, env: dict[str, str]) -> None:
        super().__init__("tests.faults.clocks", env)


if __name__ == "__main__":
    postgres.PLAIN_ENV.update({name: value for name, value in os.environ.items() if "FAKE" in name or "LD_" in name})
    servers.main(sys.argv[1])
