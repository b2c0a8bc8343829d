"""Teltonika routers: router/{serial}/{parameter}, plain values; temperatures are in tenths of a degree."""

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, named, one
from mqtt_app.parsers.measured import measures
from sites.reports import Report

_UNITS = {"signal": "dBm", "uptime": "s"}
_TEXTS = {"id", "imei", "imsi", "iccid", "serial", "name", "mac", "firmware"}


class Teltonika(Family):
    """router/id tells the serial; router/get and get/{serial}/command ask for values."""

    name = "teltonika"
    patterns = ("router/+", "router/+/+", "router/+/+/#", "get/+/command")

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        return levels[1] if len(levels) > 2 and levels[0] == "router" else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        text, serial = texts.word(envelope), self.sender(envelope.topic)
        if envelope.topic == "router/id" and text:
            return one(Draft(named(text), envelope, context, "router"))
        if serial is None or not text:
            raise Ignored("a request")
        draft, name = Draft(serial, envelope, context, "router"), envelope.topic.split("/", 2)[2]
        value = texts.number(text)
        if value is None or name in _TEXTS or not measures(name, value):
            draft.words[name] = text[:1_000]
        elif name == "temperature":
            draft.add(name, value / 10, "°C", path="")
        else:
            draft.add(name, value, _UNITS.get(name, ""), path="")
        return one(draft)
