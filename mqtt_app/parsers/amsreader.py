"""AMS reader, on any topic: one object of a Norwegian, Swedish or Dutch meter, its registers in short keys."""

from typing import Any

from mqtt_app.parsers.base import Envelope
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.flat import Flat

_MARKS = ((b'"data"', b'"up"', b'"vcc"'), (b'"P"', b'"PO"', b'"QO"'), (b'"tPI"', b'"tPO"'))
_PARTS = {"power", "energy", "realtime", "prices", "system"}


class Meter(Shape):
    """The reader's own id, and the meter's registers."""

    id: str | None = None
    name: str | None = None
    data: dict[str, Any] = {}


class AmsReader(Flat):
    """P and PO are power in and out, Q and QO reactive, I and U by phase, t… counters."""

    name = "amsreader"
    patterns = ("#",)
    shape = Meter
    times = ("t",)
    units = {
        **dict.fromkeys(("P", "PO", "P1", "P2", "P3", "PO1", "PO2", "PO3"), "W"),
        **dict.fromkeys(("Q", "QO"), "var"),
        **dict.fromkeys(("I1", "I2", "I3"), "A"),
        **dict.fromkeys(("U1", "U2", "U3"), "V"),
        **dict.fromkeys(("tPI", "tPO"), "kWh"),
        **dict.fromkeys(("tQI", "tQO"), "kvarh"),
        "vcc": "V", "rssi": "dBm", "temp": "°C", "up": "s",
    }  # fmt: skip
    unmeasured = {"id", "rtc", "ts"}

    def fits(self, payload: bytes) -> bool:
        head = payload[:1_024]
        return any(all(mark in head for mark in marks) for marks in _MARKS)

    def serial(self, envelope: Envelope, document: dict[str, Any]) -> str:
        """By its name, else by its topic without what tells the parts of a message apart."""
        base, _, part = envelope.topic.rpartition("/")
        return document.get("name") or document.get("id") or (base if base and part in _PARTS else envelope.topic)
