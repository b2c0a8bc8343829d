"""Z-Wave JS UI: zwave/[{location}/]{node}/{class}/{endpoint}/{property}, as a value, with its time, or as a whole."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import spelled
from sites.reports import Availability, Report

_TOPIC = re.compile(
    r"^zwave/(?P<node>(?!_)[^/]+(?:/[^/]+){0,2}?)/"
    r"(?:(?P<place>\d+/\d+|[a-z_]+/endpoint_\d+)/(?P<property>.+)|(?P<said>status|lastActive|nodeinfo))$"
)
_STATUS = {
    **dict.fromkeys(("Alive", "Awake", "Asleep"), Availability.ONLINE),
    "Dead": Availability.OFFLINE,
}  # a node that sleeps is there: it wakes up by itself


class ZWaveJs(Family):
    """A node is called by its location and name, as its topics are; a sensor by its class, endpoint and property."""

    name = "zwave_js"
    patterns = ("zwave/_CLIENTS/#", "zwave/_EVENTS/#")
    topics = _TOPIC

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["node"] if found else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        found = _TOPIC.match(envelope.topic)
        if found is None or envelope.topic.endswith("/set") or not envelope.payload:
            raise Ignored("a command, or nothing is said")
        draft = Draft(found["node"], envelope, context, "zwave")
        said = texts.document(envelope) if texts.looks_like_json(envelope.payload) else None
        about: dict[str, Any] = said if isinstance(said, dict) else {"value": texts.word(envelope)}
        if found["said"]:
            word = str(about.get("status", about["value"] if "status" not in about and said is None else ""))
            return one(draft, _STATUS.get(word), status=word[:64] or None)
        draft.time = moment(about.get("time", about.get("lastUpdate")), context.timezone)
        value = about.get("value")
        number = texts.number(value) if isinstance(value, str) else None
        name = f"{found['place']}/{found['property']}"
        if measures(found["property"], 0):
            draft.add(name, value if number is None else number, spelled(about.get("unit")), path="")
        return one(draft)
