"""One value per topic: a number, a word, a time, or nothing. The fallback, for what no family knows."""

import re

from mqtt_app.parsers import announced, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, ParseError, Taught, Unrecognised
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.units import spelled
from sites.reports import Report

LONGEST = 1_024  # bytes of a plain value; more is a document
COMMANDS = frozenset({"set", "cmd", "cmnd", "command", "request", "rpc"})
FLAGS = frozenset({"online", "connected", "available", "availability", "alive", "reachable", "lwt"})
"""Last levels that make presence of true, false, 1 and 0."""

_PRESENCE = re.compile(r"(?:.*[_/-])?(?:status|state|availability|available|online|lwt|connected|connection|alive)")


class PlainValue(Family):
    """Which levels are the device is said by the topic's template, by a known form, or else: the first one."""

    name = "plain_value"
    patterns = ("#",)
    is_last = True

    def fits(self, payload: bytes) -> bool:
        return len(payload) <= LONGEST and b"\0" not in payload

    def parse(self, envelope: Envelope, context: Context) -> Report:
        last = envelope.topic.rpartition("/")[2].lower()
        if not envelope.payload or last in COMMANDS:
            raise Ignored("nothing is said, or it is a command")
        try:
            text = texts.word(envelope)
        except ParseError as error:
            raise Unrecognised from error
        if known := announced.state(envelope, context, text):
            return known
        where = place(envelope.topic, context.template)
        if where.is_unit:
            lesson = Lesson(f"{envelope.topic.removesuffix('unit')}value", {"units": {"": spelled(text)}})
            return Taught(lessons=(lesson,))
        return self._value(envelope, context, text, last)

    def _value(self, envelope: Envelope, context: Context, text: str, last: str) -> Report:
        where = place(envelope.topic, context.template)
        availability = declared(text, flags=last in FLAGS)
        if availability and not context.template and not _PRESENCE.fullmatch(last):
            where = where._replace(device=envelope.topic.rpartition("/")[2])  # client/{device}: offline
        value = texts.number(text)
        if value is None and not availability and (not text.isprintable() or "/" not in envelope.topic.strip("/")):
            raise Unrecognised
        draft = Draft(where.device, envelope, context)
        if availability:
            draft.words["status"] = text[:128]
        else:
            draft.add(where.sensor, text if value is None else value, where.unit, path="")
        return one(draft, availability)
