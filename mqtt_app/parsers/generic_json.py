"""JSON that no family knows: every number by its dotted path, its time and sender wherever senders usually put them."""

from itertools import islice
from typing import Any

from mqtt_app.parsers import announced, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import Draft, Path, Unit, leaves, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.placing import unit as unit_of
from mqtt_app.parsers.plain_value import is_command
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import spelled
from sites.reports import Availability, Report

_TIMES = ("timestamp", "ts", "time", "datetime", "date", "_ts", "t", "utc", "time_utc", "created_at", "updated_at")
_NAMES = ("serial_number", "serialnumber", "serial", "sn", "device_id", "deviceid", "device", "dev_id", "mac", "id")
_LAYERS = frozenset(
    {"json", "state", "status", "telemetry", "data", "sensor", "values", "attributes", "info", "events"}
)
"""Last levels that say of what kind the message is, and are no part of a sensor's name."""


class GenericJson(Family):
    """The sender names itself in the payload, or its topic does; then its sensors are told apart by further levels."""

    name = "generic_json"
    patterns = ("#",)
    is_last = True

    def fits(self, payload: bytes) -> bool:
        return texts.looks_like_json(payload)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if is_command(envelope.topic) or envelope.topic.endswith("/get"):
            raise Ignored("a command")
        document = texts.document(envelope)
        announcer = announced.only(envelope, context)
        if announcer is None and (known := announced.state(envelope, context, document)):
            return known
        first = islice(document.items(), 1_000) if isinstance(document, dict) else ()
        keys = {key.lower(): value for key, value in first}
        serial = announcer or next((keys[name] for name in _NAMES if _is_name(keys.get(name))), "")
        where = place(envelope.topic, context.template)
        draft = Draft(serial or where.device, envelope, context)
        draft.time = next((found for name in _TIMES if (found := moment(keys.get(name), context.timezone))), None)
        prefix = () if serial or where.device == where.sensor else _levels(where.sensor)
        unit = _unit(keys, envelope.topic)
        for path, found in draft.bounded(leaves(document, prefix)):
            value = _number(found)
            if measures(path[-1], value):
                draft.add(".".join(path), value, unit(path))
        availability = _presence(keys)
        if draft.is_empty and not availability:
            raise Unrecognised
        return one(draft, availability)


def _levels(sensor: str) -> Path:
    levels = sensor.split("/")
    return tuple(levels[:-1] if levels[-1].lower() in _LAYERS else levels)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 128


def _number(value: Any) -> Any:
    """A number that stands as text as a number; anything else as it is."""
    if isinstance(value, str) and (number := texts.number(value)) is not None:
        return number
    return value


def _unit(keys: dict[str, Any], topic: str) -> Unit:
    """A unit beside a single value, or the suffix of a key."""
    stated = spelled(keys.get("unit") or keys.get("unit_of_measurement") or keys.get("uom"))

    def unit(path: Path) -> str:
        if any("alarm" in step.lower() for step in path):
            return ""
        return stated if stated and path[-1].lower() in ("value", "val", "v") else unit_of(topic, path[-1])

    return unit


def _presence(keys: dict[str, Any]) -> Availability | None:
    """{"state": "online"}, {"status": "disconnected"}, {"online": true}."""
    if isinstance(online := keys.get("online", keys.get("connected")), bool):
        return Availability.ONLINE if online else Availability.OFFLINE
    word = next(
        (keys[name] for name in ("state", "status", "availability", "presence") if _is_name(keys.get(name))), ""
    )
    return declared(word)
