"""Parsers from other packages, by the entry point `fieldledger.parsers`. One that is broken is named, and stops nobody.

A parser that we did not write is guarded: what it raises anywhere, and what it returns, is its own message's trouble.
"""

import json
import logging
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from math import isfinite
from typing import Any, NamedTuple

from mqtt_app.parsers.base import Context, Envelope, Family, Parser
from mqtt_app.parsers.fields import identifier
from mqtt_app.topics import is_filter
from sites.reports import Availability, DataloggerReport, GatewayReport, Quality, Report, SensorReport

logger = logging.getLogger(__name__)

GROUP = "fieldledger.parsers"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
WORDS = 500  # of an error


class Broken(NamedTuple):
    """An entry point that brought no parser, and why."""

    entry_point: str
    package: str
    error: str


class Guarded(Family):
    """A parser of another package. `package`: its name and version."""

    def __init__(self, inner: Any, package: str) -> None:
        self.inner = inner
        self.package = package
        self.name: str = inner.name
        if isinstance(inner.patterns, str):
            raise TypeError("patterns are a tuple of MQTT filters, not one text")
        self.patterns: tuple[str, ...] = tuple(inner.patterns)
        self.version = str(getattr(inner, "version", "1"))[:32]
        self.is_last = bool(getattr(inner, "is_last", False))
        topics = getattr(inner, "topics", None)
        self.topics = topics if isinstance(topics, re.Pattern) else None
        self._complained = False

    @property
    def looks(self) -> bool:
        """Whether it decides by the payload, too."""
        return callable(getattr(self.inner, "fits", None))

    def fits(self, payload: bytes) -> bool:
        try:
            return bool(self.inner.fits(payload)) if self.looks else True
        except Exception:  # noqa: BLE001  a plugin's fault must not cost its neighbours
            self._complain("fits")
            return False

    def asks(self, topic: str) -> tuple[str, ...]:
        try:
            return tuple(str(about) for about in self.inner.asks(topic)) if hasattr(self.inner, "asks") else ()
        except Exception:  # noqa: BLE001  a plugin's fault must not cost its neighbours
            self._complain("asks")
            return ()

    def parse(self, envelope: Envelope, context: Context) -> Report:
        """Raises whatever the plugin raises (an exit would end a worker), and TypeError for what is no sound report."""
        try:
            report = self.inner.parse(envelope, context)
        except SystemExit as error:
            raise RuntimeError("the parser asked its process to exit") from error
        examine(report)
        return report  # type: ignore[no-any-return]

    def _complain(self, method: str) -> None:
        if not self._complained:
            logger.exception("The plugin %s raised in %s(); it is passed over there", self.package, method)
        self._complained = True


def load(taken: Collection[str], found: Iterable[EntryPoint] | None = None) -> tuple[list[Parser], list[Broken]]:
    """The parsers that installed packages bring, by the entry points' names; and what was wrong with the others.

    taken: names of parsers that there are already.
    """
    parsers: dict[str, Parser] = {}
    broken = []
    for point in sorted(entry_points(group=GROUP) if found is None else found, key=lambda one: (one.name, one.value)):
        package = f"{point.dist.name} {point.dist.version}" if point.dist else "?"
        try:
            parser = _load(point, package)
            if parser.name in taken or parser.name in parsers:
                raise ValueError(f"there is a parser named {parser.name} already")
            parsers[parser.name] = parser
        except (Exception, SystemExit) as error:  # noqa: BLE001  importing foreign code may do anything
            words = f"{type(error).__name__}: {error}"[:WORDS]
            logger.error("The parser plugin %s of %s is left out: %s", point.name, package, words)
            broken.append(Broken(point.name, package, words))
    return list(parsers.values()), broken


def _load(point: EntryPoint, package: str) -> Guarded:
    parser = Guarded(point.load()(), package)
    if not NAME.fullmatch(parser.name):
        raise ValueError("a parser's name has small letters, digits, - and _")
    if not (parser.patterns or parser.topics) or not callable(parser.inner.parse):
        raise TypeError("a parser has a name, patterns and parse()")
    if bad := [pattern for pattern in parser.patterns if not is_filter(pattern)]:
        raise ValueError(f"no MQTT filter: {', '.join(bad)}")
    return parser


def examine(report: object) -> None:
    """Raises TypeError or ValueError for what could not be stored: a fault of the parser, not of the message."""
    if not isinstance(report, Report):
        raise TypeError(f"a parser returns a Report, not {type(report).__name__}")
    for gateway in report.gateways:
        _examine_device(gateway)
    for datalogger in report.dataloggers:
        _examine_device(datalogger)
        for sensor in datalogger.sensors:
            _examine_sensor(sensor)


def _examine_device(device: GatewayReport | DataloggerReport) -> None:
    identifier(device.serial)
    texts = [device.firmware]
    if isinstance(device, DataloggerReport):
        texts.append(device.kind)
        if device.gateway is not None:
            identifier(device.gateway)
    else:
        json.dumps(dict(device.addresses), allow_nan=False)
    json.dumps(dict(device.metadata), allow_nan=False)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"firmware and kind of {device.serial} are texts")
    if device.availability is not None and not isinstance(device.availability, Availability):
        raise TypeError(f"the availability of {device.serial} is an Availability or None")
    if device.interval is not None and not device.interval > 0:
        raise ValueError(f"the interval of {device.serial} is more than 0 s, or None")


def _examine_sensor(sensor: SensorReport) -> None:
    identifier(sensor.key)
    if not sensor.values or not all(isinstance(one, float) and isfinite(one) for one in sensor.values):
        raise TypeError(f"the values of {sensor.key} are finite floats, one at least")
    if len(sensor.components) != len(sensor.values) or not all(isinstance(one, str) for one in sensor.components):
        raise TypeError(f"the components of {sensor.key} name its values, one each")
    if sensor.time is not None and not (isinstance(sensor.time, datetime) and sensor.time.tzinfo):
        raise TypeError(f"the time of {sensor.key} is a datetime with a time zone, or None")
    if not isinstance(sensor.quality, Quality) or not isinstance(sensor.unit, str) or len(sensor.unit) > 32:
        raise TypeError(f"the quality of {sensor.key} is a Quality, its unit a text of 32 characters at most")
