"""Units as names and abbreviations tell them: the suffix of a key, and the spellings of one unit."""

import re
from functools import lru_cache
from itertools import pairwise

_SPELLINGS = {
    "c": "°C", "celsius": "°C", "°c": "°C", "f": "°F", "fahrenheit": "°F", "°f": "°F", "k": "K",
    "percent": "%", "w": "W", "kw": "kW", "wh": "Wh", "kwh": "kWh", "v": "V", "a": "A", "hz": "Hz", "lux": "lx",
    "m3": "m³", "va": "VA", "var": "var",
}  # fmt: skip
_SUFFIXES = {
    "kwh": "kWh", "wh": "Wh", "kvarh": "kvarh", "varh": "varh", "kvah": "kVAh", "w": "W", "kw": "kW", "va": "VA",
    "kva": "kVA", "var": "var", "kvar": "kvar", "v": "V", "mv": "mV", "a": "A", "ma": "mA", "hz": "Hz", "m3": "m³",
    "m3h": "m³/h", "lh": "l/h", "lmin": "l/min", "l": "l", "gj": "GJ", "mj": "MJ", "hpa": "hPa", "kpa": "kPa",
    "pa": "Pa", "bar": "bar", "psi": "psi", "mm": "mm", "cm": "cm", "inch": "in", "lux": "lx", "deg": "°", "ppm": "ppm",
    "db": "dB", "dbm": "dBm", "pct": "%", "percent": "%", "rh": "%", "ah": "Ah", "ohm": "Ω", "min": "min", "s": "s",
    "ms": "ms",
}  # fmt: skip
_PAIRS = {"km_h": "km/h", "m_s": "m/s", "mi_h": "mi/h", "mm_h": "mm/h", "in_h": "in/h"}
_DEGREES = {"c": "°C", "f": "°F", "celsius": "°C", "fahrenheit": "°F"}
_WORDS = re.compile(r"[^A-Za-z0-9]+")


def spelled(unit: object) -> str:
    """A unit as we write it: C and celsius are °C, m3 is m³; what is not known stays as it is."""
    text = unit.strip() if isinstance(unit, str) else ""
    return _SPELLINGS.get(text.lower(), text)[:32] if text not in ("M", "m") else text


def of_name(name: str) -> str:
    """The unit that stands at the end of a key after an underscore: total_kwh, temperature_C, wind_avg_km_h."""
    words = [word.lower() for word in _WORDS.split(name) if word]
    if len(words) < 2:
        return "%" if words == ["percent"] else ""
    if pair := _PAIRS.get("_".join(words[-2:])):
        return pair
    if words[-1] in _DEGREES:
        return _DEGREES[words[-1]] if any(word.startswith("temp") or word == "dewpoint" for word in words) else ""
    return _SUFFIXES.get(words[-1], "")


_QUANTITIES = (
    (("temperature", "temp", "temperatures", "dewpoint"), "°C"),
    (("voltage", "voltages", "volt", "volts", "vrms", "vcc"), "V"),
    (("current", "currents", "amperage", "amps"), "A"),
    (("frequency", "freq"), "Hz"),
    (("humidity", "hum", "soc", "percent", "percentage"), "%"),
    (("power", "watt", "watts"), "W"),
    (("amphours",), "Ah"),
    (("rssi",), "dBm"),
)
_THOUSANDTHS = {
    **dict.fromkeys(("volt", "volts"), "mV"), **dict.fromkeys(("amp", "amps", "ampere", "amperes"), "mA"),
    **dict.fromkeys(("watt", "watts"), "mW"),
}  # fmt: skip
"""After `milli`: CellMaxMilliVolt."""
_APPARENT, _REACTIVE = {"apparent"}, {"reactive"}
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_OTHER_SCALES = {
    *("mw", "raw", "factor", "status", "state", "limit", "mode", "tenths", "count", "code", "signal"),
    *("regulation", "allowed", "alarm", "alarms", "error", "id", "switch"),
}


LONGEST_NAME = 64  # characters of a name that is looked at, and remembered


def of_quantity(name: str, energy: str = "") -> str:
    """The unit in which a quantity of that name is given by nearly everyone: voltage in V, humidity in %.

    energy: what this family counts energy in; there is no custom about that.
    """
    return _of_quantity(name, energy) if len(name) <= LONGEST_NAME else ""


@lru_cache(maxsize=10_000)
def _of_quantity(name: str, energy: str) -> str:
    if stated := of_name(name):
        return stated
    words = [word.lower() for word in _PARTS.findall(name)]
    if {"state", "of", "charge"} <= set(words) or {"state", "of", "health"} <= set(words):
        return "%"
    if thousandth := next(
        (_THOUSANDTHS[word] for milli, word in pairwise(words) if milli == "milli" and word in _THOUSANDTHS), ""
    ):
        return thousandth
    if not words or _OTHER_SCALES.intersection(words):
        return ""
    if {"watt", "hours"} <= set(words):
        return "Wh"
    for names, unit in _QUANTITIES:
        if any(word in names for word in words):
            if unit == "W" and _APPARENT & set(words):
                return "VA"
            return "var" if unit == "W" and _REACTIVE & set(words) else unit
    return energy if {"energy", "yield", "generation"} & set(words) else ""
