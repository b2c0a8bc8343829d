"""`python -m benchmarks.table`: writes what results.json holds into docs/performance.md, so that no figure is typed."""

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.__main__ import GROUPS, RESULTS
from benchmarks.figures import Figure
from project.environment import BASE_DIR

PAGE = BASE_DIR / "docs/performance.md"
BEGIN, END = "<!-- measured: python -m benchmarks.table -->", "<!-- end of measured -->"
VERDICTS = {True: "met", False: "missed", None: ""}


def table(record: Mapping[str, Any]) -> str:
    """Every figure of a results.json as Markdown, then on what and when each group was measured, and what was not."""
    lines = ["| figure | measured | target | | beside it |", "|---|---|---|---|---|"]
    groups = {name: record[name] for name in GROUPS if name in record}
    for group in groups.values():
        for one in group["figures"]:
            figure = Figure(**{name: value for name, value in one.items() if name != "is_met"})
            cells = (figure.name.strip(), figure.shown, figure.wanted, VERDICTS[figure.is_met], figure.details)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_measured(groups), *_missing(groups)])


def _measured(groups: Mapping[str, Any]) -> list[str]:
    """The groups by the machine and the commit that they were measured on."""
    by_machine: dict[str, list[str]] = {}
    for name, group in groups.items():
        machine = group["machine"]
        where = ", ".join([
            f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB",
            f"Python {machine['python']}, {machine['broker']}",
            f"max_inflight_messages {machine['max_inflight_messages']}",
            f"commit {machine['commit']}, load average before {machine['load_before']}",
            *["short loads (--quick)"] * group["quick"],
        ])  # fmt: skip
        by_machine.setdefault(where, []).append(f"{name} {group['at'][:16]}, {group['seconds'] / 60:.1f} min")
    return [f"{'; '.join(groups)} – {where}.\n" for where, groups in by_machine.items()]


def _missing(groups: Mapping[str, Any]) -> list[str]:
    left = [name for name in GROUPS if name not in groups]
    failed = [name for name, group in groups.items() if group["has_failed"]]
    return [f"Not measured: {', '.join(left)}.\n"] * bool(left) + [f"Failed: {', '.join(failed)}.\n"] * bool(failed)


def written(page: str, measured: str) -> str:
    """The page with this between its marks. Raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no {BEGIN} … {END}.")
    return f"{before}{BEGIN}\n\n{measured.strip()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), table(json.loads(RESULTS.read_text()))))
