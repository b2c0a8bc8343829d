"""What the simulated fleet says on the wire: the field's own protocol, its oddities included."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from project.local import plant
from project.local.plant import HEARTBEAT_TICKS, Box, GatewaySpec, SiteSpec

ODD_TICKS = 24  # now and then something is odd
TAKEN_AWAY = "2026-03-02T07:14:09.000Z"  # the last word of a gateway that is no longer there


class Publication(NamedTuple):
    """One PUBLISH of a device."""

    topic: str
    payload: bytes
    retain: bool = False


class Moment(NamedTuple):
    """When a message says that it was made, at what instant of the story, and the how-manieth of its gateway it is."""

    text: str
    world: float
    tick: int
    interval_s: float  # what its messages promise
    chance: random.Random


def greeting(spec: SiteSpec, at: datetime) -> Iterator[Publication]:
    """The site's connection status, retained, with a time that names no zone; at a dam also a stale last will."""
    body = {"status": "connected", "timestamp": at.replace(tzinfo=None).isoformat(timespec="milliseconds")}
    yield _publication(f"{spec.slug}/connection/status", body, retain=True)
    if spec.kind == "dam":
        gone = {"serial_number": f"{spec.slug}-gateway_3", "status": "offline", "timestamp": TAKEN_AWAY}
        yield _publication(f"{spec.slug}/gateway/3/status", gone, retain=True)


def speak(
    spec: SiteSpec, gateway: GatewaySpec, at: datetime, tick: int, interval_s: float, world: float | None = None
) -> Iterator[Publication]:
    """Everything one gateway publishes at one tick. world: the instant of the story, where it runs faster than time."""
    instant = at.timestamp() if world is None else world
    if gateway.is_silent(instant):
        return
    moment = Moment(_time(at), instant, tick, interval_s * gateway.pace, plant.chance(spec, gateway, tick))
    usual = _aggregated(gateway, moment) if gateway.host else _telemetry(gateway, moment)
    yield _odd(usual, tick) if tick % ODD_TICKS == ODD_TICKS // 2 else usual
    if gateway.number == 1 and spec.kind == "bridge" and instant >= spec.story.newcomer:
        yield _strain(gateway, moment)
    if tick % HEARTBEAT_TICKS == 0:
        yield _gateway_status(gateway, moment)
        yield _cabinet_heartbeat(gateway, moment)


def _strain(gateway: GatewaySpec, moment: Moment) -> Publication:
    """Somebody tries a strain gauge: the field's own telemetry, on a topic of their own making."""
    reading = {"type": "ch1", "value": [round(moment.chance.gauss(118.4, 0.6), 2)], "unit": "µm/m"}
    box = {"type": "adaq", "serial_number_device": "MAS900001", "data": [reading]}
    body = _measured(f"{gateway.slug}-gateway_9", moment.text, moment.interval_s, [box])
    return _publication(f"{gateway.slug}/lab/strain", body)


def _telemetry(gateway: GatewaySpec, moment: Moment) -> Publication:
    """Each box is a device behind the gateway."""
    devices = [
        {"type": box.kind, "serial_number_device": box.serial, "data": [*_readings(box, moment, "type")]}
        for box in gateway.speaking(moment.world)
    ]
    body = _measured(gateway.serial, moment.text, moment.interval_s, devices)
    return _publication(f"{gateway.topic}/dataloggers/telemetry", body)


def _measured(serial: str, text: str, interval_s: float, devices: list[dict[str, Any]]) -> dict[str, Any]:
    process = {"serial_number_datalogger": "datalogger_all", "status_datalogger": "running", "devices": devices}
    return {
        "serial_number_gateway": serial,
        "timestamp": text,
        "message_interval_seconds": interval_s,
        "mqtt_api_version": "1.0.0",
        "dataloggers": [process],
    }


def _aggregated(gateway: GatewaySpec, moment: Moment) -> Publication:
    """One entry for the host, which lists its own sensors and the boxes that it reads."""
    assert gateway.host
    boxes: list[dict[str, Any]] = [
        {"serial_number": box.serial, "data": [_single(each) for each in _readings(box, moment, "channel")]}
        for box in gateway.speaking(moment.world)
    ]
    own = [_single(each) for each in _readings(gateway.host, moment, "serial_number")]
    body = {
        "serial_number": f"{gateway.serial}-all_1",
        "timestamp": moment.text,
        "message_interval_seconds": moment.interval_s,
        "dataloggers": [{"serial_number": gateway.host.serial, "status": "running", "sensors_data": [*boxes, *own]}],
    }
    return _publication(f"{gateway.topic}/datalogger/all/status", body)


def _readings(box: Box, moment: Moment, name: str) -> Iterator[dict[str, Any]]:
    """What each channel reads, under the key by which the message family names a channel."""
    for channel in box.channels:
        yield {name: channel.key, "value": channel.read(moment.world, moment.chance), "unit": channel.unit}


def _single(reading: dict[str, Any]) -> dict[str, Any]:
    return reading | {"value": reading["value"][0]}


def _gateway_status(gateway: GatewaySpec, moment: Moment) -> Publication:
    """Flat from odd gateways; from even ones the newer `system` object."""
    hours = 24 * 14 + moment.tick // 720
    plain = {
        "ip_address": f"10.20.{gateway.number}.2",
        "hostname": f"gw-{gateway.number}",
        "firmware_version": "2.4.1",
        "status": "running",
    }
    body: dict[str, Any] = {
        "serial_number": gateway.serial,
        "timestamp": moment.text,
        "message_interval_seconds": moment.interval_s * HEARTBEAT_TICKS,
    }
    if gateway.number % 2:
        return _publication(f"{gateway.topic}/status", body | plain)
    system = plain | {
        "os_version": "Debian 12",
        "system_uptime": f"{hours // 24} days, {hours % 24}:24:30",
        "cpu_load_percent": round(moment.chance.uniform(8, 35), 1),
        "ram_used_percent": round(moment.chance.uniform(38, 44), 1),
        "disk_used_percent": 23.5,
    }
    return _publication(
        f"{gateway.topic}/heartbeat", body | {"system": system, "dataloggers": {"total": 1, "online": 1}}
    )


def _cabinet_heartbeat(gateway: GatewaySpec, moment: Moment) -> Publication:
    """The box that the gateway stands in. Its newest firmware writes NaN where its battery's voltage should be."""
    errs = moment.world >= gateway.errs_from
    last = {
        channel.key: {"unit": channel.unit, "value": channel.read(moment.world, moment.chance)[0]}
        for channel in gateway.cabinet.channels
    }
    if errs:
        last[gateway.erring.key]["value"] = "NaN"
    body = {
        "serial_number": gateway.cabinet.serial,
        "timestamp": moment.text,
        "message_interval_seconds": moment.interval_s * HEARTBEAT_TICKS,
        "ip_address": f"10.20.{gateway.number}.20",
        "firmware_version": "2.0.0-rc1" if errs else "1.9.0",
        "sensors_last_data": last,
    }
    return _publication(f"{gateway.topic}/datalogger/env/1/heartbeat", body)


def _odd(usual: Publication, tick: int) -> Publication:
    """What the field really sends instead: a line cut short, a reading that is no number, a topic nobody knows."""
    kind = tick // ODD_TICKS % 3
    if kind == 0:
        return usual._replace(payload=usual.payload[: len(usual.payload) // 2])
    if kind == 1:
        return usual._replace(payload=re.sub(rb'"value":(\[?)[-0-9.]+', rb'"value":\1"n/a"', usual.payload, count=1))
    return Publication(usual.topic.split("/gateway/")[0] + "/console", b"eth0: link becomes ready")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _publication(topic: str, body: dict[str, Any], *, retain: bool = False) -> Publication:
    return Publication(topic, json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(), retain)
