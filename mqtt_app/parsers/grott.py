"""grott: energy/growatt holds {device, time, values}; the values are register contents, most of them in tenths."""

from pydantic import JsonValue

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.fields import Identifier, Shape
from mqtt_app.parsers.times import moment
from sites.reports import Report

_ENDINGS = (  # of a register's name, what divides its content, and its unit
    (("voltage",), 10, "V"),
    (("current",), 10, "A"),
    (("frequentie", "frequency"), 100, "Hz"),
    (("temperature",), 10, "°C"),
    (("today", "total"), 10, "kWh"),
    (("watt", "powerin", "powerout", "gridpower"), 10, "W"),
)
_POWERS = ("pto", "pac", "plocal", "pch", "pdis")  # of storage; in W, also those that are called total
_UNMEASURED = ("serial", "date", "fault", "warning", "bits", "code")


class Message(Shape):
    """One record of the logger; `time` is local. Records that were buffered come later, with their own time."""

    device: Identifier
    time: JsonValue = None
    buffered: str = ""
    values: dict[str, JsonValue]


class Grott(Family):
    """A register that is not known keeps its raw content and has no unit."""

    name = "grott"
    patterns = ("energy/growatt", "energy/growatt/#")

    def parse(self, envelope: Envelope, context: Context) -> Report:
        message = texts.shaped(Message, texts.objects(envelope), context)
        draft = Draft(message.device, envelope, context, "growatt")
        draft.time = moment(message.time, context.timezone)
        for name, raw in message.values.items():
            if not any(word in name for word in _UNMEASURED):
                _take(draft, name, raw)
        return one(draft, alive=message.buffered.lower() != "yes")


def _take(draft: Draft, name: str, raw: JsonValue) -> None:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and (scale := _scale(name)):
        draft.add(name, raw / scale[0], scale[1])
    else:
        draft.add(name, raw)


def _scale(name: str) -> tuple[int, str] | None:
    """What divides a register's content, and its unit; None where neither is known."""
    if name.startswith("tot"):
        return None
    if name.startswith(("epv", "eac", "edis", "ech")):
        return 10, "kWh"
    if name.startswith(_POWERS):
        return 10, "W"
    return next(((parts, unit) for endings, parts, unit in _ENDINGS if name.endswith(endings)), None)
