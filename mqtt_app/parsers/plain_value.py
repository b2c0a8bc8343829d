"""One value per topic: a number, a word, a time, or nothing. The fallback, for what no family knows."""

import re

from mqtt_app.parsers import announced, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, ParseError, Reason, Taught, Unrecognised
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.placing import place, unit_of
from mqtt_app.parsers.units import spelled
from sites.reports import Availability, Report

LONGEST = 1_024  # bytes of a plain value; more is a document
COMMANDS = frozenset({"cmd", "cmnd", "command", "commands"})
FLAGS = frozenset({"online", "connected", "available", "availability", "alive", "reachable", "lwt"})
"""Last levels that make presence of true, false, 1 and 0."""

_SMARTHOME = re.compile(r"[^/]+/connected")
"""mqtt-smarthome: 0 is away, 1 on the broker but without its hardware, 2 with both."""

_PRESENCE = re.compile(
    r"(?:.*[_/-])?(?:status|state|availability|available|online|lwt|connected|connection|alive|device)"
)


_OF_A_VALUE = {"available", "unavailable"}
"""Words that say of a value whether it is known, as Home Assistant's statestream has them."""

_MEASURED = re.compile(
    r"([+-]?\d[\d.,]*)(?: ?(°C|°F|%)"
    r"| (C|F|k?Wh|k?W|m?V|m?A|Hz|VA|var|bar|hPa|Pa|dBm|lx|lux|ppm|mm|cm|m³|m3|l/min|km/h|m/s))"
)
"""A number with its unit, as openHAB publishes it. Without a blank between them it may be a name: 230V."""

_BROKEN = re.compile(r'["{]*"[^"\\]{1,128}"\s*:')  # a JSON object that lost its first brace


class PlainValue(Family):
    """Which levels are the device is said by the topic's template, by a known form, or else: the first one."""

    name = "plain_value"
    version = "3"
    patterns = ("#",)
    is_last = True

    def fits(self, payload: bytes) -> bool:
        return len(payload) <= LONGEST and b"\0" not in payload

    def parse(self, envelope: Envelope, context: Context) -> Report:
        last = envelope.topic.rpartition("/")[2].lower()
        if not envelope.payload or is_command(envelope.topic):
            raise Ignored("nothing is said, or it is a command")
        try:
            text = texts.word(envelope)
        except ParseError as error:
            raise Unrecognised from error
        if not text:
            raise Ignored("nothing is said")
        if known := announced.state(envelope, context, text):
            return known
        if about := unit_of(envelope.topic):
            return Taught(lessons=(Lesson(about, {"units": {"": spelled(_unquoted(text))}}),))
        return self._value(envelope, context, text, last)

    def _value(self, envelope: Envelope, context: Context, text: str, last: str) -> Report:
        where = place(envelope.topic, context.template)
        availability = declared(text, flags=last in FLAGS)
        if text == "2" and _SMARTHOME.fullmatch(envelope.topic):
            availability = Availability.ONLINE
        if availability and not context.template and not _PRESENCE.fullmatch(last):
            if text.lower() in _OF_A_VALUE:
                availability = None
            else:
                where = where._replace(device=envelope.topic.rpartition("/")[2])  # client/{device}: offline
        text = _unquoted(text)
        value = texts.localised(text)
        if value is None and (measured := _MEASURED.fullmatch(text)):
            value, where = texts.localised(measured[1]), where._replace(unit=spelled(measured[2] or measured[3]))
        if _BROKEN.match(text):
            raise ParseError(Reason.JSON_INVALID, "no JSON object: it does not begin with {")
        if value is None and not availability and (not text.isprintable() or "/" not in envelope.topic.strip("/")):
            raise Unrecognised
        draft = Draft(where.device, envelope, context)
        if availability:
            draft.words["status"] = text[:128]
        else:
            is_number = value is not None and measures(where.sensor.rpartition("/")[2], value)
            draft.add(where.sensor, value if is_number else text, where.unit, path="")
        return one(draft, availability)


def _unquoted(text: str) -> str:
    """What a JSON text holds: Home Assistant's statestream writes words so."""
    return found if text[:1] == '"' and isinstance(found := texts.loose(text), str) else text


def is_command(topic: str) -> bool:
    """Whether a topic asks somebody to do something: …/set, openWB/set/…, …/rpc, and what stands below a command.

    Neuron answers who asked (…/read/resp) by the number of the request, and says of no node that it answers for it.
    """
    levels = topic.lower().split("/")
    if levels[-1] == "resp" and levels[-2:-1] in (["read"], ["write"]):
        return True
    return levels[-1] in ("set", "request", "req", "rpc") or levels[1:2] == ["set"] or not COMMANDS.isdisjoint(levels)
