"""Glow's display of a British smart meter: glow/{MAC}/SENSOR/{electricitymeter|gasmeter}, glow/{MAC}/STATE."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, ParseError, Reason
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_quantity, spelled
from sites.reports import Report

_TOPIC = re.compile(r"^(?:.+/)?glow/(?P<display>[^/]+)/(?:SENSOR/(?:electricity|gas)meter|STATE)$")
_STATED_BY = {
    **dict.fromkeys(("cumulative", "day", "week", "month", "value"), "units"),
    "cumulativevol": "cumulativevolunits",
    **dict.fromkeys(("dayvol", "weekvol", "monthvol"), "dayweekmonthvolunits"),
}
"""Which key beside a number states its unit. The prices of `price` have none: they are in the contract's money."""


class Glow(Family):
    """A display is called by its MAC; what its meters say are its sensors."""

    name = "glow"
    patterns = ("glow/+/SENSOR/+", "glow/+/STATE")
    topics = _TOPIC

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["display"] if found else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        serial = self.sender(envelope.topic)
        if not serial:
            raise ParseError(Reason.UNKNOWN_FORM, "the topic is none of a Glow display")
        document = texts.objects(envelope)
        draft = Draft(serial, envelope, context, self.name)
        told = (document, *(part for part in document.values() if isinstance(part, dict)))
        draft.time = next((at for part in told if (at := moment(part.get("timestamp"), context.timezone))), None)
        draft.tree(document, lambda path: _unit(document, path), _is_left_out)
        return one(draft)


def _unit(document: Any, path: Path) -> str:
    if path[-1] not in _STATED_BY:
        return of_quantity(path[-1])
    for step in path[:-1]:
        document = document.get(step) if isinstance(document, dict) else None
    return spelled(document.get(_STATED_BY[path[-1]])) if isinstance(document, dict) else ""


def _is_left_out(path: Path) -> bool:
    return path[-1] == "timestamp" or path[-1].endswith("units") or not measures(path[-1], 0)
