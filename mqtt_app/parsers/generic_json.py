"""JSON that no family knows: every number by its dotted path, its time and sender wherever senders usually put them."""

import re
from itertools import islice
from typing import Any

from mqtt_app.parsers import announced, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import Draft, Path, Unit, leaves, one
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.placing import unit as unit_of
from mqtt_app.parsers.plain_value import COMMANDS
from mqtt_app.parsers.times import EARLIEST_EPOCH, moment
from mqtt_app.parsers.units import spelled
from sites.reports import Availability, Report

_TIMES = ("timestamp", "ts", "time", "datetime", "date", "_ts", "t", "utc", "time_utc", "created_at", "updated_at")
_NAMES = ("serial_number", "serialnumber", "serial", "sn", "device_id", "deviceid", "device", "dev_id", "mac", "id")
_UNMEASURED = frozenset((
    "id", "ids", "uid", "uuid", "guid", "eui", "mac", "imei", "iccid", "imsi", "serial", "sn", "serialnumber", "ts",
    "timestamp", "datetime", "date", "epoch", "unixtime", "utc", "version", "fw", "firmware", "hw", "hardware", "rev",
    "revision", "model", "code", "error", "errors", "errno", "fault", "port", "address", "addr", "ip", "pid", "seq",
    "sequence", "nonce", "crc", "checksum", "token",
))  # fmt: skip
"""Last words of a key whose number names or counts something, but measures nothing."""

_TIMELIKE = frozenset(["time", "updated", "seen", "since", "start", "end", "last", "first", "at"])
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
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
        last = envelope.topic.rpartition("/")[2].lower()
        if last in COMMANDS or last == "get":
            raise Ignored("a command")
        document = texts.document(envelope)
        if known := announced.state(envelope, context, document):
            return known
        first = islice(document.items(), 1_000) if isinstance(document, dict) else ()
        keys = {key.lower(): value for key, value in first}
        serial = next((keys[name] for name in _NAMES if _is_name(keys.get(name))), "")
        where = place(envelope.topic, context.template)
        draft = Draft(serial or where.device, envelope, context)
        draft.time = next((found for name in _TIMES if (found := moment(keys.get(name), context.timezone))), None)
        prefix = () if serial or where.device == where.sensor else _levels(where.sensor)
        unit = _unit(keys, envelope.topic)
        for path, found in draft.bounded(leaves(document, prefix)):
            value = _number(found)
            if not is_unmeasured(path) and not _is_epoch(path[-1], value):
                draft.add(".".join(path), value, unit(path))
        availability = _presence(keys)
        if draft.is_empty and not availability:
            raise Unrecognised
        return one(draft, availability)


def is_unmeasured(path: Path) -> bool:
    """Whether a key's name says that its number is an identifier, a time, an error or the like."""
    words = [word.lower() for word in _WORDS.findall(path[-1])]
    return bool(words) and (words[-1] in _UNMEASURED or words[0] == "serial")


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


def _is_epoch(key: str, value: Any) -> bool:
    words = [word.lower() for word in _WORDS.findall(key)]
    is_large = isinstance(value, int | float) and value >= EARLIEST_EPOCH
    return is_large and bool(words) and words[-1] in _TIMELIKE


def _unit(keys: dict[str, Any], topic: str) -> Unit:
    """A unit beside a single value, or the suffix of a key."""
    stated = spelled(keys.get("unit") or keys.get("unit_of_measurement") or keys.get("uom"))

    def unit(path: Path) -> str:
        return stated if stated and path[-1].lower() in ("value", "val", "v") else unit_of(topic, path[-1])

    return unit


def _presence(keys: dict[str, Any]) -> Availability | None:
    """{"state": "online"}, {"status": "disconnected"}, {"online": true}; R-map's {"v": "conn"} and its like."""
    if isinstance(online := keys.get("online", keys.get("connected")), bool):
        return Availability.ONLINE if online else Availability.OFFLINE
    word = next(
        (keys[name] for name in ("state", "status", "availability", "presence") if _is_name(keys.get(name))), ""
    )
    constat = {"conn": Availability.ONLINE, "disconn": Availability.OFFLINE, "error01": Availability.OFFLINE}
    value = keys.get("v")
    return declared(word) or (constat.get(value) if isinstance(value, str) else None)
