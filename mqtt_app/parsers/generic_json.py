"""JSON that no family knows: every number by its dotted path, its time and sender wherever senders usually put them."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from mqtt_app.parsers import announced, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import MAX_DEPTH, Draft, Path, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.placing import unit as unit_of
from mqtt_app.parsers.plain_value import is_command
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import spelled
from sites.reports import Availability, Report

_TIMES = (
    "timestamp",
    "ts",
    "time",
    "datetime",
    "date",
    "_ts",
    "t",
    "utc",
    "time_utc",
    "dateutc",
    "created_at",
    "updated_at",
)
_UTC = ZoneInfo("UTC")
_NAMES = ("serial_number", "serialnumber", "serial", "sn", "device_id", "deviceid", "device", "dev_id", "mac", "id")
_UNITS = ("unit", "unit_of_measurement", "uom", "units")
_VALUES = ("value", "val", "v")
_LABELS = ("name", "sensor", "key", "tag", "channel", "metric", "n")
"""Keys that name an entry of a list of values."""

_LAYERS = frozenset(
    {"json", "state", "status", "telemetry", "data", "sensor", "values", "attributes", "info", "events"}
)
"""Last levels that say of what kind the message is, and are no part of a sensor's name."""

_CONTROL = re.compile(rb'[\x00-\x08\x0b-\x1f\x7f-\xff][\x00-\x1f\x7f-\xff]{0,7}[{\[]["{\[]')
"""An object behind bytes of another message, or of its own length: broken JSON, and nothing else."""

_FIRST = 1_000  # keys of the outermost object that are looked at


class GenericJson(Family):
    """The sender names itself in the payload, or its topic does; then its sensors are told apart by further levels."""

    name = "generic_json"
    version = "3"
    patterns = ("#",)
    is_last = True

    def fits(self, payload: bytes) -> bool:
        return texts.looks_like_json(payload) or bool(_CONTROL.match(payload))

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if is_command(envelope.topic) or envelope.topic.endswith("/get"):
            raise Ignored("a command")
        document = texts.document(envelope)
        announcer = announced.only(envelope, context)
        if announcer is None and (known := announced.state(envelope, context, document)):
            return known
        keys = _keys(document)
        serial = announcer or _serial(keys)
        where = place(envelope.topic, context.template)
        draft = Draft(serial or where.device, envelope, context)
        draft.time = _time(keys, context)
        prefix = () if serial or where.device == where.sensor else _levels(where.sensor)
        lone = _lone(keys)
        for path, (found, stated) in draft.bounded(_leaves(document, prefix)):
            value = _number(found)
            if measures(path[-1], value):
                unit = stated or (lone if len(path) == len(prefix) + 1 else "") or _unit(path, envelope.topic)
                draft.add(".".join(path), value, unit)
        availability = _presence(keys)
        if draft.is_empty and not availability:
            raise Unrecognised
        return one(draft, availability)


def _keys(document: Any) -> dict[str, Any]:
    """The outermost keys in lower case."""
    first = islice(document.items(), _FIRST) if isinstance(document, dict) else ()
    return {key.lower(): value for key, value in first}


def _serial(keys: dict[str, Any]) -> str:
    """The sender's own name; {"device": {"id": …}} is one too."""
    for name in _NAMES:
        value = keys.get(name)
        if name == "device" and isinstance(value, dict):
            value = _serial(_keys(value)) or value.get("name")
        if _is_name(value):
            return str(value)
    tags = keys.get("tags")  # telegraf's JSON names the host there
    host = tags.get("host") if isinstance(tags, dict) else None
    return str(host) if _is_name(host) else ""


def _time(keys: dict[str, Any], context: Context) -> Any:
    """The first time among the outermost keys, else among those of an object there, such as a header."""
    objects = (keys, *(_keys(value) for value in islice(keys.values(), 20) if isinstance(value, dict)))
    found = (moment(of.get(name), _UTC if "utc" in name else context.timezone) for of in objects for name in _TIMES)
    return next((at for at in found if at), None)


def _lone(keys: dict[str, Any]) -> str:
    """The unit that is stated beside the only number: {"flow": 3, "unit": "l/min"}."""
    numbers = [name for name, value in keys.items() if _is_number(value) and name not in _TIMES]
    return _stated(keys) if len(numbers) == 1 else ""


def _stated(keys: dict[str, Any]) -> str:
    """The unit among the keys of an object, whatever their case: {"Unit": "W", "Value": 1234}."""
    return next(
        (unit for name, said in islice(keys.items(), _FIRST) if name.lower() in _UNITS and (unit := spelled(said))), ""
    )


def _leaves(found: Any, place: Path = (), unit: str = "") -> Iterator[tuple[Path, tuple[Any, str]]]:
    """Every value with its path and the unit stated beside it, in order.

    A list of numbers is one value, a list of named values an object.
    """
    if isinstance(found, dict) and len(place) < MAX_DEPTH:
        stated = _stated(found)
        for key, value in found.items():
            yield from _leaves(value, (*place, key), stated if key.lower() in _VALUES else "")
    elif isinstance(found, list) and len(place) < MAX_DEPTH and not all(map(_is_number, found)):
        for name, value, stated in _entries(found):
            yield from _leaves(value, (*place, name), stated)
    elif isinstance(found, str) and isinstance(inner := _within(found, place), dict | list):
        yield from _leaves(inner, place)
    elif not isinstance(found, dict):
        yield place or ("value",), (found, unit)


def _within(text: str, place: Path) -> Any:
    """The document that a text holds: bridges put what they pass on into one, as {"payload": "{…}"}."""
    return texts.loose(text) if text[:1] in ("{", "[") and len(place) < MAX_DEPTH else None


def _entries(found: list[Any]) -> Iterator[tuple[str, Any, str]]:
    """Each entry of a list with its number; or by its own name, where all have one and a value."""
    label = next((name for name in _LABELS if all(_is_named(entry, name) for entry in found)), None)
    if label is None or len({entry[label] for entry in found}) < len(found):
        yield from ((str(index), entry, "") for index, entry in enumerate(found))
        return
    for entry in found:
        yield entry[label], next(entry[name] for name in _VALUES if name in entry), _stated(entry)


def _is_named(entry: Any, name: str) -> bool:
    label = entry.get(name) if isinstance(entry, dict) else None
    return isinstance(label, str) and 0 < len(label) <= 128 and any(value in entry for value in _VALUES)


def _levels(sensor: str) -> Path:
    levels = sensor.split("/")
    return tuple(levels[:-1] if levels[-1].lower() in _LAYERS else levels)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 128


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> Any:
    """A number that stands as text as a number; anything else as it is."""
    if isinstance(value, str) and (number := texts.number(value)) is not None:
        return number
    return value


def _unit(path: Path, topic: str) -> str:
    """What the sender documents, or the suffix of a key."""
    return "" if any("alarm" in step.lower() for step in path) else unit_of(topic, path[-1])


def _presence(keys: dict[str, Any]) -> Availability | None:
    """{"state": "online"}, {"status": "disconnected"}, {"online": true}."""
    if isinstance(online := keys.get("online", keys.get("connected")), bool):
        return Availability.ONLINE if online else Availability.OFFLINE
    word = next(
        (keys[name] for name in ("state", "status", "availability", "presence") if _is_name(keys.get(name))), ""
    )
    return declared(word)
