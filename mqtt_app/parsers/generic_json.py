"""JSON that no family knows: every number by its dotted path, its time and sender wherever senders usually put them."""

import re
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from mqtt_app.parsers import announced, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import Draft, Path, several
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.placing import unit as unit_of
from mqtt_app.parsers.plain_value import is_command
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.walk import FIRST, TIMES, VALUES, Leaf, is_number, leaves, stated_unit
from sites.reports import Availability, DataloggerReport, Report

_UTC = ZoneInfo("UTC")
_SERIALS = ("serial_number", "serialnumber", "serial", "sn", "device_id", "deviceid", "deveui", "dev_eui", "imei")
"""Keys that name a sender beyond doubt; it may be a number there."""

_NAMES = (*_SERIALS, "device", "dev_id", "mac", "id")
_SHORTEST_NUMBER = 5  # digits of a number that is a serial number
_MOST_DEVICES = 200  # in one message
_MOST = {"°C": 1_500.0, "A": 1_000.0}
"""Up to where a name tells the unit: 2931 are tenths of a kelvin, and a current of 6000 is in mA."""

_LAYERS = frozenset(
    {"json", "state", "status", "telemetry", "data", "sensor", "values", "attributes", "info", "events"}
)
"""Last levels that say of what kind the message is, and are no part of a sensor's name."""

_CONTROL = re.compile(rb'[\x00-\x08\x0b-\x1f\x7f-\xff][\x00-\x1f\x7f-\xff]{0,7}[{\[]["{\[]')
"""An object behind bytes of another message, or of its own length: broken JSON, and nothing else."""


class GenericJson(Family):
    """The sender names itself in the payload, or its topic does; then its sensors are told apart by further levels."""

    name = "generic_json"
    version = "5"
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
        senders = _senders(document) if announcer is None else {}
        if not senders:
            return several([_read(announcer, document, envelope, context)])
        return several([_read(serial, entry, envelope, context) for serial, entry in senders.items()])


def _read(announcer: str | None, document: Any, envelope: Envelope, context: Context) -> tuple[Draft, DataloggerReport]:
    keys = _keys(document)
    serial = announcer or _serial(keys)
    where = place(envelope.topic, context.template)
    draft = Draft(serial or where.device, envelope, context)
    time = _time(keys, context)
    prefix = () if serial or where.device == where.sensor else _levels(where.sensor)
    lone = _lone(keys)
    for _, leaf in draft.bounded((leaf.path, leaf) for leaf in leaves(document, context.timezone, prefix)):
        value = _number(leaf.value)
        if measures(leaf.path[-1], value):
            draft.time = leaf.time or time
            alone = lone if len(leaf.path) == len(prefix) + 1 else ""
            draft.add(".".join(leaf.path), value, leaf.unit or alone or _unit(leaf, envelope.topic))
    availability = _presence(keys)
    if draft.is_empty and not availability:
        raise Unrecognised
    return draft, draft.report(availability)


def _senders(document: Any) -> dict[str, Any]:
    """The entries of a list of which each names its own sender; none where an entry is a value with a name."""
    if not isinstance(document, list) or not 0 < len(document) <= _MOST_DEVICES:
        return {}
    keys = [_keys(entry) for entry in document]
    named = {_serial(of): entry for of, entry in zip(keys, document, strict=True)}
    is_value = any(name in of for of in keys for name in VALUES)
    return named if len(named) == len(document) and "" not in named and not is_value else {}


def _keys(document: Any) -> dict[str, Any]:
    """The outermost keys in lower case."""
    first = islice(document.items(), FIRST) if isinstance(document, dict) else ()
    return {key.lower(): value for key, value in first}


def _serial(keys: dict[str, Any]) -> str:
    """The sender's own name; {"device": {"id": …}} is one too."""
    is_call = "method" in keys  # whose `id` is that of the message
    for name in _NAMES[:-1] if is_call else _NAMES:
        value = keys.get(name)
        if name == "device" and isinstance(value, dict):
            value = _serial(_keys(value)) or value.get("name")
        if _is_name(value) or (name in _SERIALS and is_number(value) and len(str(value)) >= _SHORTEST_NUMBER):
            return str(value)
    tags = keys.get("tags")  # telegraf's JSON names the host there
    host = tags.get("host") if isinstance(tags, dict) else None
    return str(host) if _is_name(host) else ""


def _time(keys: dict[str, Any], context: Context) -> Any:
    """The first time among the outermost keys, else among those of an object there, such as a header."""
    objects = (keys, *(_keys(value) for value in islice(keys.values(), 20) if isinstance(value, dict)))
    found = (moment(of.get(name), _UTC if "utc" in name else context.timezone) for of in objects for name in TIMES)
    return next((at for at in found if at), None)


def _lone(keys: dict[str, Any]) -> str:
    """The unit that is stated beside the only number: {"flow": 3, "unit": "l/min"}."""
    numbers = [name for name, value in keys.items() if is_number(value) and name not in TIMES]
    return stated_unit(keys) if len(numbers) == 1 else ""


def _levels(sensor: str) -> Path:
    levels = sensor.split("/")
    return tuple(levels[:-1] if levels[-1].lower() in _LAYERS else levels)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 128


def _number(value: Any) -> Any:
    """A number that stands as text as a number; anything else as it is."""
    if isinstance(value, str) and (number := texts.localised(value)) is not None:
        return number
    return value


def _unit(leaf: Leaf, topic: str) -> str:
    """What the sender documents, or the name of the quantity tells; of a `value`, the name above it."""
    path: Path = leaf.path
    name = path[-2] if path[-1].lower() in VALUES and len(path) > 1 else path[-1]
    if any("alarm" in step.lower() for step in path):
        return ""
    unit = unit_of(topic, name)
    most = _MOST.get(unit)
    return "" if most and is_number(leaf.value) and abs(leaf.value) > most else unit


def _presence(keys: dict[str, Any]) -> Availability | None:
    """{"state": "online"}, {"status": "disconnected"}, {"online": true}."""
    if isinstance(online := keys.get("online", keys.get("connected")), bool):
        return Availability.ONLINE if online else Availability.OFFLINE
    word = next(
        (keys[name] for name in ("state", "status", "availability", "presence") if _is_name(keys.get(name))), ""
    )
    return declared(word)
