"""Victron Venus: N/{portal}/{service}/{instance}/{D-Bus path} holds {"value": …}; R/ and W/ are requests."""

from pydantic import JsonValue

from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, ParseError, Reason
from mqtt_app.parsers.documents import Document
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.times import EARLIEST_EPOCH
from mqtt_app.parsers.units import of_quantity
from mqtt_app.parsers.walk import leaves
from sites.reports import GatewayReport, Report

_UNITS = {
    "P": "W", "V": "V", "I": "A", "F": "Hz", "S": "VA", "Soc": "%", "Soh": "%", "TimeToGo": "s", "Humidity": "%",
    "ConsumedAmphours": "Ah", "MidVoltageDeviation": "%", "Level": "%", "Course": "°", "Altitude": "m", "CpuTemp": "°C",
    "MaxPower": "W", "ActiveSocLimit": "%", "Uptime": "s", "Irradiance": "W/m²", "WindSpeed": "m/s",
    "ChargingTime": "s",     "Latitude": "°", "Longitude": "°",
}  # fmt: skip
_ENDINGS = (
    ("Power", "W"), ("Voltage", "V"), ("Current", "A"), ("Temperature", "°C"), ("Frequency", "Hz"), ("Setpoint", "W"),
)  # fmt: skip
_UNMEASURED = ("ErrorCode", "DeviceInstance", "ProductId", "Serial", "FirmwareVersion", "HardwareVersion", "Timestamp")


class Item(Shape):
    """One D-Bus item; null where it has no value. min and max are limits of a setting, not values."""

    value: JsonValue = None


class Victron(Family):
    """The GX device is a gateway; each service with its instance is a device behind it."""

    name = "victron"
    patterns = ("N/+/#", "R/+/#", "W/+/#")
    document = Document(Item)

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        return "/".join(levels[1:4]) if len(levels) > 4 else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        kind, portal, *rest = envelope.topic.split("/")
        if kind != "N":  # a request names the portal, but proves nothing of it
            return Report(gateways=(GatewayReport(portal, alive=False),))
        if len(rest) < 3:  # N/{portal}/heartbeat, /keepalive, /full_publish_completed
            return Report(gateways=(GatewayReport(portal),))
        if not envelope.payload:
            raise Ignored(Reason.RETAINED_CLEAR)
        item, _ = self.document.read(envelope, context)
        draft = Draft("/".join((portal, *rest[:2])), envelope, context, rest[0])
        path = "/".join(rest[2:])
        availability = None
        if path == "Connected":
            availability = declared(str(item.value), flags=True)
        elif isinstance(item.value, list) and any(isinstance(entry, dict) for entry in item.value):
            for leaf in leaves(item.value, context.timezone, tuple(rest[2:])):
                if measures(leaf.path[-1], leaf.value) and leaf.path[-1] != "instance":
                    draft.add("/".join(leaf.path), leaf.value, of_quantity(leaf.path[-1]))
        elif isinstance(item.value, dict):
            raise ParseError(Reason.SCHEMA, "value: Input should be a number, a text or a list")
        elif path.rpartition("/")[2] in _UNMEASURED or _is_epoch(path, item.value):
            draft.words[path] = str(item.value)[:128]
        else:
            draft.add(path, item.value, unit(rest[0], path), path="value")
        return one(draft, availability, gateway=portal)


def _is_epoch(path: str, value: JsonValue) -> bool:
    return "Time" in path and isinstance(value, int | float) and value >= EARLIEST_EPOCH


def unit(service: str, path: str) -> str:
    """The unit of a D-Bus path, which no message states."""
    last = path.rpartition("/")[2]
    if service == "settings" or last in ("State", "Mode") or path.startswith("Alarms/"):
        return ""
    if "Energy" in path or (path.startswith("Yield/") and last != "Power") or last == "Yield":
        return "kWh"
    if last in ("Capacity", "Remaining"):
        return "m³" if service == "tank" else "Ah"
    if path.startswith("Voltages/"):
        return "V"
    if service == "gps" and last == "Speed":
        return "m/s"
    return _UNITS.get(last) or next((found for ending, found in _ENDINGS if last.endswith(ending)), "")
