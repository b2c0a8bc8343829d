"""A figure: what was measured, the target it was to meet, and the absolute numbers beside it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Bound(StrEnum):
    """On which side of its target a figure should lie."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    NONE = ""
    """Printed for the record; nothing is promised."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. details: absolute numbers, in words."""

    name: str
    value: float
    unit: str = ""
    bound: Bound = Bound.NONE
    target: float = 0.0
    details: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """None where there is no target."""
        match self.bound:
            case Bound.AT_LEAST:
                return self.value >= self.target
            case Bound.AT_MOST:
                return self.value <= self.target
            case _:
                return None

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return f"{number(self.value)} {self.unit}".rstrip()

    @property
    def wanted(self) -> str:
        """The target; nothing where there is none."""
        return f"{self.bound} {number(self.target)}" if self.bound else ""

    def line(self) -> str:
        """The figure as people read it."""
        verdict = {True: "met", False: "MISSED", None: ""}[self.is_met]
        return f"{self.name:<52} {self.shown:>12}  {self.wanted:>8}  {verdict:<6}  {self.details}".rstrip()

    def record(self) -> dict[str, Any]:
        """The figure as results.json keeps it."""
        return asdict(self) | {"is_met": self.is_met}


def number(value: float) -> str:
    """Three significant digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
