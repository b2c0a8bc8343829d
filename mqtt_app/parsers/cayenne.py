"""Cayenne: v1/{user}/things/{client}/data/{channel} holds type,unit=value."""

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, ParseError, Reason
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.units import spelled
from sites.reports import Report

_UNITS = {"c": "°C", "f": "°F", "k": "K", "p": "%", "hpa": "hPa", "pa": "Pa", "lux": "lx", "v": "V", "mv": "mV"}
_NO_UNITS = {"d", "null", "undefined"}


class Cayenne(Family):
    """A channel is a sensor; its type is kept beside it."""

    name = "cayenne"
    patterns = ("v1/+/things/+/#",)

    def sender(self, topic: str) -> str | None:
        return topic.split("/")[3]

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")[4:]
        if levels[:1] != ["data"] or not envelope.payload:
            raise Ignored("a command, or about the connection")
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "cayenne")
        channel = "/".join(levels[1:]) or "data"
        if texts.looks_like_json(envelope.payload):
            for entry in texts.document(envelope):
                _entry(draft, entry)
            return one(draft)
        kind, separated, said = texts.word(envelope).rpartition("=")
        axes = [texts.number(part) for part in said.split(",")]  # of an accelerometer, three
        if None in axes:
            raise ParseError(Reason.UNKNOWN_FORM, "type,unit=value is needed, with a number")
        name, _, unit = kind.partition(",")
        draft.add(channel, axes, _unit(unit) if separated else "", path="")
        if name:
            draft.words[f"{channel}.type"] = name[:128]
        return one(draft)


def _unit(unit: str) -> str:
    return "" if unit.lower() in _NO_UNITS else _UNITS.get(unit.lower()) or spelled(unit)


def _entry(draft: Draft, entry: object) -> None:
    """One channel of data.json, a list of {channel, value, type, unit}."""
    if not isinstance(entry, dict) or "channel" not in entry:
        raise ParseError(Reason.SCHEMA, "a list of objects with a channel and a value is needed")
    draft.add(str(entry["channel"]), entry.get("value"), _unit(str(entry.get("unit") or "")))
