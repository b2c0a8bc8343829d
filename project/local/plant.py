"""What a simulated dam, bridge and solar plant consist of, and what they would say at a given moment.

Plain values, no clock and no network: the same seed, site and tick give the same messages.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from project.local import signals
from project.local.signals import Signal, Span, daily, shaken
from project.local.story import FADING_S, Story

INTERVAL_S = 5.0  # between two messages of a gateway, times its pace
SEED = 1
HEARTBEAT_TICKS = 6  # one heartbeat for so many measurements


class UnknownKind(Exception):
    """A site was asked for that nobody can simulate."""


@dataclass(frozen=True)
class Channel:
    """One sensor: what it is called, its unit, and how each of its components behaves."""

    key: str
    unit: str
    components: tuple[Signal, ...]
    digits: int = 3

    def read(self, at: float, chance: random.Random) -> list[float]:
        return [round(signal(at, chance), self.digits) for signal in self.components]


@dataclass(frozen=True)
class Box:
    """One device with its channels. last_words: when it spoke for the last time, if it is broken."""

    serial: str
    kind: str
    channels: tuple[Channel, ...]
    last_words: float = float("inf")


@dataclass(frozen=True)
class GatewaySpec:
    """One gateway of a site. host: where it stands itself as a device, with sensors of its own.

    pace: how many times as slowly as others it measures. errs_from: when its cabinet got the firmware that errs.
    """

    slug: str
    number: int
    boxes: tuple[Box, ...]
    cabinet: Box
    host: Box | None = None
    pace: int = 1
    silences: tuple[Span, ...] = ()
    errs_from: float = float("inf")

    @property
    def serial(self) -> str:
        return f"{self.slug}-gateway_{self.number}"

    @property
    def topic(self) -> str:
        return f"{self.slug}/gateway/{self.number}"

    @property
    def erring(self) -> Channel:
        """What its cabinet's newest firmware cannot say any more."""
        return self.cabinet.channels[-1]

    def is_silent(self, at: float) -> bool:
        return any(span.holds(at) for span in self.silences)

    def speaking(self, at: float) -> Iterator[Box]:
        """The boxes that still say something."""
        return (box for box in self.boxes if at <= box.last_words)


@dataclass(frozen=True)
class SiteSpec:
    """A simulated site. outages: when nobody heard it, although it spoke."""

    slug: str
    kind: str
    seed: int
    story: Story = field(repr=False)
    gateways: Sequence[GatewaySpec] = field(repr=False)
    outages: tuple[Span, ...] = ()


def site(words: str, seed: int, begin: float = 0.0) -> SiteSpec:
    """`slug:kind` as a site whose story begins at `begin`. Raises UnknownKind."""
    slug, _, kind = words.partition(":")
    if kind not in KINDS or not slug:
        raise UnknownKind(f"“{words}” is no slug:kind; the kinds are {', '.join(KINDS)}")
    story = Story(begin)
    outages = (story.outage,) if kind == "plant" else ()
    return SiteSpec(slug, kind, seed, story, KINDS[kind](slug, story), outages)


def chance(spec: SiteSpec, gateway: GatewaySpec, tick: int) -> random.Random:
    """Repeatable, and different at every tick."""
    return random.Random(f"{spec.seed}:{gateway.serial}:{tick}")


def _bridge(slug: str, story: Story) -> Sequence[GatewaySpec]:
    """Two spans; the second one's gateway falls silent now and then."""
    return [
        _span(slug, 1, story),
        _span(slug, 2, story, silences=story.gateway_silences, errs_from=story.new_firmware),
    ]


def _span(
    slug: str, number: int, story: Story, silences: tuple[Span, ...] = (), errs_from: float = float("inf")
) -> GatewaySpec:
    """Accelerations in m/s² and inclinations in degrees of a span, °C of air and steel."""
    shake = partial(shaken, tremors=story.tremors)
    boxes = [
        Box(
            _serial("MNA", number, index),
            "monstr-o",
            (
                Channel("accelerometer", "m/s²", (shake(0, 0.012), shake(0, 0.008), shake(9.8066, 0.02)), 5),
                Channel("inclinometer", "°", (daily(0.12 * index, 0.015, 0.001), daily(-0.05, 0.008, 0.001)), 4),
            ),
        )
        for index in (1, 2, 3)
    ]
    air, steel = daily(14, 6, 0.05), daily(16, 9, 0.05, peak_hour=13)
    adaq = Box(_serial("MAS", number, 1), "adaq", (Channel("ch1", "°C", (air,), 2), Channel("ch2", "°C", (steel,), 2)))
    return GatewaySpec(slug, number, (*boxes, adaq), _cabinet(number), silences=silences, errs_from=errs_from)


def _dam(slug: str, story: Story) -> Sequence[GatewaySpec]:
    return [_crest(slug, 1), _gallery(slug, 2, story)]


def _crest(slug: str, number: int) -> GatewaySpec:
    """Tilt of the crest in degrees, the opening of two joints in mm, the concrete's temperature in °C."""
    boxes = [
        Box(
            _serial("MNA", number, index),
            "monstr-o",
            (Channel("inclinometer", "°", (daily(0.31 * index, 0.004, 0.0003, 17), daily(-0.08, 0.002, 0.0003)), 4),),
        )
        for index in (1, 2)
    ]
    channels = (
        Channel("ch1", "mm", (daily(2.84, -0.06, 0.002),)),
        Channel("ch2", "mm", (daily(3.11, -0.05, 0.002),)),
        Channel("ch3", "°C", (daily(11.2, 1.1, 0.02, peak_hour=19),), 2),
    )
    return GatewaySpec(
        slug, number, (*boxes, Box(_serial("MAS", number, 1), "adaq", channels)), _cabinet(number), pace=3
    )


def _gallery(slug: str, number: int, story: Story) -> GatewaySpec:
    """Water level in m above sea, pore pressures in kPa and seepage in l/s that follow it. One piezometer died."""
    level = daily(557.4, 0.35, 0.004, peak_hour=6)
    boxes = []
    for index in (1, 2, 3):
        pressure = signals.following(level, 490 + 9 * index, 9.81 * 0.62, 0.2)
        is_broken = index == 3
        channels = (
            Channel(
                "pressure", "kPa", (signals.failing(pressure, story.last_words, FADING_S) if is_broken else pressure,)
            ),
            Channel("temperature", "°C", (daily(8.6, 0.1, 0.01),), 2),
        )
        ends = story.last_words if is_broken else float("inf")
        boxes.append(Box(f"PZ{number}{index:02}", "", channels, ends))
    own = (
        Channel("water_level", "m", (level,)),
        Channel("seepage", "l/s", (signals.following(level, 552.25, 0.4, 0.01),)),
    )
    return GatewaySpec(slug, number, tuple(boxes), _cabinet(number), Box(f"gallery_{number}", "", own), pace=3)


def _plant(slug: str, _story: Story) -> Sequence[GatewaySpec]:
    return [_field(slug, 1, 4, 25.0), _field(slug, 2, 3, 50.0)]


def _field(slug: str, number: int, inverters: int, limit_kw: float) -> GatewaySpec:
    """Light in W/m² and °C of air and panels at a weather station; kW, V and °C of each inverter."""
    air = daily(13, 6, 0.05)
    boxes = [
        Box(
            f"INV{number}{index:02}",
            "",
            (
                Channel("ac_power", "kW", (signals.inverter(limit_kw * (1.42 - 0.03 * index), limit_kw),)),
                Channel("dc_voltage", "V", (signals.string_voltage(640 + 6 * index),), 1),
                Channel("temperature", "°C", (signals.warmed(air, 0.031),), 1),
            ),
        )
        for index in range(1, inverters + 1)
    ]
    own = (
        Channel("irradiance", "W/m²", (signals.sun(),), 1),
        Channel("air_temperature", "°C", (air,), 1),
        Channel("module_temperature", "°C", (signals.warmed(air, 0.028),), 1),
    )
    return GatewaySpec(slug, number, tuple(boxes), _cabinet(number), Box(f"field_{number}", "", own), pace=2)


def _cabinet(number: int) -> Box:
    """The box that the gateway stands in, and how warm it is inside."""
    warm, battery = daily(21, 5, 0.1), daily(12.7, 0.2, 0.01, 12)
    channels = Channel("cabinet_temperature", "°C", (warm,), 2), Channel("battery", "V", (battery,), 2)
    return Box(f"ENV{number:03}", "env", channels)


KINDS: dict[str, Callable[[str, Story], Sequence[GatewaySpec]]] = {"dam": _dam, "bridge": _bridge, "plant": _plant}


def _serial(family: str, number: int, index: int) -> str:
    return f"{family}{number:03}{index:03}"
