"""The measured figures stand in docs/performance.md as they were written down, and nowhere by hand."""

from typing import Any

import pytest

from benchmarks import table
from benchmarks.figures import Bound, Figure

MACHINE = {
    "processor": "a processor", "cores": 2, "memory_gib": 8.0, "python": "3.11", "broker": "mosquitto 2.0.11",
    "max_inflight_messages": 1000, "commit": "abc", "load_before": 0.2,
}  # fmt: skip


def group(*figures: Figure, has_failed: bool = False) -> dict[str, Any]:
    return {
        "quick": False, "machine": MACHINE, "at": "2026-01-02T03:04:05+00:00", "seconds": 90.0,
        "figures": [figure.record() for figure in figures], "has_failed": has_failed,
    }  # fmt: skip


def test_a_figure_is_a_row_with_its_target_and_verdict() -> None:
    record = {"latency": group(Figure("commit, p50", 38.04, "ms", Bound.AT_MOST, 25, "at 200 msg/s"))}
    assert "| commit, p50 | 38 ms | ≤ 25 | missed | at 200 msg/s |" in table.table(record)


def test_groups_that_were_not_measured_and_that_failed_are_named() -> None:
    words = table.table({"latency": group(has_failed=True)})
    assert "Failed: latency." in words
    assert "Not measured: throughput, steady, reading, listening, grown, endurance." in words


def test_each_group_says_when_and_on_what_it_was_measured() -> None:
    assert "latency 2026-01-02T03:04, 1.5 min – 2 cores of a processor" in table.table({"latency": group()})


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
    assert table.written(page, "new") == f"before\n{table.BEGIN}\n\nnew\n\n{table.END}\nafter\n"


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="has no"):
        table.written("a page", "new")


def test_the_page_has_the_marks() -> None:
    table.written(table.PAGE.read_text(), "new")
