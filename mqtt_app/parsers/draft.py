"""What one message says of one device, gathered value by value, whatever form the values have."""

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from pydantic_core import PydanticCustomError

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, ParseError, Reason
from mqtt_app.parsers.documents import bounded
from mqtt_app.parsers.fields import LONGEST_VECTOR, identifier
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.metadata import keep
from sites.reports import Availability, DataloggerReport, Problem, Quality, Report, SensorReport

MAX_READINGS = 1_000  # of one device in one message; a real one has a few hundred
MAX_VALUES = 2_000  # of one object, with those that are no readings
MAX_DEPTH = 12  # levels of nested objects that are followed
DISCONNECTED = -127.0  # what a DS18B20 reads without its sensor, in °C

Path = tuple[str, ...]
Unit = Callable[[Path], str]
Skip = Callable[[Path], bool]


def named(text: str) -> str:
    """`text` as the serial of a device. Raises ParseError for what can name none."""
    try:
        return identifier(text)
    except PydanticCustomError as error:
        raise ParseError(error.type, error.message()) from error


def no_unit(path: Path) -> str:  # noqa: ARG001
    return ""


def nothing(path: Path) -> bool:  # noqa: ARG001
    return False


class Draft:
    """A device in the making: numbers become readings, words and truth values are kept beside it, null says nothing.

    Of what other messages announced about this topic, units win over the family's own.
    """

    def __init__(
        self, serial: str, envelope: Envelope, context: Context, kind: str = "", limit: int = MAX_READINGS
    ) -> None:
        self.limit = limit
        self.serial = named(serial)
        self.kind = kind
        self.time: datetime | None = None
        self.words: dict[str, object] = {}
        self.problems: list[Problem] = []
        self._sensors: list[SensorReport] = []
        self._units: dict[str, str] = {}
        for body in context.known.about(envelope.topic):
            self._units |= body.get("units", {})

    def add(
        self, name: str, value: Any, unit: str = "", *, path: str | None = None, quality: Quality = Quality.GOOD
    ) -> None:
        """Take one value. path: where in the payload it stands, if that is not its name."""
        if isinstance(value, bool | str):
            self.words[name] = value
        elif isinstance(value, int | float):
            self._measure(name, (value,), self._unit(name if path is None else path, unit), quality)
        elif isinstance(value, list) and value and all(map(_is_number, value)):
            if len(value) > LONGEST_VECTOR:
                return self.refuse(name, f"{Reason.TOO_LARGE}: a list of more than {LONGEST_VECTOR} numbers")
            self._measure(name, tuple(value), self._unit(name if path is None else path, unit), quality)
        return None

    def tree(
        self,
        found: Any,
        unit: Unit = no_unit,
        skip: Skip = nothing,
        place: Path = (),
        join: str = ".",
        *,
        spelt: bool = False,
    ) -> None:
        """Take every value of a JSON object by its dotted path. spelt: a text that is a number counts as one."""
        for path, value in self.bounded(leaves(found, place)):
            if not skip(path):
                self.add(join.join(path), _meant(path, value) if spelt else value, unit(path))

    def bounded(self, values: Iterator[tuple[Path, Any]]) -> Iterator[tuple[Path, Any]]:
        """These values as long as they are not too many; that there are more becomes a problem."""
        for count, (path, value) in enumerate(values):
            if count == MAX_VALUES:
                return self.refuse(".".join(path), f"{Reason.TOO_LARGE}: more than {MAX_VALUES} values")
            yield path, value
        return None

    def report(
        self,
        availability: Availability | None = None,
        *,
        gateway: str | None = None,
        firmware: str = "",
        alive: bool = True,
        interval: float | None = None,
        **metadata: Any,
    ) -> DataloggerReport:
        kept, unfit = keep({**self.words, **{key: value for key, value in metadata.items() if value is not None}})
        self.problems += unfit
        return DataloggerReport(
            serial=self.serial,
            kind=self.kind[:64],
            gateway=gateway,
            firmware=firmware[:128],
            availability=availability,
            interval=interval,
            metadata=kept,
            sensors=tuple(self._sensors),
            alive=alive and availability is not Availability.OFFLINE,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found that could be kept."""
        return not self._sensors and not self.words

    def _unit(self, path: str, unit: str) -> str:
        return str(self._units.get(path, unit))[:32] if self._units else unit

    def _measure(self, name: str, values: tuple[float, ...], unit: str, quality: Quality) -> None:
        try:
            key, numbers = identifier(name), tuple(map(float, values))
        except PydanticCustomError as error:
            return self.refuse(name, f"{error.type}: {error.message()}")
        except OverflowError:
            return self.refuse(name, f"{Reason.NUMBER_RANGE}: too large for a double")
        if not all(map(math.isfinite, numbers)):
            return self.refuse(name, f"{Reason.NUMBER_RANGE}: not a finite number")
        if DISCONNECTED in numbers and "temp" in name.lower():
            return self.refuse(name, f"{Reason.NUMBER_RANGE}: -127 °C is a sensor that does not answer")
        if len(self._sensors) == self.limit:
            return self.refuse(name, f"{Reason.TOO_LARGE}: more than {self.limit} readings")
        parts = ("value",) if len(numbers) == 1 else tuple(map(str, range(len(numbers))))
        self._sensors.append(SensorReport(key, numbers, parts, unit=unit, time=self.time, quality=quality))
        return None

    def refuse(self, name: str, reason: str) -> None:
        """Note why something of that name is no reading."""
        if len(self.problems) < MAX_READINGS:
            self.problems.append(Problem(name[:128], reason))


def one(draft: Draft, availability: Availability | None = None, **about: Any) -> Report:
    """The report of a message that speaks of one device."""
    datalogger = draft.report(availability, **about)
    return Report(dataloggers=(datalogger,), problems=bounded(draft.problems))


def several(reports: list[tuple[Draft, DataloggerReport]]) -> Report:
    """The report of a message that speaks of several devices."""
    problems = [problem for draft, _ in reports for problem in draft.problems]
    return Report(dataloggers=tuple(report for _, report in reports), problems=bounded(problems))


def leaves(found: Any, place: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a JSON document with its path, in order; a list of numbers is one value."""
    if isinstance(found, dict) and len(place) < MAX_DEPTH:
        for key, value in found.items():
            yield from leaves(value, (*place, key))
    elif isinstance(found, list) and len(place) < MAX_DEPTH and not all(map(_is_number, found)):
        for index, value in enumerate(found):
            yield from leaves(value, (*place, str(index)))
    elif not isinstance(found, dict):
        yield place or ("value",), found


def _meant(path: Path, value: Any) -> Any:
    """The number that a text stands for, where it measures something: "21.30" of a formatter that rounds."""
    number = texts.number(value) if isinstance(value, str) else None
    return value if number is None or not measures(path[-1], number) else number


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
