"""Parsers without code at work: a definition that people wrote reads messages like any other parser."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from jmespath.exceptions import JMESPathError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, from_json

from mqtt_app import topic_templates
from mqtt_app.parsers.base import Context, Envelope, ParseError, Reason
from mqtt_app.parsers.definition import Definition, SensorMapping
from mqtt_app.parsers.documents import bounded, nothing_read, refuse_unread
from mqtt_app.parsers.expressions import BUDGET, Interpreter, TooCostly, parsed
from mqtt_app.parsers.fields import LONGEST_VECTOR, Time, identifier
from mqtt_app.parsers.refusals import not_json
from sites.reports import DataloggerReport, GatewayReport, Problem, Report, SensorReport

TIME: TypeAdapter[Any] = TypeAdapter(Time)
PATH = re.compile(r"@|[A-Za-z_][\w-]*+(?:\.[A-Za-z_][\w-]*+|\[\d++\])*+", re.ASCII)
"""An expression that is a place in a document; any other one is named whole, in guillemets."""
EXPRESSION_SHOWN = 120  # characters of an expression, in a place


class MappingParser:
    """A definition at work, as a parser like any other."""

    def __init__(self, name: str, definition: Definition, version: int = 1) -> None:
        self.name = name
        self.definition = definition
        self.version = version
        self.patterns: tuple[str, ...] = (topic_templates.as_filter(definition.template),)
        self._topic = topic_templates.pattern(definition.template)

    def reads(self, topic: str) -> bool:
        """Whether the topic belongs to the template, which says more than a filter."""
        return self._topic.fullmatch(topic) is not None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        return self._read(envelope, context)[0]

    def quantities(self, envelope: Envelope, context: Context) -> set[int]:
        """Which of the definition's sensors, by their place in it, this message has a reading of. Raises ParseError."""
        return self._read(envelope, context)[1]

    def _read(self, envelope: Envelope, context: Context) -> tuple[Report, set[int]]:
        found = self._topic.fullmatch(envelope.topic)
        if found is None:
            raise ParseError(Reason.SCHEMA, f"the topic does not belong to {self.definition.template}")
        reading = _Reading(self.definition, found.groupdict(), context, Interpreter())
        try:
            return reading.report(_document(self.definition.format, envelope)), reading.read
        except TooCostly as error:
            raise ParseError(Reason.TOO_LARGE, f"the mapping takes more than {BUDGET} steps over it") from error
        except RecursionError as error:
            raise ParseError(Reason.TOO_DEEP, "nested too deeply for the mapping") from error


def _document(form: str, envelope: Envelope) -> Any:
    refuse_unread(envelope)
    if form == "text":
        try:
            text = envelope.payload.decode().strip()
        except UnicodeDecodeError as error:
            raise ParseError(Reason.NOT_UTF8, f"byte {error.start} is not UTF-8") from error
        if "\0" in text:
            raise ParseError(Reason.NUL_CHAR, "a NUL character")
        return text
    try:
        return from_json(envelope.payload, allow_inf_nan=False)
    except ValueError as error:
        raise not_json(envelope.payload, str(error)) from error


class _Bad(Exception):
    """One value cannot be used."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


@dataclass
class _Reading:
    """One message being read by a definition."""

    definition: Definition
    levels: Mapping[str, str]
    context: Context
    interpreter: Interpreter

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.read: set[int] = set()

    def report(self, document: Any) -> Report:
        devices = [
            found
            for place, item in self._items(self.definition.each, document, "")
            if (found := self._device(item, place))
        ]
        problems = bounded(self.problems)
        if problems and not any(device.sensors for device in devices):
            raise nothing_read(problems)
        heard = {device.gateway for device in devices if device.sensors}
        gateways = {
            device.gateway: GatewayReport(device.gateway, alive=device.gateway in heard)
            for device in devices
            if device.gateway
        }
        return Report(tuple(gateways.values()), tuple(devices), problems)

    def _items(self, each: str | None, document: Any, place: str) -> Iterator[tuple[str, Any]]:
        """What `each` lists, with the place of every item; the document itself where there is none."""
        if each is None:
            yield place, document
            return
        found = self.find(each, document, place)
        items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
        if found is not None and not isinstance(found, dict | list):
            self._note(_joined(place, each), Reason.SCHEMA, "this is no list")
        for index, item in items:
            yield f"{_joined(place, each)}[{index}]", item

    def find(self, expression: str, document: Any, place: str) -> Any:
        try:
            return self.interpreter.visit(parsed(expression).parsed, document)
        except JMESPathError as error:
            self._note(_joined(place, expression), Reason.SCHEMA, " ".join(str(error).split())[:200])
            return None

    def _note(self, place: str, reason: Reason, words: str) -> None:
        self.problems.append(Problem(place[:255], f"{reason}: {words}"))

    def _device(self, item: Any, place: str) -> DataloggerReport | None:
        definition = self.definition
        try:
            serial = self._name(definition.device, definition.device_from, item, place)
            gateway = (
                self._name(definition.gateway, definition.gateway_from, item, place) if self._has_gateway else None
            )
        except _Bad as bad:
            self._note(_joined(place, definition.device_from or "device"), bad.reason, str(bad))
            return None
        found = [
            (index, reading)
            for index, sensor in enumerate(definition.sensors)
            for where, part in self._items(sensor.each, item, place)
            if (reading := self._sensor(sensor, part, where, item, place))
        ]
        self.read.update(index for index, _ in found)
        sensors = tuple(reading for _, reading in found)
        return DataloggerReport(
            serial, definition.kind, gateway, interval=definition.interval, sensors=sensors, alive=bool(sensors)
        )

    @property
    def _has_gateway(self) -> bool:
        return bool(self.definition.gateway or self.definition.gateway_from)

    def _name(self, text: str, expression: str | None, item: Any, place: str) -> str:
        """A name from the topic's levels or from the message. Raises _Bad."""
        found = self.find(expression, item, place) if expression else text.format_map(self.levels)
        if isinstance(found, int) and not isinstance(found, bool):
            found = str(found)
        if not isinstance(found, str):
            raise _Bad(Reason.BAD_IDENTIFIER, "there is no name here")
        try:
            return identifier(found)
        except PydanticCustomError as error:
            raise _Bad(Reason.BAD_IDENTIFIER, error.message()) from error

    def _sensor(self, sensor: SensorMapping, part: Any, where: str, item: Any, place: str) -> SensorReport | None:
        found = self.find(sensor.value, part, where)
        if found is None:
            return None  # what a message leaves out is no mistake
        try:
            values = self._values(sensor, found)
            key = self._name(sensor.key, sensor.key_from, part, where)
            time = self._time(sensor.time, part, where) or self._time(self.definition.time, item, place)
        except _Bad as bad:
            self._note(_joined(where, sensor.value), bad.reason, str(bad))
            return None
        return SensorReport(
            key, values, _components(sensor, len(values)), sensor.kind, self._unit(sensor, part, where), time
        )

    def _unit(self, sensor: SensorMapping, part: Any, where: str) -> str:
        found = self.find(sensor.unit_from, part, where) if sensor.unit_from else sensor.unit
        return found[:32] if isinstance(found, str) else sensor.unit

    def _values(self, sensor: SensorMapping, found: Any) -> tuple[float, ...]:
        listed = found if isinstance(found, list) else [found]
        if not 0 < len(listed) <= LONGEST_VECTOR:
            raise _Bad(Reason.SCHEMA, f"a reading has 1 to {LONGEST_VECTOR} values")
        return tuple(self._number(sensor, one) for one in listed)

    def _number(self, sensor: SensorMapping, found: Any) -> float:
        word = str(found).lower() if isinstance(found, bool) else found.strip() if isinstance(found, str) else None
        reads_words = self.definition.text_numbers or self.definition.format == "text"
        if word is not None and word in sensor.enumeration:
            number = sensor.enumeration[word]
        elif not isinstance(found, bool) and isinstance(found, int | float | str if reads_words else int | float):
            number = _float(found)
        else:
            raise _Bad(Reason.SCHEMA, "this is no number" + (" and no word of the enumeration" if word else ""))
        result = number * sensor.scale + sensor.offset
        if not isfinite(result):
            raise _Bad(Reason.NUMBER_RANGE, "not a finite number")
        return result

    def _time(self, expression: str | None, document: Any, place: str) -> Any:
        found = self.find(expression, document, place) if expression else None
        if found is None:
            return None
        try:
            return TIME.validate_python(found, context=self.context)
        except ValidationError as error:
            raise _Bad(Reason.BAD_TS, f"no time: {error.errors()[0]['msg']}") from error


def _float(found: int | float | str) -> float:
    try:
        return float(found) if len(str(found)) < 400 else _never()
    except (ValueError, OverflowError) as error:
        raise _Bad(Reason.SCHEMA, "this is no number") from error


def _never() -> float:
    raise ValueError


def _joined(place: str, expression: str) -> str:
    """The place of what an expression finds: `sky[0].speed`, or `sky[0].«speed || gust»`."""
    if not PATH.fullmatch(expression):
        whole = " ".join(expression.split()).translate({ord("«"): "‹", ord("»"): "›"})
        expression = f"«{whole if len(whole) <= EXPRESSION_SHOWN else whole[: EXPRESSION_SHOWN - 1] + '…'}»"
    return f"{place}.{expression}" if place else expression


def _components(sensor: SensorMapping, count: int) -> tuple[str, ...]:
    if count == 1:
        return ("value",)
    return sensor.components if len(sensor.components) == count else tuple(map(str, range(count)))
