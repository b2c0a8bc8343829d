"""What LoRaWAN servers have in common: decoded values as a tree, beside radio numbers that measure nothing."""

from typing import Any

from pydantic_core import from_json

from mqtt_app.parsers.draft import Draft, Path
from mqtt_app.parsers.units import of_name


def decoded(draft: Draft, found: Any) -> None:
    """Take what a payload formatter made of an uplink: numbers by their path, numbers as text as well."""
    if isinstance(found, str):
        try:
            found = from_json(found)
        except ValueError:
            return
    if isinstance(found, dict):
        draft.tree(found, unit, lambda path: path == ("bytes",), spelt=True)  # the undecoded payload once more


def unit(path: Path) -> str:
    return of_name(path[-1])
