"""ThingsBoard: v1/gateway/{telemetry,attributes,connect,disconnect} for many devices, v1/devices/me/… for one."""

from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, ParseError, Reason
from mqtt_app.parsers.draft import Draft, several
from mqtt_app.parsers.fields import Identifier, Shape
from mqtt_app.parsers.times import since_epoch
from mqtt_app.parsers.units import of_name
from sites.reports import Availability, DataloggerReport, Report

MOST_DEVICES, MOST_ROWS = 200, 1_000  # of one message

Row = tuple[Any, dict[str, Any]]


class Presence(Shape):
    """Who connected to the gateway or left it."""

    device: Identifier
    type: str = ""


class ThingsBoard(Family):
    """A device that speaks for itself names itself nowhere: it is called by the site and its topic."""

    name = "thingsboard"
    patterns = ("v1/gateway/+", "v1/gateway/#", "v1/devices/me/#")

    def parse(self, envelope: Envelope, context: Context) -> Report:
        what = envelope.topic.removeprefix("v1/").partition("/")[2]
        if what in ("connect", "disconnect"):
            return _presence(what, envelope, context)
        kind = what.removeprefix("me/")
        if kind not in ("telemetry", "attributes"):
            raise Ignored("a request, or the answer to one")
        if what.startswith("me/"):
            name = f"{context.site_slug}/v1/devices/me"
            return several([_device(name, kind, texts.document(envelope), envelope, context)])
        found = list(texts.objects(envelope).items())[:MOST_DEVICES]
        return several([_device(name, kind, said, envelope, context) for name, said in found])


def _presence(what: str, envelope: Envelope, context: Context) -> Report:
    said = texts.shaped(Presence, texts.objects(envelope), context)
    availability = Availability.ONLINE if what == "connect" else Availability.OFFLINE
    draft = Draft(said.device, envelope, context, said.type)
    return several([(draft, draft.report(availability))])


def _device(name: str, kind: str, said: Any, envelope: Envelope, context: Context) -> tuple[Draft, DataloggerReport]:
    draft = Draft(name, envelope, context)
    if kind == "attributes":
        draft.words |= said if isinstance(said, dict) else {}
        return draft, draft.report()
    for ts, values in rows(said)[:MOST_ROWS]:
        draft.time = since_epoch(ts, 1_000) if isinstance(ts, int | float) else None
        draft.tree(values, lambda path: of_name(path[-1]), lambda path: path == ("ts",), spelt=True)
    return draft, draft.report()


def rows(said: Any) -> list[Row]:
    """The values of one device with their times: {…}, {"ts", "values"}, or a list of either. Raises ParseError."""
    found: list[Row] = []
    for entry in said if isinstance(said, list) else [said]:
        if not isinstance(entry, dict):
            raise ParseError(Reason.SCHEMA, "Input should be an object, or a list of them")
        values = entry.get("values")
        found.append((entry.get("ts"), values) if isinstance(values, dict) else (None, entry))
    return found
