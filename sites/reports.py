"""What a parser understood of one message, as frozen values: the hinge between the field's words and our devices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Quality(StrEnum):
    """How far a reading may be trusted; the words the field itself uses."""

    GOOD = "good"
    QUESTIONABLE = "questionable"
    BAD = "bad"
    CALIBRATING = "calibrating"
    OFFLINE = "offline"
    RESAMPLED = "resampled"
    """Not of the field's own: reckoned by the device from what it had kept, to fill a gap (docs/rules.md, 14)."""


class Availability(StrEnum):
    """What a message *declares* of its sender. A word such as running or stopped declares nothing."""

    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class SensorReport:
    """One reading of one sensor.

    values: one finite float per component, in `unit`. components names them, `("value",)` for a scalar.
    time: the device's own clock, timezone-aware; None where the message carries no time (then reception stands in).
    """

    key: str
    values: tuple[float, ...]
    components: tuple[str, ...] = ("value",)
    kind: str = ""
    unit: str = ""
    time: datetime | None = None
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class GatewayReport:
    """A gateway that spoke, or was spoken of. serial is unique within its site.

    interval: seconds it promises between messages. metadata replaces the keys it names and keeps the others.
    alive: hearing this message proves the gateway alive (a list that merely names it does not).
    takes_down: where it declares itself offline, so are the dataloggers behind it, which nobody can hear without it.
    """

    serial: str
    firmware: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    availability: Availability | None = None
    interval: float | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    alive: bool = True
    takes_down: bool = False


@dataclass(frozen=True, slots=True)
class DataloggerReport:
    """A datalogger and what its sensors read. Fields as in GatewayReport; gateway is that gateway's serial, if any."""

    serial: str
    kind: str = ""
    gateway: str | None = None
    firmware: str = ""
    availability: Availability | None = None
    interval: float | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sensors: tuple[SensorReport, ...] = ()
    alive: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """One part of a valid message that could not be read: where it stands and why, in words a person can act on."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one message said. Problems name the bad parts of a message whose good parts are stored."""

    gateways: tuple[GatewayReport, ...] = ()
    dataloggers: tuple[DataloggerReport, ...] = ()
    problems: tuple[Problem, ...] = ()
