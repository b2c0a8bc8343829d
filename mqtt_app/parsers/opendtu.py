"""OpenDTU: {base}/{serial of the inverter}/{channel}/{field}, {base}/dtu/…, and sums in {base}/ac and {base}/dc."""

import re

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report

_TOPIC = re.compile(r"^(?P<base>.+?)/(?P<device>\d{12}|dtu|ac|dc)/(?P<field>.+)$")
_OURS = re.compile(
    r"^.+?/\d{12}/(?:\d|status|device|cmd|name|radio)(?:/|$)|/dtu/(?:status|ip|hostname|rssi|bssid|uptime|heap)"
)
_UNITS = {
    "power": "W", "powerdc": "W", "powertotal": "W", "power1": "W", "power2": "W", "power3": "W", "PPV": "W", "P": "W",
    "voltage": "V", "current": "A", "yieldday": "Wh", "yieldtotal": "kWh",
    "frequency": "Hz", "temperature": "°C", "reactivepower": "var", "efficiency": "%", "irradiation": "%",
    "limit_relative": "%", "limit_absolute": "W", "rssi": "dBm", "uptime": "s",
}  # fmt: skip
_UNMEASURED = {"last_update", "bootloaderversion", "fwbuildversion", "hwpartnumber", "hwversion", "fwbuilddatetime"}


class OpenDtu(Family):
    """An inverter is called by its serial number, the DTU and its sums by the base topic."""

    name = "opendtu"
    patterns = ("solar/+/+", "solar/+/+/#")
    topics = _OURS

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return _device(found) if found else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if "/cmd/" in envelope.topic:
            raise Ignored("a command")
        if not envelope.payload:
            raise Ignored("nothing is said")
        found = _TOPIC.match(envelope.topic)
        base, group, field = envelope.topic.split("/", 2)
        device, field = (_device(found), found["field"]) if found else (f"{base}/{group}", field)
        draft, text = Draft(device, envelope, context, "opendtu"), texts.word(envelope)
        if field == "status/reachable" or envelope.topic.endswith("dtu/status"):
            return one(draft, declared(text, flags=True))
        last, value = field.rpartition("/")[2], texts.number(text)
        if value is None or last in _UNMEASURED:
            draft.words[field] = text[:1_000]
        else:
            draft.add(field, value, _UNITS.get(last) or of_quantity(last), path="")
        return one(draft)


def _device(found: re.Match[str]) -> str:
    if found["device"].isdigit():
        return found["device"]
    return f"{found['base']}/dtu" if found["device"] == "dtu" else found["base"]
