"""The values of Sparkplug metrics: integers of every width as they travel, floats without noise, templates flat."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from mqtt_app.parsers.times import since_epoch

SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}  # Int8, Int16, Int32, Int64
DATE_TIME = 13
DEEPEST_TEMPLATE = 4
UNIT_KEYS = ("engUnit", "EngUnit", "engineeringUnit", "engUnits", "unit", "units")

Metric = Payload.Metric
Value = float | int | bool | str


class Known(NamedTuple):
    """What a birth said of a metric: later messages may leave it out."""

    datatype: int
    unit: str = ""


class Named(NamedTuple):
    """A metric with its whole name; value is None where it has none, or one that is no single value."""

    name: str
    value: Value | None
    timestamp: int
    datatype: int
    unit: str


def text(value: object) -> str:
    """A protobuf text; bytes that are no UTF-8 have no name."""
    return value if isinstance(value, str) else ""


def unit_of(metric: Metric) -> str:
    """The engineering unit among a metric's properties."""
    properties = metric.properties
    for key, found in zip(properties.keys, properties.values, strict=False):
        if key in UNIT_KEYS and found.WhichOneof("value") == "string_value":
            return text(found.string_value)[:32]
    return ""


def flatten(metric: Metric, name: str, known: dict[str, Known], depth: int = 0) -> Iterator[Named]:
    """A metric, or the members of a template's instance, with the instance's name before theirs."""
    kind = metric.WhichOneof("value")
    said = known.get(name, Known(0))
    if kind == "template_value":
        template = metric.template_value
        if not template.is_definition and depth < DEEPEST_TEMPLATE:
            for member in template.metrics:
                yield from flatten(member, f"{name}/{text(member.name)}", known, depth + 1)
        return
    datatype = metric.datatype or said.datatype
    value = None if metric.is_null or metric.is_transient else _value(metric, kind, datatype)
    yield Named(name, value, metric.timestamp, datatype, unit_of(metric) or said.unit)


def _value(metric: Metric, kind: str | None, datatype: int) -> Value | None:
    if kind == "float_value":
        return shortest(metric.float_value)
    if kind == "double_value":
        return metric.double_value
    if kind == "boolean_value":
        return metric.boolean_value
    if kind == "string_value":
        return text(metric.string_value)[:1_000]
    if kind not in ("int_value", "long_value"):
        return None
    whole = metric.int_value if kind == "int_value" else metric.long_value
    if datatype == DATE_TIME:
        at = since_epoch(whole, 1_000)
        return at.isoformat() if at else None
    return signed(whole, SIGNED_BITS[datatype]) if datatype in SIGNED_BITS else whole


def signed(whole: int, bits: int) -> int:
    """A negative integer arrives as two-complement in the width of its type, of the 32-bit or of the 64-bit field."""
    for width in (64, 32, bits):
        if width >= bits and 1 << (width - 1) <= whole < 1 << width:
            return whole - (1 << width)
    return whole


def shortest(value: float) -> float:
    """The decimal that a float of 32 bits stands for: 12.1, not 12.100000381469727."""
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value
