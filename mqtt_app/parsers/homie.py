"""Homie 3 to 5: {root}/{device}/{node}/{property}, and what it is in …/$attributes beside it."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, Taught
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.units import of_quantity, spelled
from sites.reports import Availability, Report

STATES = {
    "ready": Availability.ONLINE,
    "alert": Availability.ONLINE,  # something is wrong, but it is there to say so
    "disconnected": Availability.OFFLINE,
    "lost": Availability.OFFLINE,
}
NO_NUMBERS = ("string", "enum", "boolean", "color", "datetime", "duration", "json")
MOST_PROPERTIES = 1_000


class Homie(Family):
    """The root is homie, or whatever stands before a device with $attributes."""

    name = "homie"
    patterns = ("homie/#",)
    topics = re.compile(r"^[^/]+/[^/]+(?:/[^/]+){0,2}/\$[a-z]")

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        root = 2 if topic.startswith("homie/5/") else 1
        return levels[root] if len(levels) > root else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")
        if levels[-1] == "set" or "$broadcast" in levels or levels[-1] == "$target":
            raise Ignored("a command")
        device = self.sender(envelope.topic) or ""
        draft = Draft(device, envelope, context, "homie")
        attribute = next((level for level in levels if level.startswith("$")), None)
        if attribute:
            return _attribute(draft, attribute, envelope)
        if not envelope.payload:
            raise Ignored("nothing is said")
        name = "/".join(levels[levels.index(device) + 1 :]) or device
        text, datatype = texts.word(envelope), _datatype(envelope, context)
        value = None if datatype in NO_NUMBERS else texts.number(text)
        draft.add(name, text[:1_000] if value is None else value, of_quantity(levels[-1]), path="")
        return one(draft)


def _datatype(envelope: Envelope, context: Context) -> str:
    return next((body["datatype"] for body in context.known.about(envelope.topic) if body.get("datatype")), "")


def _attribute(draft: Draft, attribute: str, envelope: Envelope) -> Report:
    """What the device, a node or a property is; of properties, units and datatypes are taught."""
    about = envelope.topic.partition("/$")[0]
    if attribute == "$description":
        found = texts.objects(envelope) if envelope.payload else {}
        return _taught(draft, _described(about, found)[:MOST_PROPERTIES])
    text = texts.word(envelope)[:128]
    if attribute == "$state":
        return one(draft, STATES.get(text), alive=text in STATES, homie=text)
    if attribute == "$online":  # version 2
        return one(draft, declared(text, flags=True))
    if attribute == "$unit":
        return _taught(draft, [Lesson(about, {"units": {"": spelled(text)}})] if text else [])
    if attribute == "$datatype":
        return _taught(draft, [Lesson(about, {"datatype": text})] if text else [])
    if about.endswith(f"/{draft.serial}") and text:
        draft.words[attribute] = text
    return one(draft, alive=False)


def _taught(draft: Draft, lessons: list[Lesson]) -> Report:
    return Taught(dataloggers=(draft.report(alive=False),), lessons=tuple(lessons))


def _described(about: str, description: dict[str, Any]) -> list[Lesson]:
    """The lessons of a device's $description, which version 5 has in place of attributes."""
    lessons = []
    for node, found in _objects(description.get("nodes")):
        for name, said in _objects(found.get("properties")):
            unit, datatype = said.get("unit"), said.get("datatype")
            body = {"datatype": str(datatype or "")[:32], "units": {"": spelled(unit)} if unit else {}}
            lessons.append(Lesson(f"{about}/{node}/{name}", body))
    return lessons


def _objects(found: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(key, value) for key, value in found.items() if isinstance(value, dict)] if isinstance(found, dict) else []
