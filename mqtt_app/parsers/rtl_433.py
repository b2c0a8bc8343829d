"""rtl_433: …/rtl_433/{host}/events as JSON, or …/{device}/{field}, a plain value each; the unit stands in the key."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.flat import Flat
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report

_TOPIC = re.compile(r"^(?:.+/)?rtl_433/(?:(?P<host>[^/]+)/(?P<what>events|states|devices)(?:/|$))?(?P<rest>.*)$")
_OWN = {"rssi": "dB", "snr": "dB", "noise": "dB", "humidity": "%", "moisture": "%", "battery_ok": ""}
_UNMEASURED = {"id", "channel", "subtype", "type", "mod", "protocol", "freq", "freq1", "freq2", "time", "sid", "unit",
               "seq", "sequence_num", "message_type", "rc", "EndpointID"}  # fmt: skip


class Rtl433(Flat):
    """A device is called by its model, channel and id, as the default topics have them."""

    name = "rtl_433"
    patterns = ()
    topics = re.compile(r"(?:^|/)rtl_433/")
    times = ("time",)
    units = _OWN
    unmeasured = _UNMEASURED

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["rest"].rpartition("/")[0] or None if found else None

    def serial(self, envelope: Envelope, document: dict[str, Any]) -> str:
        words = [str(document[key]) for key in ("model", "channel", "id") if isinstance(document.get(key), str | int)]
        return "/".join(words) or self.sender(envelope.topic) or "rtl_433"

    def parse(self, envelope: Envelope, context: Context) -> Report:
        found = _TOPIC.match(envelope.topic)
        if found and found["what"] == "states":
            return one(Draft(found["host"], envelope, context, "rtl_433"))
        if texts.looks_like_json(envelope.payload):
            return super().parse(envelope, context)
        device, _, field = (found["rest"] if found else "").rpartition("/")
        draft = Draft(device or "rtl_433", envelope, context, "rtl_433")
        text = texts.word(envelope)
        value = None if field in _UNMEASURED else texts.number(text)
        unit = _OWN[field] if field in _OWN else of_quantity(field)
        if field != "time":
            draft.add(field, text[:1_000] if value is None else value, unit, path="")
        draft.time = moment(text, context.timezone) if field == "time" else None
        return one(draft)
