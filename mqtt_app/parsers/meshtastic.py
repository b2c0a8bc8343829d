"""Meshtastic JSON: msh/{region}/2/json/{channel}/{gateway}, what a gateway of the mesh heard from one of its nodes."""

import re
from typing import Any

from pydantic import Field

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report

_UNITS = {"battery_level": "%", "air_util_tx": "%", "channel_utilization": "%", "barometric_pressure": "hPa",
          "altitude": "m", "iaq": "", "uptime_seconds": "s", "ground_track": ""}  # fmt: skip
_DEGREES = {"latitude_i": "latitude", "longitude_i": "longitude"}  # in 10⁻⁷ degrees
POWERED = 100  # percent of a battery; more stands for a node on the mains


class Packet(Shape):
    """One packet: from whom, of which kind, and what it holds. Node numbers are printed as ! and eight hex digits."""

    origin: int = Field(validation_alias="from", ge=0, lt=2**32)
    type: str = ""
    timestamp: int | None = None
    payload: Any = None
    rssi: float | None = None
    snr: float | None = None


class Meshtastic(Family):
    """The node is the device, the one that passed it on its gateway; texts and names are kept as words."""

    name = "meshtastic"
    patterns = ()
    topics = re.compile(r"^msh/(?:[^/]+/)*\d/json/")

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if envelope.topic.endswith("/mqtt") or not envelope.payload:
            raise Ignored("a message for the mesh, or nothing is said")
        packet = texts.shaped(Packet, texts.objects(envelope), context)
        draft = Draft(f"!{packet.origin:08x}", envelope, context, "meshtastic")
        draft.time = moment(packet.timestamp, context.timezone)
        said = packet.payload if isinstance(packet.payload, dict) else {}
        for name, scaled in _DEGREES.items():
            value = said.get(name)
            draft.add(scaled, value / 1e7 if isinstance(value, int) else None, "°")
        if isinstance(level := said.get("battery_level"), int | float) and level > POWERED:
            said = said | {"battery_level": None, "powered": True}
        draft.tree(said, _unit, _is_left_out)
        draft.add("rssi", packet.rssi, "dBm")
        draft.add("snr", packet.snr, "dB")
        return one(draft, gateway=envelope.topic.rpartition("/")[2], type=packet.type[:64] or None)


def _unit(path: Path) -> str:
    return _UNITS[path[-1]] if path[-1] in _UNITS else of_quantity(path[-1])


def _is_left_out(path: Path) -> bool:
    return path[-1] in _DEGREES or path[-1] in ("time", "node_id", "last_sent_by_id") or not measures(path[-1], 0)
