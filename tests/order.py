"""Who tests what while several test at a time: long files begin first, and one running system serves three."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

ON_THE_SYSTEM = ("test_story.py", "test_up.py", "test_corpus_live.py")
"""Files that use `running_system`: one process tests them all, or each would start a system of its own."""

LONG = (*ON_THE_SYSTEM, "test_compose_processes.py", "test_replay_worker.py", "test_api_schema.py")
"""What begins last alone keeps everybody waiting for it."""


class Shared(LoadFileScheduling):  # type: ignore[misc]
    """A file for each process, but for those that share the running system."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "the running system" if Path(file).name in ON_THE_SYSTEM else file


def long_first(items: list[pytest.Item], long: Sequence[str] = LONG) -> None:
    """Else they keep their order, which is random."""
    items.sort(key=lambda item: long.index(item.path.name) if item.path.name in long else len(long))
