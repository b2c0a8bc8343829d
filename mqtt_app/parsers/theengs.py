"""OpenMQTTGateway and Theengs gateway: {base}/{gateway}/{what}toMQTT/{id}, decoded radio devices of any kind."""

import re
from typing import Any

from mqtt_app.parsers.base import Envelope
from mqtt_app.parsers.draft import Path
from mqtt_app.parsers.flat import Flat

_TOPIC = re.compile(r"^(?:[^/]+/)*(?P<gateway>[^/]+)/(?P<radio>[A-Za-z0-9_]+)toMQTT(?:/(?P<id>.+))?$")


class Theengs(Flat):
    """The radio device is called by its id; of the gateway itself SYStoMQTT tells."""

    name = "theengs"
    patterns = ()
    topics = _TOPIC
    units = {
        "tempc": "°C", "tempf": "°F", "temp": "°C", "hum": "%", "batt": "%", "volt": "V", "lux": "lx", "lum": "lx",
        "pres": "hPa", "moi": "%", "fer": "µS/cm", "co2": "ppm", "rssi": "dBm", "distance": "m", "weight": "kg",
        "power": "W", "energy": "kWh", "current": "A", "uptime": "s", "pa": "Pa", "altim": "m",
    }  # fmt: skip
    unmeasured = {"mac_type", "id", "channel", "mod", "protocol", "length", "value", "raw", "delay", "freemem", "mode",
                  "duration"}  # fmt: skip

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return (found["id"] or found["gateway"]) if found else None

    def serial(self, envelope: Envelope, document: dict[str, Any]) -> str:
        found = _TOPIC.match(envelope.topic)
        if found and found["radio"] == "SYS":
            return found["gateway"]
        named = document.get("id", document.get("mac"))
        if isinstance(document.get("model"), str) and isinstance(named, int):  # as rtl_433 calls it
            return "/".join(str(document[key]) for key in ("model", "channel", "id") if key in document)
        return named if isinstance(named, str) and named else self.sender(envelope.topic) or ""

    def gateway(self, envelope: Envelope) -> str | None:
        found = _TOPIC.match(envelope.topic)
        return found["gateway"] if found else None

    def is_left_out(self, path: Path) -> bool:
        """A temperature is taken once, in °C."""
        return super().is_left_out(path) or (path[-1].startswith("temp") and path[-1].endswith("f"))
