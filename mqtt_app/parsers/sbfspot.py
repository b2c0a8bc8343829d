"""SBFspot, on any topic: what its format string makes of one inverter, told by its InvSerial."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.flat import Flat
from mqtt_app.parsers.times import moment
from sites.reports import Report

_DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d:\d\d)", re.ASCII)

_REGISTER = re.compile(r"([UIP])(?:DC|AC)(?:\d|Tot)?", re.ASCII)
_UNITS = {"EToday": "kWh", "ETotal": "kWh", "InvTemperature": "°C", "GridFreq": "Hz", "BTSignal": "%"}


class SbfSpot(Flat):
    """Times are local and, unless configured otherwise, day/month/year."""

    name = "sbfspot"
    patterns = ("#",)
    times = ("Timestamp",)
    energy = "kWh"
    unmeasured = {"InvSerial", "SunRise", "SunSet", "PrgVersion", "InvWakeupTime", "InvSleepTime"}

    def fits(self, payload: bytes) -> bool:
        return texts.looks_like_json(payload) and b"InvSerial" in payload[:4_096]

    def unit(self, path: Path) -> str:
        """UDC1, IDC2, PAC1, PACTot: the first letter is the quantity."""
        found = _REGISTER.fullmatch(path[-1])
        return {"U": "V", "I": "A", "P": "W"}[found[1]] if found else _UNITS.get(path[-1], "")

    def parse(self, envelope: Envelope, context: Context) -> Report:
        said = texts.objects(envelope)
        document = {key: value if key in self.unmeasured else _number(value) for key, value in said.items()}
        draft = Draft(str(document.get("InvSerial") or envelope.topic), envelope, context, "sma")
        written = _DAY_FIRST.sub(r"\3-\2-\1T\4", str(document.get("Timestamp", "")))
        draft.time = moment(written, context.timezone)
        draft.tree(document, self.unit, self.is_left_out)
        return one(draft)


def _number(value: Any) -> Any:
    found = texts.number(value) if isinstance(value, str) else None
    return value if found is None else found
