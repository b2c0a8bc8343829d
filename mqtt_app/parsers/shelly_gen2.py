"""Shelly of the second generation and later: {prefix}/status/{component}:{n}, {prefix}/events/rpc, {prefix}/online."""

import re
from typing import Any

from pydantic import Field

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, ParseError, Reason
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.fields import Label, Shape
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.times import since_epoch
from sites.reports import Report

_TOPIC = re.compile(
    r"^(?P<prefix>.+)/(?:status/(?P<part>[a-z0-9_]+:\d+|sys|wifi|cloud|mqtt|ble|eth|ws|ui|knx|modbus|bthome)"
    r"|events/rpc|online)$"
)
_UNITS = {
    "apower": "W", "act_power": "W", "aprt_power": "VA", "aprtpower": "VA", "rpower": "var", "voltage": "V",
    "current": "A", "freq": "Hz",
    "tC": "°C", "rh": "%", "V": "V", "percent": "%", "rssi": "dBm", "lux": "lx", "current_pos": "%", "pos": "%",
    "battery": "%", "target_pos": "%", "slat_pos": "%", "current_C": "°C", "target_C": "°C",
    "total_act_power": "W", "total_aprt_power": "VA", "total_current": "A", "xvoltage": "", "brightness": "%",
}  # fmt: skip
_SYSTEM = {"sys", "cloud", "mqtt", "ble", "eth", "ws", "ui", "knx", "modbus", "bthome", "script"}
_UNMEASURED = {"id", "tF", "by_minute", "errors", "ts", "cfg_rev", "last_updated_ts", "transition", "packet_id", "rsv",
               "xby_minute"}  # fmt: skip


class Notice(Shape):
    """events/rpc: what changed, of which component, and when. `src` is the device's id, whatever the prefix is."""

    src: Label | None = None
    method: Label
    params: dict[str, Any] = Field(default={})


class ShellyGen2(Family):
    """A device is called by its prefix, which its topics share; its id is kept beside it where it differs."""

    name = "shelly_gen2"
    patterns = ("+/events/rpc",)
    topics = _TOPIC

    def fits(self, payload: bytes) -> bool:
        return texts.looks_like_json(payload) or payload.strip() in (b"true", b"false")

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["prefix"] if found else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        found = _TOPIC.match(envelope.topic)
        if not found:
            raise ParseError(Reason.UNKNOWN_FORM, "the topic is none of a Shelly")
        draft = Draft(found["prefix"], envelope, context, "shelly")
        if envelope.topic.endswith("/online"):
            return one(draft, declared(texts.word(envelope), flags=True))
        document = texts.objects(envelope)
        if found["part"]:
            _component(draft, found["part"], document)
            return one(draft)
        notice = texts.shaped(Notice, document, context)
        if notice.method not in ("NotifyStatus", "NotifyFullStatus"):
            return one(draft, event=_event(notice))
        ts = notice.params.get("ts")
        draft.time = since_epoch(ts) if isinstance(ts, int | float) else None
        for part, values in notice.params.items():
            _component(draft, part, values)
        return one(draft, src=notice.src if notice.src != draft.serial else None)


def _component(draft: Draft, part: str, values: Any) -> None:
    kind = part.partition(":")[0]
    if not isinstance(values, dict) or kind in _SYSTEM:
        return
    draft.tree(values, _unit, _is_left_out, (part,))


def _is_left_out(path: Path) -> bool:
    """Ids, the epochs of counters, timers and moves, and the temperature once more in °F."""
    return any(step in _UNMEASURED or step.endswith(("_ts", "started_at")) for step in path[1:])


def _unit(path: Path) -> str:
    name = path[-1]
    is_counted = len(path) > 1 and path[-2] == "counts"  # pulses of an input
    if name in ("total", "total_act", "total_act_ret") or name.endswith(("_energy", "_ret_energy")):
        return "" if is_counted else "Wh"
    for phase in ("a_", "b_", "c_", "n_"):
        name = name.removeprefix(phase)
    return _UNITS.get(name, "")


def _event(notice: Notice) -> str | None:
    """The last event in words, such as input:0 single_push."""
    events = notice.params.get("events")
    last = events[-1] if isinstance(events, list) and events else None
    return f"{last.get('component', '')} {last.get('event', '')}".strip()[:128] if isinstance(last, dict) else None
