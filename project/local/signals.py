"""How simulated quantities behave over time: values of an instant and of chance, with no clock of their own."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from typing import NamedTuple

DAY_S, HOUR_S, MINUTE_S = 86_400.0, 3_600.0, 60.0
LATITUDE, LONGITUDE = 44.4, 11.3  # of the fleet, for the sun

Signal = Callable[[float, Random], float]
"""A quantity at an instant, in seconds since 1970."""


class Span(NamedTuple):
    """From `begin` until `end`, in seconds since 1970."""

    begin: float
    end: float

    def holds(self, at: float) -> bool:
        return self.begin <= at < self.end


class Tremor(NamedTuple):
    """A time during which everything shakes so many times as strongly."""

    span: Span
    strength: float


def daily(mean: float, swing: float, noise: float, peak_hour: float = 15) -> Signal:
    """A quantity that follows the day, highest at `peak_hour` UTC."""
    turn, phase = 2 * math.pi / DAY_S, 2 * math.pi * peak_hour / 24

    def value(at: float, chance: Random) -> float:
        return mean + swing * math.cos(turn * (at % DAY_S) - phase) + chance.gauss(0, noise)

    return value


def shaken(mean: float, deviation: float, tremors: Sequence[Tremor]) -> Signal:
    """An acceleration: traffic by day and night, and what shakes the ground."""

    def value(at: float, chance: Random) -> float:
        return mean + chance.gauss(0, deviation * _traffic(at) * _ground(at, tremors))

    return value


def _traffic(at: float) -> float:
    """1 on an empty road, far more while a lorry passes: one in fifty spells of ten seconds, at night fewer."""
    spell = int(at // 10)
    is_day = 5 <= at % DAY_S / HOUR_S < 19
    return 6.0 if _hash(spell) < (0.02 if is_day else 0.004) else 1.0


def _ground(at: float, tremors: Sequence[Tremor]) -> float:
    """1 at rest; a tremor begins at once and fades away."""
    for (begin, end), strength in tremors:
        if begin <= at < end:
            return 1 + strength * math.exp(-3 * (at - begin) / (end - begin))
    return 1.0


def following(level: Signal, offset: float, factor: float, noise: float) -> Signal:
    """A quantity that goes with another one."""

    def value(at: float, chance: Random) -> float:
        return (level(at, chance) - offset) * factor + chance.gauss(0, noise)

    return value


def failing(signal: Signal, end: float, over_s: float) -> Signal:
    """A quantity that sinks to nothing during the `over_s` seconds before `end`: water in a cable."""

    def value(at: float, chance: Random) -> float:
        return signal(at, chance) * min(1.0, max(0.0, (end - at) / over_s))

    return value


@lru_cache(maxsize=8_192)  # many devices stand under one sun
def sunshine(at: float) -> float:
    """Irradiance in W/m² on a tilted plane, behind clouds."""
    height = _sun_height(at)
    return 0.0 if height <= 0 else 1_000 * math.sqrt(height) * _clear_sky(at)


def _sun_height(at: float) -> float:
    """Sine of the sun's height above the horizon."""
    declination = math.radians(-23.44) * math.cos(2 * math.pi * (at / DAY_S + 10.5) / 365.25)
    hour_angle = 2 * math.pi * (at % DAY_S / DAY_S - 0.5) + math.radians(LONGITUDE)
    latitude = math.radians(LATITUDE)
    return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )


def _clear_sky(at: float) -> float:
    """How much of the light comes through: clouds that drift by, some of them thick."""
    return 1 - 0.7 * max(0.0, _smooth(at / (9 * MINUTE_S)) * 0.6 + _smooth(at / (47 * MINUTE_S)) * 0.4 - 0.42) / 0.58


def sun(noise: float = 2.0) -> Signal:
    """What a pyranometer shows."""

    def value(at: float, chance: Random) -> float:
        light = sunshine(at)
        return max(0.0, light + chance.gauss(0, noise)) if light else 0.0

    return value


def warmed(air: Signal, factor: float) -> Signal:
    """The temperature of what stands in the sun: °C above the air for each W/m²."""

    def value(at: float, chance: Random) -> float:
        return air(at, chance) + factor * sunshine(at)

    return value


def inverter(peak_kw: float, limit_kw: float) -> Signal:
    """AC power in kW: less when the panels are hot, clipped at the inverter's limit, asleep at night."""

    def value(at: float, chance: Random) -> float:
        light = sunshine(at)
        if light < 12:
            return 0.0
        return min(limit_kw, peak_kw * light / 1_000 * (1 - 0.004 * 0.03 * light) * chance.gauss(1, 0.004))

    return value


def string_voltage(nominal: float) -> Signal:
    """DC voltage in V: there as soon as there is light."""

    def value(at: float, chance: Random) -> float:
        light = sunshine(at)
        return 0.0 if light < 2 else nominal * (1 - math.exp(-light / 40)) * chance.gauss(1, 0.002)

    return value


def _smooth(place: float) -> float:
    """A number between 0 and 1 that wanders smoothly with `place`."""
    knot = math.floor(place)
    part = place - knot
    ease = part * part * (3 - 2 * part)
    return _hash(knot) * (1 - ease) + _hash(knot + 1) * ease


def _hash(number: int) -> float:
    """A number between 0 and 1 that looks like chance and is always the same."""
    mixed = (number * 2_654_435_761) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2_246_822_519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 0xFFFFFF) / 0x1000000
