"""R-map: {root}/{user}/{network}/{place}/{time range}/{level}/{BUFR variable} holds {"v", "t"}."""

import re
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.times import moment
from sites.reports import Availability, Report

_TOPIC = re.compile(r"^(?P<station>.+)/(?P<variable>[^/]*,[^/]*,[^/]*/[^/]*,[^/]*/B\d{5})$")
UTC = ZoneInfo("UTC")
_CONSTAT = {"conn": Availability.ONLINE, "disconn": Availability.OFFLINE, "error01": Availability.OFFLINE}
"""What B01213 says of a station: it came, it went, its connection was lost."""


class Datum(Shape):
    """One datum: the coded value of its variable, and when it was observed."""

    v: JsonValue = None
    t: JsonValue = None


class RMap(Family):
    """A variable's value stays as it is coded; tables outside the message say its unit and scale."""

    name = "rmap"
    patterns = ()
    topics = _TOPIC

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["station"] if found else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if not envelope.payload:
            raise Ignored("nothing is said")
        found = _TOPIC.match(envelope.topic)
        station, variable = (found["station"], found["variable"]) if found else (envelope.topic, "value")
        datum = texts.shaped(Datum, texts.objects(envelope), context)
        draft = Draft(station, envelope, context, "rmap")
        draft.time = moment(datum.t, UTC)  # whatever the site is: the format has no other
        if variable.endswith("/B01213") and isinstance(datum.v, str):
            return one(draft, _CONSTAT.get(datum.v), constat=datum.v[:128])
        draft.add(variable, datum.v, path="v")
        return one(draft)
