"""Shelly of the first generation: shellies/{id}/{component}/{n}/{field}, one plain value each."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.names import declared
from sites.reports import Report

_UNITS = {
    "power": "W", "reactive_power": "var", "voltage": "V", "current": "A", "total": "Wh", "total_returned": "Wh",
    "temperature": "°C", "ext_temperature": "°C", "temperature_f": "°F", "humidity": "%", "ext_humidity": "%",
    "battery": "%", "bat": "%", "lux": "lx", "energy": "Wmin", "returned_energy": "Wmin", "pos": "%",
    "tC": "°C", "adc": "V",
}  # fmt: skip
_VALUES = {"bat": "%"}  # objects whose `value` has a unit; that of a temperature is the one that its `units` chose
_STATUS = re.compile(
    r"(?:em)?eters?\.\d+\.|relays\.\d+\.|tmp\.tC$|bat\.value$|thermostats\.\d+\.(?:pos|(?:tmp|target_t)\.value)$|(?:ext_)?(?:temperature|humidity)|voltage$"
)
_UNMEASURED = {"timestamp", "id", "counters", "overpower", "tF", "event_cnt", "timer_started", "timer_duration",
               "timer_remaining", "transition"}  # fmt: skip


class ShellyGen1(Family):
    """A device is called by its id; what it publishes as JSON is a summary of the same values."""

    name = "shelly_gen1"
    patterns = ("shellies/#",)

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        return levels[1] if len(levels) > 2 else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")[1:]
        if not levels:  # shellies/# holds shellies, too [MQTT-4.7.1-2]
            raise Unrecognised
        if levels[-1] in ("command", "set") or levels == ["command"]:
            raise Ignored("a command")
        if not envelope.payload:
            raise Ignored("nothing is said")
        if levels == ["announce"] or levels[-1] in ("announce", "info"):
            return self._about(envelope, context, levels)
        draft = Draft(levels[0], envelope, context, "shelly")
        field = "/".join(levels[1:]) or "value"
        if texts.looks_like_json(envelope.payload):
            draft.tree(texts.document(envelope), _unit, lambda path: path[-1] in _UNMEASURED, (field,))
            return one(draft)
        text = texts.word(envelope)
        if field == "online":
            return one(draft, declared(text, flags=True))
        value = texts.number(text)
        draft.add(field, text[:1_000] if value is None else value, _unit(tuple(levels[1:] or [field])), path="")
        return one(draft)

    def _about(self, envelope: Envelope, context: Context, levels: list[str]) -> Report:
        document = texts.document(envelope)
        found: dict[str, Any] = document if isinstance(document, dict) else {}
        named = found.get("id") if levels == ["announce"] else levels[0]
        draft = Draft(str(named or ""), envelope, context, "shelly")
        about = {key: found[key] for key in ("mac", "ip", "model") if isinstance(found.get(key), str)}
        if levels[-1] == "info":
            kept = {key: value for key, value in found.items() if isinstance(value, dict | list | int | float)}
            draft.tree(kept, _unit, lambda path: path[-1] in _UNMEASURED or not _STATUS.match(".".join(path)))
        firmware = found.get("fw_ver") or found.get("fw") or ""
        return one(draft, firmware=str(firmware), **about)


def _unit(path: Path) -> str:
    """By the field; ext_temperature/0 is that of its parent."""
    name = path[-2] if len(path) > 1 and path[-1].isdigit() else path[-1]
    if name == "value" and len(path) > 1:
        return _VALUES.get(path[-2], "")
    return _UNITS.get(name, "")
