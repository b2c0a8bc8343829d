"""What things are called: serials that a message leaves out, kinds, components, and the words for presence."""

import re
from functools import lru_cache

from pydantic_core import PydanticCustomError

from mqtt_app.parsers.base import ParseError, Reason
from mqtt_app.parsers.fields import identifier
from sites.reports import Availability

_SERIES = (("MNA", "monstro"), ("MAS", "adaq"))  # what a serial begins with, and the kind of device it stands for
_OF_GATEWAY = re.compile(r"(.*gateway_[^-]+)-.+", re.DOTALL)
_CHANNEL = re.compile(r"ch\d+", re.ASCII)
_COMPONENTS = {
    ("accelerometer", 3): ("x", "y", "z"),
    ("inclinometer", 2): ("pitch", "roll"),
    ("inclinometer", 3): ("pitch", "roll", "yaw"),
}
# Running, stopped, success and the like say what a process does, not whether anybody is there.
_PRESENCE = {
    "online": Availability.ONLINE,
    "connected": Availability.ONLINE,
    "offline": Availability.OFFLINE,
    "disconnected": Availability.OFFLINE,
}


_LOST = {
    "not connected": Availability.OFFLINE,
    "connection lost": Availability.OFFLINE,
    "lost": Availability.OFFLINE,
    "unavailable": Availability.OFFLINE,
    "available": Availability.ONLINE,
}
_FLAGS = {
    "true": Availability.ONLINE,
    "1": Availability.ONLINE,
    "false": Availability.OFFLINE,
    "0": Availability.OFFLINE,
}


def gateway_serial(topic: str) -> str:
    """The serial of the gateway in {site}/gateway/{n}/…, as gateways name themselves: {site}-gateway_{n}."""
    site, _, number, *_ = topic.split("/")
    return _from_topic("{}-gateway_{}", site, number)


def datalogger_of(topic: str) -> str:
    """The serial of the datalogger of {site}/gateway/{n}/datalogger/{d}/…/{what}: {site}-gateway_{n}-{d}, {d}_{m}."""
    return _from_topic("{}-{}", gateway_serial(topic), "_".join(topic.split("/")[4:-1]))


def site_serial(topic: str) -> str:
    """The serial of what speaks for a whole site on {site}/{what}/status: {site}-{what}."""
    site, what, *_ = topic.split("/")
    return _from_topic("{}-{}", site, what)


def gateway_of(serial: str) -> str:
    """The gateway's serial within that of something behind it: site_001-gateway_1-all_1 → site_001-gateway_1."""
    found = _OF_GATEWAY.fullmatch(serial)
    return found[1] if found else serial


def _from_topic(form: str, *levels: str) -> str:
    if not all(levels):
        raise ParseError(Reason.BAD_IDENTIFIER, "topic: an empty level names nothing")
    try:
        return identifier(form.format(*levels))
    except PydanticCustomError as error:
        raise ParseError(error.type, f"topic: {error.message()}") from error


@lru_cache(maxsize=1_024)
def device_kind(word: str, serial: str) -> str:
    """The kind of a device by its own word for it (monstr-o is monstro), else by the series of its serial."""
    if word:
        return "monstro" if word.lower() == "monstr-o" else word.lower()
    return next((kind for series, kind in _SERIES if serial.startswith(series)), "")


@lru_cache(maxsize=1_024)
def sensor_kind(word: str) -> str:
    """The kind of a sensor in telemetry: ch1, ch2 … are channels, any other word is the kind itself."""
    return "channel" if _CHANNEL.fullmatch(word) else word.lower()[:64]


def components(kind: str, count: int) -> tuple[str, ...]:
    """The names of a reading's components; numbered from 0 where nobody named them."""
    if count == 1:
        return ("value",)
    return _COMPONENTS.get((kind, count)) or tuple(map(str, range(count)))


def availability(word: str | None) -> Availability | None:
    """What a status word declares of presence, if anything."""
    return _PRESENCE.get(word.strip().lower()) if word else None


def declared(word: str, *, flags: bool = False) -> Availability | None:
    """What a word that is a whole payload declares of presence. flags: true, false, 1 and 0 do so too."""
    word = word.strip(' \t\r\n"').lower()
    found = _PRESENCE.get(word) or _LOST.get(word)
    return _FLAGS.get(word) if found is None and flags else found


def bare_word(payload: bytes) -> str | None:
    """The presence word that is a whole message, as last wills often are, with or without quotes."""
    word = payload.decode("ascii", "replace").strip(' \t\r\n"').lower() if len(payload) <= 16 else ""
    return word if word in _PRESENCE else None
