"""What a simulated dam and bridge would say at a given moment: plain values, no clock and no network.

The same seed, site and tick give the same messages. The topics and payloads are the field's own protocol.
"""

import json
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

DAY_S = 86_400
HEARTBEAT_TICKS = 6  # one heartbeat for so many measurements
ODD_TICKS = 24  # now and then something is odd


class UnknownKind(Exception):
    """A site was asked for that nobody can simulate."""


class Publication(NamedTuple):
    """One PUBLISH of a device."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True)
class Moment:
    """When, and the how-manieth message of its gateway; chance: repeatable, and different at every tick."""

    at: datetime
    tick: int
    interval_s: float  # what its messages promise
    chance: random.Random = field(repr=False)

    @property
    def text(self) -> str:
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def daily(self, mean: float, swing: float, noise: float, peak_hour: float = 15) -> float:
        """A quantity that follows the sun, highest at `peak_hour` UTC."""
        angle = 2 * math.pi * (self.at.timestamp() % DAY_S - peak_hour * 3_600) / DAY_S
        return round(mean + swing * math.cos(angle) + self.chance.gauss(0, noise), 4)

    def noise(self, mean: float, deviation: float) -> float:
        return round(self.chance.gauss(mean, deviation), 5)


@dataclass(frozen=True)
class GatewaySpec:
    """One gateway of a site, and the function that says what its dataloggers measured."""

    slug: str
    number: int
    measure: Callable[["GatewaySpec", Moment], Publication]

    @property
    def serial(self) -> str:
        return f"{self.slug}-gateway_{self.number}"

    @property
    def topic(self) -> str:
        return f"{self.slug}/gateway/{self.number}"


@dataclass(frozen=True)
class SiteSpec:
    """A simulated site."""

    slug: str
    seed: int
    gateways: Sequence[GatewaySpec]


def site(words: str, seed: int) -> SiteSpec:
    """`slug:kind` as a site. Raises UnknownKind."""
    slug, _, kind = words.partition(":")
    if kind not in KINDS or not slug:
        raise UnknownKind(f"“{words}” is no slug:kind; the kinds are {', '.join(KINDS)}")
    gateways = [GatewaySpec(slug, number, measure) for number, measure in enumerate(KINDS[kind], start=1)]
    return SiteSpec(slug, seed, gateways)


def greeting(spec: SiteSpec, at: datetime) -> Publication:
    """The site's connection status: retained, with a time that names no zone."""
    body = {"status": "connected", "timestamp": at.replace(tzinfo=None).isoformat(timespec="milliseconds")}
    return _publication(f"{spec.slug}/connection/status", body, retain=True)


def speak(spec: SiteSpec, gateway: GatewaySpec, at: datetime, tick: int, interval_s: float) -> Iterator[Publication]:
    """Everything one gateway publishes at one tick."""
    moment = Moment(at, tick, interval_s, random.Random(f"{spec.seed}:{gateway.serial}:{tick}"))
    usual = gateway.measure(gateway, moment)
    yield _odd(usual, tick) if tick % ODD_TICKS == ODD_TICKS // 2 else usual
    if tick % HEARTBEAT_TICKS == 0:
        yield _gateway_status(gateway, moment)
        yield _datalogger_heartbeat(gateway, moment)


def _bridge_span(gateway: GatewaySpec, moment: Moment) -> Publication:
    """Accelerations in m/s² and inclinations in degrees of a span, °C of air and steel; now and then a lorry passes."""
    lorry = 15 if moment.chance.random() < 0.08 else 1
    boxes = []
    for index in (1, 2, 3):
        shake = [moment.noise(0, 0.012 * lorry), moment.noise(0, 0.008 * lorry), moment.noise(9.8066, 0.02 * lorry)]
        lean = [moment.daily(0.12 * index, 0.015, 0.001), moment.daily(-0.05, 0.008, 0.001)]
        boxes.append(_device("monstr-o", _serial("MNA", gateway, index), accelerometer=shake, inclinometer=lean))
    air, steel = moment.daily(14, 6, 0.05), moment.daily(16, 9, 0.05, peak_hour=13)
    return _telemetry(gateway, moment, [*boxes, _device("adaq", _serial("MAS", gateway, 1), ch1=[air], ch2=[steel])])


def _dam_crest(gateway: GatewaySpec, moment: Moment) -> Publication:
    """Tilt of the crest in degrees, the opening of two joints in mm, the concrete's temperature in °C."""
    boxes = []
    for index in (1, 2):
        tilt = [moment.daily(0.31 * index, 0.004, 0.0003, peak_hour=17), moment.daily(-0.08, 0.002, 0.0003)]
        boxes.append(_device("monstr-o", _serial("MNA", gateway, index), inclinometer=tilt))
    joints = [moment.daily(2.84, -0.06, 0.002)], [moment.daily(3.11, -0.05, 0.002)]
    concrete = [moment.daily(11.2, 1.1, 0.02, peak_hour=19)]
    adaq = _device("adaq", _serial("MAS", gateway, 1), ch1=joints[0], ch2=joints[1], ch3=concrete)
    return _telemetry(gateway, moment, [*boxes, adaq])


def _dam_gallery(gateway: GatewaySpec, moment: Moment) -> Publication:
    """Water level in m above sea, pore pressures in kPa and seepage in l/s that follow it."""
    level = moment.daily(557.4, 0.35, 0.004, peak_hour=6)
    seepage = round(1.9 + (level - 557) * 0.4 + moment.noise(0, 0.01), 3)
    piezometers = []
    for index in (1, 2, 3):
        pressure = round((level - 490 - 9 * index) * 9.81 * 0.62 + moment.noise(0, 0.2), 3)
        channels = [
            {"channel": "pressure", "value": pressure},
            {"channel": "temperature", "value": moment.daily(8.6, 0.1, 0.01)},
        ]
        piezometers.append({"serial_number": f"PZ{gateway.number}{index:02}", "data": channels})
    single = [
        {"serial_number": "water_level", "value": level, "unit": "m"},
        {"serial_number": "seepage", "value": seepage, "unit": "l/s"},
    ]
    entry = {"serial_number": f"gallery_{gateway.number}", "status": "running", "sensors_data": [*piezometers, *single]}
    body = {
        "serial_number": f"{gateway.serial}-all_1",
        "timestamp": moment.text,
        "message_interval_seconds": moment.interval_s,
        "dataloggers": [entry],
    }
    return _publication(f"{gateway.topic}/datalogger/all/status", body)


KINDS: dict[str, tuple[Callable[[GatewaySpec, Moment], Publication], ...]] = {
    "dam": (_dam_crest, _dam_gallery),
    "bridge": (_bridge_span, _bridge_span),
}


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


def _datalogger_heartbeat(gateway: GatewaySpec, moment: Moment) -> Publication:
    """The box that reads the sensors, and how warm it is inside."""
    body = {
        "serial_number": f"ENV{gateway.number:03}",
        "timestamp": moment.text,
        "message_interval_seconds": moment.interval_s * HEARTBEAT_TICKS,
        "ip_address": f"10.20.{gateway.number}.20",
        "firmware_version": "1.9.0",
        "sensors_last_data": {
            "cabinet_temperature": {"unit": "C", "value": moment.daily(21, 5, 0.1)},
            "battery": {"unit": "V", "value": moment.daily(12.7, 0.2, 0.01, 12)},
        },
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


def _telemetry(gateway: GatewaySpec, moment: Moment, devices: list[dict[str, Any]]) -> Publication:
    body = {
        "serial_number_gateway": gateway.serial,
        "timestamp": moment.text,
        "message_interval_seconds": moment.interval_s,
        "mqtt_api_version": "1.0.0",
        "dataloggers": [
            {"serial_number_datalogger": "datalogger_all", "status_datalogger": "running", "devices": devices}
        ],
    }
    return _publication(f"{gateway.topic}/dataloggers/telemetry", body)


def _device(kind: str, serial: str, **data: list[float]) -> dict[str, Any]:
    return {
        "type": kind,
        "serial_number_device": serial,
        "data": [{"type": name, "value": values} for name, values in data.items()],
    }


def _serial(family: str, gateway: GatewaySpec, index: int) -> str:
    return f"{family}{gateway.number:03}{index:03}"


def _publication(topic: str, body: dict[str, Any], *, retain: bool = False) -> Publication:
    return Publication(topic, json.dumps(body, separators=(",", ":")).encode(), retain)
