"""Tasmota: {prefix}/{topic}/{what}, where the prefix tele, stat or cmnd may stand before or after the device."""

import re
from typing import Any

from pydantic import Field

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, ParseError, Reason, Taught
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.fields import Identifier, Shape
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.times import moment, since_epoch
from mqtt_app.parsers.units import of_name, spelled
from sites.reports import Report

_TOPIC = re.compile(r"(?:^|/)(tele|stat|cmnd)/(?:.+/)?([^/]+)$")
_UNITS = {
    "Power": "W", "ApparentPower": "VA", "ReactivePower": "var", "Voltage": "V", "Current": "A", "Frequency": "Hz",
    "Today": "kWh", "Yesterday": "kWh", "Total": "kWh", "ExportActive": "kWh", "ImportActive": "kWh", "Period": "Wh",
    "TotalTariff": "kWh", "ExportTariff": "kWh",
    "BatteryVoltage": "V", "Humidity": "%", "Battery": "%", "BatteryPercentage": "%", "Illuminance": "lx", "Vcc": "V",
    "CarbonDioxide": "ppm", "eCO2": "ppm", "TVOC": "ppb", "PM2.5": "µg/m³", "PM10": "µg/m³", "Distance": "cm",
    "RSSI": "dBm", "Signal": "dBm", "UptimeSec": "s", "ActivePower": "W", "RMSVoltage": "V", "RMSCurrent": "A",
}  # fmt: skip
_OTHERWISE = (  # beginnings of an object's name under which a name of _UNITS has another unit
    ("Wifi", "RSSI", "%"),
    ("ZbReceived", "Power", ""),  # whether it is switched on
    ("LwReceived", "Battery", ""),
    ("LwReceived", "RSSI", ""),
    ("LwReceived", "Distance", ""),
    ("VL53", "Distance", "mm"),
)
_COUNTED = {"Total", "Today", "Yesterday", "Period"}  # names of energy in an ENERGY object; elsewhere, say, of rain
_COUNTER = re.compile(r"(?:Total|E)_(?:in|out)", re.IGNORECASE)  # of a meter, whatever its owner calls it
_METERED = (  # the names that the documentation of the smart meter interface uses; people may choose others
    (re.compile(r"Power|P_?\d?$", re.IGNORECASE), "W"),
    (re.compile(r"Volt", re.IGNORECASE), "V"),
    (re.compile(r"Amp|Curr", re.IGNORECASE), "A"),
    (re.compile(r"Freq|HZ", re.IGNORECASE), "Hz"),
)
_STATED = {
    "Temperature": "TempUnit", "DewPoint": "TempUnit", "Pressure": "PressureUnit", "SeaPressure": "PressureUnit",
    "Speed": "SpeedUnit", "WindSpeed": "SpeedUnit", "SpeedAvg": "SpeedUnit", "SpeedMax": "SpeedUnit",
    "SpeedMin": "SpeedUnit",
}  # fmt: skip
_NUMBERED = re.compile(r"(?<=[a-z])\d+$")  # Temperature1, Illuminance2 … of an analogue input or a probe
_STATE = {"Vcc", "Dimmer", "CT", "White", "Channel", "UptimeSec", "Heap", "LoadAvg", "RSSI", "Signal"}
_UNSAID = {"Endpoint", "Group", "Cluster", "Epoch", "Id", "Bits", "Repeat", "Sleep"}
_FRAMING = {"DeviceAddress", "FunctionCode", "StartAddress", "Length", "Count"}  # of what a Modbus bridge has received
_OF_SENSORS = re.compile(r"SENSOR|ENERGY\d*|STATUS(?:8|10)|[A-Z]*RECEIVED")
_SETTINGS = re.compile(r"STATUS\d*|INFO\d*|HASS_STATE|CONFIG|SAVED|MARGINS")
_JSON = re.compile(r"SENSOR|STATE|ENERGY\d*|STATUS\d*|INFO\d*|MARGINS|HASS_STATE")


class Announced(Shape):
    """tasmota/discovery/{MAC}/config, as far as it is used: `t` is the device's topic, `ofln` and `onln` its words."""

    topic: Identifier = Field(validation_alias="t")
    name: str = Field(default="", validation_alias="dn")
    module: str = Field(default="", validation_alias="md")
    software: str = Field(default="", validation_alias="sw")
    ip: str = ""
    mac: str = ""


class Tasmota(Family):
    """One device for each topic; what bridges (Zigbee, BLE, LoRa, serial) pass on keeps its own name in front."""

    name = "tasmota"
    version = "2"
    patterns = ("tasmota/discovery/+/config", "tasmota/discovery/+/sensors")
    topics = re.compile(  # the prefix at any level, then how the last one is spelt: each looked for once
        r"^(?=(?:.*/)?(?:tele|stat)/)(?>.*/)[A-Z][A-Z0-9_]*$|^(?=(?:.*/)?cmnd/)(?>.*/)[A-Za-z][A-Za-z0-9_]*$"
    )

    def sender(self, topic: str) -> str | None:
        """What stands between the prefix and the last level; where nothing does, what stands before the prefix."""
        found = _TOPIC.search(topic)
        if not found:
            return None
        return topic[found.end(1) + 1 : found.start(2) - 1] or topic[: found.start(1) - 1]

    def asks(self, topic: str) -> tuple[str, ...]:
        return (topic,)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if envelope.topic.startswith("tasmota/discovery/"):
            return _discovered(envelope, context)
        if _prefix(envelope.topic) == "cmnd":
            raise Ignored("a command")
        what = envelope.topic.rpartition("/")[2]
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "tasmota")
        if what == "LWT":
            word = texts.word(envelope)
            return one(draft, declared(word), status=word[:128])
        if not texts.looks_like_json(envelope.payload):
            return _plain(draft, what, envelope)
        document = texts.objects(envelope)
        _read(draft, what, document, context)
        return one(draft, firmware=str(document.get("Version", "")) if what == "INFO1" else "")


def _prefix(topic: str) -> str:
    found = _TOPIC.search(topic)
    return found[1] if found else ""


def _plain(draft: Draft, what: str, envelope: Envelope) -> Report:
    """A word or number, as of stat/{topic}/POWER; firmware of 2017 answered in prose."""
    if not envelope.payload:
        raise Ignored(Reason.RETAINED_CLEAR)
    text = texts.word(envelope)
    if _JSON.fullmatch(what) or '":' in text:
        raise ParseError(Reason.JSON_INVALID, "no JSON object: it does not begin with {")
    value = texts.number(text)
    draft.add(what, text[:1_000] if value is None else value)
    return one(draft)


def _read(draft: Draft, what: str, document: dict[str, Any], context: Context) -> None:
    inner = next((document[key] for key in ("StatusSNS", "StatusSTS") if isinstance(document.get(key), dict)), document)
    time, epoch = inner.get("Time"), inner.get("Epoch")
    draft.time = since_epoch(epoch) if isinstance(epoch, int) else moment(time, context.timezone)
    only: set[str] | None = None
    if what in ("STATE", "STATUS11"):
        only = _STATE
    elif _SETTINGS.fullmatch(what) and not _OF_SENSORS.fullmatch(what) and inner is document:
        only = set()
    answers = what == "RESULT"  # settings that a command asked for, unless a bridge wraps what it has received
    rest = {key: value for key, value in inner.items() if key not in ("Time", *_STATED.values())}
    for key, value in rest.items():
        if key in ("IrReceived", "RfReceived") or (answers and not isinstance(value, dict | str)):
            continue
        draft.tree(value, _Units(inner), lambda path: _is_left_out(path, only), (key,))


def _is_left_out(path: Path, only: set[str] | None) -> bool:
    """Unit names, radio numbers; and in a STATE, whatever is a number but not known to be a measurement."""
    return (
        path[-1] in _STATED.values()
        or path[-1] in _UNSAID
        or (path[0] == "ModbusReceived" and path[-1] in _FRAMING)
        or (path[0] == "Wifi" and path[-1] == "Channel")
        or not measures(path[-1], 0)
        or (only is not None and path[-1] not in only | _words(path))
    )


def _words(path: Path) -> set[str]:
    return {path[-1]} if path[-1].startswith("POWER") else set()


class _Units:
    """The unit of a value: fixed by its name, or stated in the object that holds it or in the whole message."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def __call__(self, path: Path) -> str:
        """By the name; a phase below a quantity has its unit."""
        return self._of(path, path[-1]) or (self._of(path[:-1], path[-2]) if len(path) > 2 else "")

    def _of(self, path: Path, name: str) -> str:
        name = _NUMBERED.sub("", name)
        if stated := _STATED.get("Temperature" if name.endswith("Temperature") else name):
            return spelled(self._stated(path, stated))
        if name in _COUNTED and len(path) > 1 and not path[0].startswith("ENERGY"):
            return ""
        if path[0] != "SML" and name in _UNITS:
            found = (unit for object_, known, unit in _OTHERWISE if known == name and path[0].startswith(object_))
            return next(found, _UNITS[name])
        if _COUNTER.match(name):
            return "kWh"
        if path[0] != "SML" and not self._is_meter(path[0]):
            return ""
        return of_name(name) or next((unit for names, unit in _METERED if names.match(name)), "")

    def _is_meter(self, name: str) -> bool:
        """Whether an object is what the smart meter interface read: its owner names it, but it has counters."""
        found = self.document.get(name)
        return isinstance(found, dict) and any(_COUNTER.match(key) for key in found)

    def _stated(self, path: Path, name: str) -> object:
        found, level = self.document.get(name), self.document
        for step in path[:-1]:
            level = level[step] if isinstance(level, dict) and step in level else {}
            found = level.get(name, found) if isinstance(level, dict) else found
        return found


def _discovered(envelope: Envelope, context: Context) -> Report:
    """What a device says of itself once, retained: its topic and model. Its `sensors` are a sample, long past."""
    mac, what = envelope.topic.split("/")[2:4]
    if not envelope.payload:
        return Taught()
    document = texts.document(envelope)
    if what == "sensors" or not isinstance(document, dict):
        device = next((body["topic"] for body in context.known.about(envelope.topic) if "topic" in body), mac)
        return one(Draft(device, envelope, context, "tasmota"), alive=False)
    found = texts.shaped(Announced, document, context)
    draft = Draft(found.topic, envelope, context, "tasmota")
    told: dict[str, Any] = {"name": found.name, "model": found.module, "mac": found.mac, "ip_address": found.ip}
    about = {key: text[:128] for key, text in told.items() if text}
    report = one(draft, alive=False, firmware=found.software, **about)
    lesson = Lesson(f"tasmota/discovery/{mac}/sensors", {"topic": found.topic})
    return Taught(report.gateways, report.dataloggers, report.problems, (lesson,))
