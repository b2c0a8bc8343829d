"""Which levels of a foreign topic name the device and which the sensor, where nothing but the topic tells."""

from functools import lru_cache
from typing import NamedTuple

from mqtt_app.topics import template


class Place(NamedTuple):
    """Whose value a topic carries. unit: the topic names the unit of `sensor` instead of its value."""

    device: str
    sensor: str
    is_unit: bool = False


TEMPLATES = (
    "{device}/status/{sensor}/value",  # mpp-solar
    "{device}/status/{sensor}/unit",
    "{device}/{sensor}/get",  # OpenBeken
    "psmqtt/{device}/{sensor+}",
    "enode/{device}/{_}/{sensor+}",
    "client/{device}",  # the last will of eNode
    "telegraf/{device}/{sensor+}",
)
"""The forms of known senders that the rule of thumb would read wrongly."""

_ROOTS = frozenset({"home", "house", "sensors", "sensor", "devices", "device", "iot", "mqtt"})
"""First levels that gather devices and name none."""


@lru_cache(maxsize=10_000)
def place(topic: str, wanted: str = "") -> Place:
    """Where `topic` belongs: by the site's own template, else by a known form, else the first level is the device."""
    topic = topic.strip("/")
    for text in (wanted, *TEMPLATES):
        if text and (found := template(text).fullmatch(topic)):
            names = found.groupdict()
            sensor = names.get("sensor") or names["device"].rpartition("/")[2]
            return Place(names["device"], sensor, is_unit=text.endswith("/unit"))
    levels = topic.split("/")
    at = 1 if len(levels) > 2 and levels[0].lower() in _ROOTS else 0
    return Place(levels[at], "/".join(levels[at + 1 :]) or levels[at])
