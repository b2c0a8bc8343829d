"""zigbee2mqtt/{friendly name}: what Zigbee devices say, through a bridge that also tells of itself and of them."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, ParseError, Reason, Taught
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.times import moment
from sites.reports import Availability, GatewayReport, Report

_UNITS = {
    "temperature": "°C", "device_temperature": "°C", "local_temperature": "°C", "humidity": "%", "soil_moisture": "%",
    "battery": "%", "power": "W", "current": "A", "energy": "kWh", "produced_energy": "kWh", "pressure": "hPa",
    "illuminance": "lx", "illuminance_lux": "lx", "co2": "ppm", "pm25": "µg/m³", "voc": "ppb", "ac_frequency": "Hz",
    "current_heating_setpoint": "°C", "occupied_heating_setpoint": "°C", "local_temperature_calibration": "°C",
    "power_apparent": "VA", "power_reactive": "var", "power_factor": "", "position": "%", "valve_position": "%",
}  # fmt: skip
_COMPOSITE = {"color", "color_options", "update", "device", "level_config"}  # attributes that are objects
_PHASED = re.compile(r"_(?:phase_[abc]|l\d|\d+)$")
_UNMEASURED = {"update", "last_seen", "network_address", "elapsed", "device", "color_options", "scene", "schedule"}
MOST_DEVICES = 1_000  # of an inventory; a Zigbee network holds a few hundred
_LEFT = {"device_leave", "device_removed"}
_ALIVE = {"device_joined", "device_announce", "device_interview", "device_network_address_changed"}


class Listed(Shape):
    """One device of the bridge's inventory."""

    friendly_name: str
    ieee_address: str | None = None
    type: str | None = None
    definition: dict[str, Any] | None = None


class Zigbee2Mqtt(Family):
    """A device is called by its friendly name behind the base topic, so that two bridges may both have a `kitchen`."""

    name = "zigbee2mqtt"
    patterns = ("zigbee2mqtt/#",)
    topics = re.compile(r"^zigbee2mqtt[^/]*/")

    def sender(self, topic: str) -> str | None:
        base, _, name = topic.partition("/")
        return f"{base}/{name.removesuffix('/availability')}" if name and not name.startswith("bridge/") else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        base, _, rest = envelope.topic.partition("/")
        last = rest.rpartition("/")[2]
        if last in ("set", "get") or re.search("/(?:set|get)/", rest):
            raise Ignored("a command")
        if rest.startswith("bridge/"):
            return _bridge(base, rest.removeprefix("bridge/"), envelope, context)
        if not envelope.payload:
            raise Ignored("an attribute without a value")
        if last == "availability" and "/" in rest:
            return self._availability(envelope, context)
        if not texts.looks_like_json(envelope.payload) or ("/" in rest and last in _COMPOSITE):
            return self._attribute(envelope, context)
        return self._state(envelope, context, texts.objects(envelope))

    def _availability(self, envelope: Envelope, context: Context) -> Report:
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "zigbee")
        word = _word(envelope)
        return one(draft, declared(word), gateway=_base(envelope), status=word[:128])

    def _attribute(self, envelope: Envelope, context: Context) -> Report:
        """One attribute a topic, as the bridge publishes them when it is told to: {name}/{attribute}."""
        device, _, attribute = (self.sender(envelope.topic) or "").rpartition("/")
        if texts.looks_like_json(envelope.payload):
            draft = Draft(device, envelope, context, "zigbee")
            draft.tree(texts.document(envelope), skip=_is_left_out, place=(attribute,))
            return one(draft, gateway=_base(envelope))
        text = texts.word(envelope)
        if "/" not in device or '":' in text:
            raise ParseError(Reason.JSON_INVALID, "no JSON object: it does not begin with {")
        draft, value = Draft(device, envelope, context, "zigbee"), texts.number(text)
        is_word = value is None or _is_left_out((attribute,))
        draft.add(attribute, text[:1_000] if is_word else value, _UNITS.get(attribute, ""), path="")
        return one(draft, gateway=_base(envelope))

    def _state(self, envelope: Envelope, context: Context, document: dict[str, Any]) -> Report:
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "zigbee")
        draft.time = moment(document.get("last_seen"), context.timezone)
        draft.tree(document, _units(document), _is_left_out)
        return one(draft, gateway=_base(envelope))


def _is_left_out(path: Path) -> bool:
    return path[0] in _UNMEASURED or not measures(path[-1], 0)


def _base(envelope: Envelope) -> str:
    return envelope.topic.partition("/")[0]


def _word(envelope: Envelope) -> str:
    """online, or {"state": "online"}."""
    if not texts.looks_like_json(envelope.payload):
        return texts.word(envelope)
    document = texts.document(envelope)
    return str(document.get("state", "")) if isinstance(document, dict) else ""


def _units(document: dict[str, Any]) -> Any:
    """Battery devices give their voltage in mV, devices on the mains in V."""
    mains = {"power", "current", "energy"} & {_PHASED.sub("", key) for key in document}
    voltage = "mV" if "battery" in document else "V" if mains else ""

    def unit(path: Path) -> str:
        name = _PHASED.sub("", path[-1])
        return voltage if name == "voltage" else _UNITS.get(name, "")

    return unit


def _bridge(base: str, what: str, envelope: Envelope, context: Context) -> Report:
    """The bridge itself is a gateway. What it tells of its devices makes them known, and teaches their units."""
    if what.startswith("request/"):
        raise Ignored("a command")
    if what == "state":
        said = declared(_word(envelope))
        is_down = said is Availability.OFFLINE
        return Report(gateways=(GatewayReport(base, availability=said, alive=not is_down, takes_down=is_down),))
    document = texts.document(envelope) if texts.looks_like_json(envelope.payload) else None
    if what == "devices" and isinstance(document, list):
        return _inventory(base, document, envelope, context)
    if what == "event" and isinstance(document, dict) and isinstance(document.get("data"), dict):
        return _event(base, document, envelope, context)
    version = document.get("version") if what == "info" and isinstance(document, dict) else None
    return Report(gateways=(GatewayReport(base, firmware=str(version or "")[:128]),))


def _inventory(base: str, document: list[Any], envelope: Envelope, context: Context) -> Report:
    listed = [
        texts.shaped(Listed, entry, context)
        for entry in document
        if isinstance(entry, dict) and "friendly_name" in entry
    ]
    reports, lessons = [], []
    for entry in listed:
        about: dict[str, Any] = {"ieee_address": entry.ieee_address, "type": entry.type, **_model(entry.definition)}
        draft = Draft(f"{base}/{entry.friendly_name}", envelope, context, "zigbee")
        reports.append(
            draft.report(alive=False, gateway=base, **{key: text[:128] for key, text in about.items() if text})
        )
        if units := dict(_exposed((entry.definition or {}).get("exposes"))):
            lessons.append(Lesson(f"{base}/{entry.friendly_name}", {"units": units}))
    return Taught(dataloggers=tuple(reports), lessons=tuple(lessons))


def _model(definition: dict[str, Any] | None) -> dict[str, Any]:
    return {key: str(definition[key]) for key in ("vendor", "model") if definition and definition.get(key)}


def _exposed(found: Any, depth: int = 0) -> list[tuple[str, str]]:
    """The properties that a device exposes with their units, those of its features too."""
    units: list[tuple[str, str]] = []
    for entry in found if isinstance(found, list) and depth < 4 else ():
        if isinstance(entry, dict):
            if isinstance(entry.get("property"), str) and isinstance(entry.get("unit"), str):
                units.append((entry["property"], entry["unit"][:32]))
            units += _exposed(entry.get("features"), depth + 1)
    return units


def _event(base: str, document: dict[str, Any], envelope: Envelope, context: Context) -> Report:
    name = document["data"].get("friendly_name") or document["data"].get("ieee_address")
    if not isinstance(name, str):
        return Report(gateways=(GatewayReport(base),))
    kind = str(document.get("type"))
    draft = Draft(f"{base}/{name}", envelope, context, "zigbee")
    return one(draft, Availability.OFFLINE if kind in _LEFT else None, gateway=base, alive=kind in _ALIVE)
