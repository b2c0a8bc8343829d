"""A mapping to begin with, from what a topic said: short names, and the units that names and messages tell."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mqtt_app import topic_templates
from mqtt_app.parsers.definition import Definition
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.units import of_quantity, spelled

TIMES = ("timestamp", "ts", "time", "datetime", "date", "at", "t")
SERIALS = ("serial", "serial_number", "device_id", "deviceId", "id", "name", "mac")
SUGGESTED = 100  # sensors
DEEPEST = 6  # levels of objects

UNITS = ("unit", "unit_of_measurement", "units", "uom")
VALUES = ("value", "val", "v")
LABELS = ("name", "sensor", "key", "tag", "channel", "metric", "n")
WRAPPERS = frozenset(
    {
        *("data", "values", "value", "val", "v", "payload", "payload_fields", "decoded_payload", "object", "body"),
        *("result", "sensors", "readings", "measurements", "telemetry", "params", "attributes", "state", "status"),
        *("get", "out", "json", "message", "msg", "fields"),
    }
)
"""Words that stand around a quantity and name none."""

ALONE = frozenset({"kWh", "Wh", "kW", "W", "V", "A", "Hz", "VA", "var", "°C", "°F", "%", "bar", "hPa", "ppm", "lux"})
"""Units that stand as a name of their own, in exactly this case."""

_STATED = re.compile(
    r"(?:[\[(](?P<in>[^\])]{1,12})[\])]|[ _](?P<after>°[CF]|%|[^\s\[\]()/]{1,4}/[^\s\[\]()/]{1,4}))\s*$"
)
"""A unit in brackets at the end of a name, or one that no word looks like: Flow [l/min], temp °C."""

Path = tuple[str, ...]


def suggest(template: str, samples: Sequence[Any]) -> Definition:
    """A sensor for each number in the samples that may be a measurement, the device from the topic or the message.

    samples: JSON documents, or words and numbers of a text format.
    """
    documents = [one for one in samples if isinstance(one, dict)]
    if not documents:
        return Definition.model_validate(_plain(template))
    keys = set().union(*documents)
    found: dict[Path, dict[str, Any]] = {}
    for document in documents:
        found |= {path: sensor for path, sensor in _sensors(document, ()) if path not in found}
    names = _names(list(found))
    sensors = [{"key": names[path], **sensor} if "key_from" not in sensor else sensor for path, sensor in found.items()]
    time = next((name for name in TIMES if name in keys), None)
    said: dict[str, Any] = {"template": template, **_device(template, keys)}
    said["sensors"] = sensors[:SUGGESTED] or [{"key": "value", "value": "value"}]
    return Definition.model_validate(said | ({"time": quoted((time,))} if time else {}))


def unit(name: str) -> str:
    """The unit that a name states or implies: temperature_c, total_kWh, Flow [l/min], voltage."""
    if found := _STATED.search(name):
        return spelled((found["in"] or found["after"]).strip())
    return of_quantity(name) or (spelled(name.strip("_ ")) if name.strip("_ ") in ALONE else "")


def _plain(template: str) -> dict[str, Any]:
    """One word or number: the last level that is no wrapper names it."""
    levels = [level for level in template.split("/") if level] or ["value"]
    last = next((level for level in reversed(levels) if level.lower() not in WRAPPERS), levels[-1])
    sensor = {"key": last if len(last) <= 128 else "value", "value": "@", "unit": unit(last)}
    return {"template": template, "format": "text", **_device(template, set()), "sensors": [sensor]}


def _device(template: str, keys: set[str]) -> dict[str, str]:
    """Who speaks: the message says so, else the last open level of the topic that is no site, else the topic."""
    if serial := next((name for name in SERIALS if name in keys), None):
        return {"device_from": quoted((serial,))}
    levels = template.split("/")
    named = [level for level in levels if topic_templates.fields(level) and level != "{site}"]
    return {"device": named[-1] if named else (levels[-2] if len(levels) > 1 else levels[0])[:128]}


def _sensors(document: dict[str, Any], above: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each quantity of an object with its path. A list whose entries name themselves is one suggestion for all."""
    numbers = [name for name, value in document.items() if _is_measured(name, value)]
    beside = next((name for name in document if name.lower() in UNITS and isinstance(document[name], str)), None)
    for name, value in document.items():
        path = (*above, name)
        if isinstance(value, dict) and len(path) < DEEPEST:
            yield from _sensors(value, path)
        elif name in numbers:
            states = beside and (name.lower() in VALUES or len(numbers) == 1)
            said = {"unit_from": quoted((*above, beside))} if states and beside else {"unit": _unit(path)}
            yield path, {"value": quoted(path), **said}
        elif isinstance(value, list) and (named := _named(value)):
            yield path, {"each": quoted(path), **named}


def _unit(path: Path) -> str:
    """Of a value in wrappers, what stands around them has the name."""
    return next((unit(name) for name in reversed(path) if name.lower() not in WRAPPERS), "")


def _is_measured(name: str, value: Any) -> bool:
    listed = value if isinstance(value, list) and value else [value]
    is_number = all(isinstance(one, int | float) and not isinstance(one, bool) for one in listed)
    return is_number and name.lower() not in TIMES and measures(name, value)


def _named(entries: list[Any]) -> dict[str, str] | None:
    """How the entries of a list say what they are, if all do."""
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        return None
    all_have = set.intersection(*(set(entry) for entry in entries))
    label, value = (next((name for name in names if name in all_have), None) for names in (LABELS, VALUES))
    unit_ = next((name for name in UNITS if any(name in entry for entry in entries)), None)
    if label is None or value is None:
        return None
    return {"key_from": quoted((label,)), "value": quoted((value,))} | (
        {"unit_from": quoted((unit_,))} if unit_ else {}
    )


def _names(paths: list[Path]) -> dict[Path, str]:
    """For each path the fewest of its last meaningful parts that no other path shares."""
    parts = {path: tuple(name for name in path if name.lower() not in WRAPPERS) or path[-1:] for path in paths}
    names = {path: found[-1:] for path, found in parts.items()}
    for count in range(2, DEEPEST + 1):
        shared = {name for name, times in Counter(names.values()).items() if times > 1}
        names = {path: parts[path][-count:] if name in shared else name for path, name in names.items()}
    twice = {name for name, times in Counter(names.values()).items() if times > 1}
    return {path: _key(path if name in twice else name) for path, name in names.items()}


def _key(names: Path) -> str:
    """A name that is no template of levels."""
    return ".".join(names).replace("{", "(").replace("}", ")")[:128]


def quoted(path: Path) -> str:
    """A path of keys as a JMESPath expression."""
    return ".".join(name if name.isidentifier() and name.isascii() else _quote(name) for name in path)


def _quote(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
