"""What one browser has yet to be told: merged so that the latest wins, bounded, and honest about what it dropped."""

from collections import OrderedDict
from collections.abc import Collection, Iterator
from itertools import groupby, islice
from typing import Any, NamedTuple

PENDING_LIMIT = 2_000  # devices, topics and the like that wait for one socket; some 2 MB at the worst
FRAME_LIMIT = 200  # of them in one frame, so that a slow reader is noticed between frames

LISTS: dict[str, dict[str, tuple[str, ...]]] = {
    "datalogger_update": {"dataloggers": ("id",)},
    "gateway_update": {"gateways": ("id",)},
    "sensor_offline": {"gateways": ("id",), "dataloggers": ("id",)},
    "sensor_online": {"gateways": ("id",), "dataloggers": ("id",)},
    "topic_discovered": {"topics": ("path",)},
    "parse_failed": {"failures": ("parser", "reason")},
}
"""The lists that each event carries, and what tells their entries apart. Any other event is one entry by itself."""


class Frame(NamedTuple):
    """One event as a browser reads it; site_id is None for what concerns all."""

    type: str
    site_id: int | None
    data: dict[str, Any]


class Key(NamedTuple):
    """What an entry is about: a newer one about the same replaces it."""

    type: str
    site_id: int | None
    list: str = ""
    name: tuple[Any, ...] = ()


class Outbox:
    """Entries in the order of their latest news. Other sockets share the entries handed in: they are never changed."""

    def __init__(self, limit: int = PENDING_LIMIT) -> None:
        self._limit = limit
        self._entries: OrderedDict[Key, dict[str, Any]] = OrderedDict()
        self._dropped = 0

    def __bool__(self) -> bool:
        return bool(self._entries or self._dropped)

    def put(self, event: dict[str, Any]) -> None:
        for key, entry in _entries(event):
            older = self._entries.pop(key, None)
            self._entries[key] = entry if older is None else _merge(key.type, older, entry)
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
            self._dropped += 1

    def miss(self, count: int) -> None:
        """Say with the next frames that this much news never got here."""
        self._dropped += count

    def keep(self, sites: Collection[int]) -> None:
        """Forget what concerns other sites: their doors have been closed to this reader."""
        for key in [key for key in self._entries if key.site_id is not None and key.site_id not in sites]:
            del self._entries[key]

    def drain(self) -> list[Frame]:
        """Everything that waits, as few frames as keep the order in which each entry was last heard of."""
        entries, self._entries = self._entries, OrderedDict()
        dropped, self._dropped = self._dropped, 0
        frames = [Frame("lagging", None, {"dropped": dropped})] if dropped else []
        for (kind, site_id), run in groupby(entries.items(), key=lambda item: item[0][:2]):
            while part := list(islice(run, FRAME_LIMIT)):
                frames.append(Frame(kind, site_id, _data(kind, part)))
        return frames


def _entries(event: dict[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    kind, site_id = event["type"], event["site_id"]
    if kind not in LISTS:
        yield Key(kind, site_id), {name: value for name, value in event.items() if name not in ("type", "site_id")}
        return
    for field, names in LISTS[kind].items():
        for entry in event[field]:
            yield Key(kind, site_id, field, tuple(entry[name] for name in names)), entry


def _merge(kind: str, older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    if kind == "datalogger_update":
        sensors = {sensor["id"]: sensor for sensor in (*older["sensors"], *newer["sensors"])}
        return {**newer, "sensors": list(sensors.values())}
    if kind == "parse_failed":
        return {**newer, "count": older["count"] + newer["count"]}
    return newer


def _data(kind: str, part: list[tuple[Key, dict[str, Any]]]) -> dict[str, Any]:
    if kind not in LISTS:
        return part[-1][1]
    return {field: [entry for key, entry in part if key.list == field] for field in LISTS[kind]}
