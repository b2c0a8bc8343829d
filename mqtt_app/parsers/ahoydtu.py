"""AhoyDTU: {base}/{name of the inverter}/ch{n}/{field}, and what the DTU says of itself in {base}/{field}."""

import re

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.names import declared
from sites.reports import Availability, Report

_UNITS = {
    "U_AC": "V", "U_AC_1N": "V", "U_AC_2N": "V", "U_AC_3N": "V", "U_AC_12": "V", "U_AC_23": "V", "U_AC_31": "V",
    "I_AC": "A", "I_AC_1": "A", "I_AC_2": "A", "I_AC_3": "A", "P_AC": "W", "Q_AC": "var", "F_AC": "Hz", "Temp": "°C",
    "U_DC": "V", "I_DC": "A", "P_DC": "W", "YieldDay": "Wh", "YieldTotal": "kWh", "Irradiation": "%",
    "Efficiency": "%", "MaxPower": "W", "active_PowerLimit": "%", "wifi_rssi": "dBm", "uptime": "s",
}  # fmt: skip
_INVERTER = {"0": Availability.OFFLINE, "1": Availability.ONLINE, "2": Availability.ONLINE}
"""0 is off, 1 starting, 2 producing; 3 and 4 were so and are not heard now."""

_EPOCHS = {"last_success", "sunrise", "sunset", "comm_start", "comm_stop"}
_UNMEASURED = {*_EPOCHS, "ALARM_MES_ID", "LastAlarmCode", "FWVersion", "HWPartId", "FWBuildYear", "version"}


class AhoyDtu(Family):
    """A channel keeps its number before each field: ch1/P_DC is not ch0/P_DC."""

    name = "ahoydtu"
    patterns = ("inverter/#",)
    topics = re.compile(r"^.+/ch\d/[A-Z]\w*$")

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        return levels[1] if len(levels) > 2 else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        base, *levels = envelope.topic.split("/")
        if not levels:  # inverter/# holds inverter, too [MQTT-4.7.1-2]
            raise Unrecognised
        if levels[0] in ("ctrl", "setup", "devcontrol") or levels[-1] == "set":
            raise Ignored("a command")
        if not envelope.payload:
            raise Ignored("nothing is said")
        if len(levels) == 1 and not texts.looks_like_json(envelope.payload):
            return _dtu(base, levels[0], envelope, context)
        device = f"{base}/total" if levels[0] == "total" else levels[0]
        draft, field = Draft(device, envelope, context, "ahoydtu"), "/".join(levels[1:])
        if texts.looks_like_json(envelope.payload):
            draft.tree(texts.document(envelope), _unit, _is_left_out, tuple(levels[1:]), join="/")
            return one(draft)
        text = texts.word(envelope)
        if field == "available":
            return one(draft, _INVERTER.get(text, Availability.OFFLINE if text in ("3", "4") else None))
        _take(draft, field, text)
        return one(draft)


def _dtu(base: str, field: str, envelope: Envelope, context: Context) -> Report:
    draft, text = Draft(base, envelope, context, "ahoydtu"), texts.word(envelope)
    if field == "mqtt":
        return one(draft, declared(text))
    if field == "status":  # of its inverters together: none, some, all of them
        return one(draft, _INVERTER.get(text))
    _take(draft, field, text)
    return one(draft)


def _take(draft: Draft, field: str, text: str) -> None:
    path, value = tuple(field.split("/")), texts.number(text)
    if value is None or _is_left_out(path):
        draft.words[field] = text[:1_000]
    else:
        draft.add(field, value, _unit(path), path="")


def _is_left_out(path: Path) -> bool:
    return path[-1] in _UNMEASURED or path[0] in ("alarm", "radio_stat")


def _unit(path: Path) -> str:
    return _UNITS.get(path[-1], "")
