"""What the tests of faults measured, one row for each fault: printed when they end, written into a page when asked."""

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One fault. recovery_s: from the end of the fault until everything sent was stored, None when that never came."""

    fault: str
    sent: int
    stored: int
    lost: int
    doubled: int
    recovery_s: float | None
    note: str = ""


HEAD = ("Fault", "Sent", "Stored", "Lost", "Doubled", "Recovery, s", "Also measured")
rows: list[Row] = []


def lines() -> Iterator[str]:
    """The table, as Markdown."""
    yield _line(HEAD)
    yield _line(["---"] * len(HEAD))
    for row in sorted(rows, key=lambda row: row.fault):
        yield _line([_cell(value) for value in astuple(row)])


MARKED = re.compile(r"(?<=<!-- faults -->\n).*(?=<!-- /faults -->)", re.DOTALL)


def write(page: Path) -> None:
    """Put the table between the marks on this page. Raises ValueError when it has none."""
    text, found = MARKED.subn(lambda _: "\n".join(["", *lines(), "", ""]), page.read_text())
    if not found:
        raise ValueError(f"{page} has no lines <!-- faults --> and <!-- /faults -->")
    page.write_text(text)


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    match value:
        case None:
            return "never"
        case float():
            return f"{value:.1f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
