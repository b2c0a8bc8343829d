"""wmbusmeters, on any topic: one telegram of a meter, with the unit at the end of each key."""

from typing import Any

from mqtt_app.parsers.base import Envelope
from mqtt_app.parsers.fields import Identifier, Shape
from mqtt_app.parsers.flat import Flat


class Telegram(Shape):
    """The meter: its name as people gave it, and its number, which may begin with zeros."""

    name: str = ""
    id: Identifier
    meter: str


class WmBusMeters(Flat):
    """A meter is called by its name, else by its number."""

    name = "wmbusmeters"
    patterns = ("#",)
    shape = Telegram
    times = ("timestamp", "device_date_time")
    units = {"current_month": "", "rssi_dbm": "dBm"}
    unmeasured = {"id", "access_number", "prefix"}

    def fits(self, payload: bytes) -> bool:
        head = payload[:4_096]
        return b'"meter"' in head and b'"id"' in head and (b'"media"' in head or b'"_"' in head)

    def serial(self, envelope: Envelope, document: dict[str, Any]) -> str:  # noqa: ARG002
        return document.get("name") or str(document["id"])
