"""PostgreSQL's binary formats, written in one pass: arrays that stand beside a statement, and times.

A driver looks for the type of each value anew; a table's columns are known beforehand, which makes an array of one
element ten times as cheap, and a long one several times.
[PostgreSQL: array_recv in src/backend/utils/adt/arrayfuncs.c; each value as its type's …recv reads it.]
"""

import struct
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DataError
from psycopg.adapt import Dumper
from psycopg.pq import Format

Column = tuple[str, str]
"""A column's name and its PostgreSQL type."""

EPOCH, MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_size = struct.Struct("!i").pack
NULL = _size(-1)


class Array(bytes):
    """A whole array as PostgreSQL reads it; the statement names its type: `%b::bigint[]`."""


class _Whole(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Array:
        return obj


psycopg.adapters.register_dumper(Array, _Whole)


@lru_cache(maxsize=1_000)  # the readings of a message share their times
def micros(moment: datetime) -> int:
    """Microseconds since 2000, as a timestamptz is sent."""
    return (moment - EPOCH) // MICROSECOND


def _moment(value: datetime) -> bytes:
    return struct.pack("!q", micros(value))


# The numbers of the types are PostgreSQL's own, for ever [pg_type.dat].
NUMBERS = {
    "boolean": (16, "?"),
    "bigint": (20, "q"),
    "smallint": (21, "h"),
    "int": (23, "i"),
    "double precision": (701, "d"),
}
"""Types of one size: their number, and struct's letter."""

WORDS: dict[str, tuple[int, Callable[[Any], bytes]]] = {
    "bytea": (17, bytes),
    "text": (25, str.encode),
    "timestamptz": (1184, _moment),
    "uuid": (2950, bytes),  # 16 of them
}
"""The other types: their number, and how a value is written."""


def array(kind: str, values: Collection[Any]) -> Array:
    """Values of one type; None is NULL. Raises DataError for what the type cannot hold."""
    oid = (NUMBERS.get(kind) or WORDS[kind])[0]
    if not values:
        return Array(struct.pack("!iii", 0, 0, oid))
    try:
        body = _numbers(NUMBERS[kind][1], values) if kind in NUMBERS else _words(WORDS[kind][1], values)
    except (struct.error, UnicodeEncodeError) as error:
        raise DataError(f"no {kind}: {error}") from error
    return Array(struct.pack("!iiiii", 1, 1, oid, len(values), 1) + body)


def _numbers(code: str, values: Collection[Any]) -> bytes:
    """All in one call, which takes a third of the time of one for each."""
    layout = struct.Struct(f"!i{code}")
    size = layout.size - 4
    if None in values:
        return b"".join([NULL if value is None else layout.pack(size, value) for value in values])
    fields = [size] * (2 * len(values))
    fields[1::2] = values
    return struct.pack("!" + f"i{code}" * len(values), *fields)


def _words(written: Callable[[Any], bytes], values: Collection[Any]) -> bytes:
    """Each different value once: most of a batch say the same as others, their units, qualities and times."""
    fields = {value: NULL if value is None else _sized(written(value)) for value in set(values)}
    return b"".join(map(fields.__getitem__, values))


def _sized(value: bytes) -> bytes:
    return _size(len(value)) + value


def arrays(rows: Collection[Sequence[Any]], columns: Sequence[Column]) -> list[Array]:
    """Rows as one array for each column."""
    if not rows:
        return [array(kind, ()) for _, kind in columns]
    return [array(kind, column) for (_, kind), column in zip(columns, zip(*rows, strict=True), strict=True)]
