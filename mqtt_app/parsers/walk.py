"""Every value of a JSON document that no family knows: under which path, in which unit, and when it was measured.

A list says the same thing about several: of named values the names stand in the path, of things with ids the ids, and
records with times of their own are one series. Only what has none of these is told apart by its place in the list.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mqtt_app.parsers import texts
from mqtt_app.parsers.draft import MAX_DEPTH, Path
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import spelled

TIMES = (
    "timestamp", "ts", "time", "datetime", "date", "_ts", "t", "utc", "time_utc", "dateutc", "created_at", "updated_at",
    "when",
)  # fmt: skip
VALUES = ("value", "val", "v")
_UTC = ZoneInfo("UTC")
_UNITS = ("unit", "unit_of_measurement", "uom", "units")
_LABELS = (
    "name", "sensor", "measurement", "metric", "quantity", "parameter", "param", "variable", "field", "point",
    "register", "key", "tag", "channel", "identifier", "code", "flag", "label", "type", "n", "k",
)  # fmt: skip
"""Keys whose text says what the `value` beside it is."""

_IDS = ("id", "serial_number", "serial", "sn", "device_id", "deviceid", "mac", "uid", "address", "addr", "node", "name")
"""Keys that tell the entries of a list apart."""

FIRST = 1_000  # keys of one object that are looked at


class Leaf(NamedTuple):
    """One value. unit: as it is stated beside it. time: its own, not that of the message."""

    path: Path
    value: Any
    unit: str = ""
    time: datetime | None = None


def leaves(
    found: Any, zone: ZoneInfo, place: Path = (), unit: str = "", time: datetime | None = None
) -> Iterator[Leaf]:
    """Every value, in order. A list of numbers is one value. zone: of times that state none."""
    if isinstance(found, dict) and len(place) < MAX_DEPTH:
        stated, label = stated_unit(found), _label(found)
        for key, value in found.items():
            is_value = key.lower() in VALUES
            inner = (*place, label, key) if is_value and label else (*place, key)
            yield from leaves(value, zone, inner, stated if is_value else "", time)
    elif isinstance(found, list) and len(place) < MAX_DEPTH and not all(map(is_number, found)):
        yield from _listed(found, zone, place, time)
    elif isinstance(found, str) and isinstance(inner_document := _within(found, place), dict | list):
        yield from leaves(inner_document, zone, place, "", time)
    elif not isinstance(found, dict):
        yield Leaf(place or ("value",), found, unit, time)


def _listed(found: list[Any], zone: ZoneInfo, place: Path, time: datetime | None) -> Iterator[Leaf]:
    """The entries of a list, told apart by what they say of themselves."""
    named, known = _distinct(found, _LABELS, needs_value=True), _distinct(found, _IDS)
    times = [own_time(entry, zone) for entry in found]
    is_series = all(times)
    for index, entry in enumerate(found):
        at = times[index] or time
        if named:
            value = next(entry[name] for name in VALUES if name in entry)
            yield from leaves(value, zone, (*place, entry[named]), stated_unit(entry), at)
        elif known:
            rest = {key: value for key, value in entry.items() if key != known}
            yield from leaves(rest, zone, (*place, str(entry[known])), "", at)
        elif is_series and isinstance(entry, list):
            yield Leaf(place or ("value",), entry[1] if len(entry) == 2 else entry[1:], "", at)
        else:
            yield from leaves(entry, zone, place if is_series else (*place, str(index)), "", at)


def own_time(entry: Any, zone: ZoneInfo) -> datetime | None:
    """The time among an object's keys, or at the beginning of a row of numbers."""
    if isinstance(entry, list):
        return moment(entry[0], zone) if len(entry) > 1 and is_number(entry[0]) and all(map(is_number, entry)) else None
    if not isinstance(entry, dict):
        return None
    keys = {key.lower(): value for key, value in islice(entry.items(), FIRST)}
    found = (moment(keys[name], _UTC if "utc" in name else zone) for name in TIMES if name in keys)
    return next((at for at in found if at), None)


def stated_unit(keys: dict[str, Any]) -> str:
    """The unit among the keys of an object, whatever their case: {"Unit": "W", "Value": 1234}."""
    return next(
        (unit for name, said in islice(keys.items(), FIRST) if name.lower() in _UNITS and (unit := spelled(said))), ""
    )


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _label(found: dict[str, Any]) -> str:
    """What an object says that its value is: {"measurement": "power", "value": 12.5}."""
    if not any(is_number(found.get(name)) for name in VALUES):
        return ""
    return next((found[name] for name in _LABELS if _is_name(found.get(name))), "")


def _distinct(found: list[Any], names: tuple[str, ...], *, needs_value: bool = False) -> str | None:
    """The first key that every entry has, with a text or number that no other entry has."""
    if not all(
        isinstance(entry, dict) and (not needs_value or any(map(entry.__contains__, VALUES))) for entry in found
    ):
        return None
    for name in names:
        said = [entry.get(name) for entry in found]
        fits = all(_is_name(one) or (is_number(one) and not needs_value) for one in said)
        if fits and len(set(map(str, said))) == len(said):
            return name
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 128


def _within(text: str, place: Path) -> Any:
    """The document that a text holds: bridges put what they pass on into one, as {"payload": "{…}"}."""
    return texts.loose(text) if text[:1] in ("{", "[") and len(place) < MAX_DEPTH else None
