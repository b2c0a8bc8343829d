"""Ruuvi gateway: ruuvi/{gateway}/{tag}, what a tag measured, and ruuvi/{gateway}/gw_status, whether it is there."""

from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.flat import Flat
from mqtt_app.parsers.names import declared
from sites.reports import Report


class Ruuvi(Flat):
    """The time is that of the tag's broadcast; a gateway without a clock sends a counter instead. Pressure is in Pa."""

    name = "ruuvi"
    patterns = ("ruuvi/+/+",)
    times = ("ts", "gwts")
    units = {
        "temperature": "°C", "humidity": "%", "pressure": "Pa", "voltage": "V", "rssi": "dBm", "txPower": "dBm",
        "accelX": "g", "accelY": "g", "accelZ": "g", "CO2": "ppm", "PM2.5": "µg/m³", "luminosity": "lx",
    }  # fmt: skip
    unmeasured = {"gw_mac", "data", "dataFormat", "coords", "aoa", "cnt", "measurementSequenceNumber", "id"}

    def sender(self, topic: str) -> str | None:
        return topic.split("/")[2]

    def gateway(self, envelope: Envelope) -> str | None:
        return envelope.topic.split("/")[1]

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if not envelope.topic.endswith("/gw_status"):
            return super().parse(envelope, context)
        state: Any = texts.objects(envelope) if texts.looks_like_json(envelope.payload) else {}
        word = str(state.get("state", "")) or texts.word(envelope)
        draft = Draft(self.gateway(envelope) or "", envelope, context, "ruuvi")
        return one(draft, declared(word), status=word[:128])
