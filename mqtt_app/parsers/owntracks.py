"""OwnTracks: owntracks/{user}/{device}, where a phone is; below it what happened there, and settings."""

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.times import moment
from sites.reports import Availability, Report

_UNITS = {"lat": "°", "lon": "°", "acc": "m", "vac": "m", "alt": "m", "batt": "%", "vel": "km/h", "cog": "°",
          "p": "kPa", "dist": "m", "rad": "m"}  # fmt: skip
_WORDS = ("event", "desc", "conn", "t", "tid")
_HEARD = ("location", "transition", "steps")


class OwnTracks(Family):
    """A device is called by its user and its own name. The time is that of the fix, `tst`; `lwt` is a last will."""

    name = "owntracks"
    patterns = ("owntracks/+/+", "owntracks/+/+/+")

    def sender(self, topic: str) -> str | None:
        return "/".join(topic.split("/")[1:3])

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if envelope.topic.endswith("/cmd") or not envelope.payload:
            raise Ignored("a command, or nothing is said")
        found = texts.objects(envelope)
        kind = found.get("_type")
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "owntracks")
        if kind == "lwt":
            return one(draft, Availability.OFFLINE)
        if kind in _HEARD:
            draft.time = moment(found.get("tst"), context.timezone)
            for name, unit in _UNITS.items():
                draft.add(name, None if isinstance(found.get(name), str) else found.get(name), unit)
            draft.words |= {name: found[name] for name in _WORDS if isinstance(found.get(name), str)}
        return one(draft, alive=kind in _HEARD)
