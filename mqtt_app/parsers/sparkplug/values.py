"""The values of Sparkplug metrics: integers of every width as they travel, floats without noise, tables flat."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from mqtt_app.parsers.times import since_epoch
from sites.reports import Quality

SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}  # Int8, Int16, Int32, Int64
DATE_TIME = 13
ARRAYS = {22: "b", 23: "h", 24: "i", 25: "q", 26: "B", 27: "H", 28: "I", 29: "Q", 30: "f", 31: "d"}
"""Int8Array to DoubleArray, as struct calls their elements: little-endian and without gaps."""

BOOLEAN_ARRAY = 32  # how many there are in 32 bits, then eight of them a byte, the first one highest
MOST_ROWS = 1_000  # of a DataSet, and elements of an array; a reading has far fewer components
QUALITIES = {0: Quality.BAD, 192: Quality.GOOD, 500: Quality.QUESTIONABLE}  # the property Quality: bad, good, stale
DEEPEST_TEMPLATE = 4
UNIT_KEYS = ("engUnit", "EngUnit", "engineeringUnit", "engUnits", "unit", "units")

Metric = Payload.Metric
Cell = Payload.DataSet.Value
Value = float | int | bool | str | list[float | int]


class Known(NamedTuple):
    """What a birth said of a metric: later messages may leave it out."""

    datatype: int
    unit: str = ""


class Named(NamedTuple):
    """A metric with its whole name; value is None where it has none, a list where it has several."""

    name: str
    value: Value | None
    timestamp: int
    datatype: int
    unit: str
    quality: Quality = Quality.GOOD


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


def quality_of(metric: Metric) -> Quality:
    """What a metric's property says of its value."""
    properties = metric.properties
    for key, found in zip(properties.keys, properties.values, strict=False):
        if text(key).lower() == "quality" and found.WhichOneof("value") == "int_value":
            return QUALITIES.get(found.int_value, Quality.QUESTIONABLE)
    return Quality.GOOD


def flatten(metric: Metric, name: str, known: dict[str, Known], depth: int = 0) -> Iterator[Named]:
    """A metric; or the members of a template's instance, or the columns of a DataSet, with its name before theirs."""
    kind = metric.WhichOneof("value")
    said = known.get(name, Known(0))
    if kind == "template_value":
        template = metric.template_value
        if not template.is_definition and depth < DEEPEST_TEMPLATE:
            for member in template.metrics:
                yield from flatten(member, f"{name}/{text(member.name)}", known, depth + 1)
        return
    if kind == "dataset_value":
        if not metric.is_null:
            yield from _columns(metric, name)
        return
    datatype = metric.datatype or said.datatype
    value = None if metric.is_null or metric.is_transient else _value(metric, datatype)
    yield Named(name, value, metric.timestamp, datatype, unit_of(metric) or said.unit, quality_of(metric))


def _columns(metric: Metric, name: str) -> Iterator[Named]:
    """Each column of numbers, its rows in order: a row has no time of its own. Words are kept of a single row."""
    table = metric.dataset_value
    for index, (column, datatype) in enumerate(zip(table.columns, table.types, strict=False)):
        cells = [_value(row.elements[index], datatype) for row in table.rows[:MOST_ROWS] if index < len(row.elements)]
        whole = f"{name}/{text(column) or index}"
        if len(cells) == 1:
            yield Named(whole, cells[0], metric.timestamp, datatype, "")
        elif cells and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells):
            numbers = [cell for cell in cells if isinstance(cell, int | float)]
            yield Named(whole, numbers, metric.timestamp, datatype, "")


def _value(metric: Metric | Cell, datatype: int) -> Value | None:
    kind = metric.WhichOneof("value")
    if kind == "float_value":
        return shortest(metric.float_value)
    if kind == "double_value":
        return metric.double_value
    if kind == "boolean_value":
        return metric.boolean_value
    if kind == "string_value":
        return text(metric.string_value)[:1_000]
    if kind == "bytes_value" and isinstance(metric, Metric):
        return _array(metric.bytes_value, datatype)
    if kind not in ("int_value", "long_value"):
        return None
    whole = metric.int_value if kind == "int_value" else metric.long_value
    if datatype == DATE_TIME:
        at = since_epoch(whole, 1_000)
        return at.isoformat() if at else None
    return signed(whole, SIGNED_BITS[datatype]) if datatype in SIGNED_BITS else whole


def _array(packed: bytes, datatype: int) -> list[float | int] | None:
    """The numbers of an array; None for bytes, texts and times, and for what has no whole number of elements."""
    if datatype == BOOLEAN_ARRAY and len(packed) >= 4:
        count = int.from_bytes(packed[:4], "little")
        bits = packed[4:]
        if count <= 8 * len(bits):
            return [bits[at // 8] >> (7 - at % 8) & 1 for at in range(min(count, MOST_ROWS))]
    form = ARRAYS.get(datatype)
    if form is None or len(packed) % struct.calcsize(f"<{form}"):
        return None
    first = packed[: MOST_ROWS * struct.calcsize(f"<{form}")]
    found = [element for (element,) in struct.iter_unpack(f"<{form}", first)]
    return [shortest(element) for element in found] if form == "f" else found


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
