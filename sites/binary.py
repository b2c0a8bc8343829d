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


def _sized(value: bytes) -> bytes:
    return _size(len(value)) + value


def _number(code: str) -> Callable[[Any], bytes]:
    layout = struct.Struct(f"!i{code}")
    pack, size = layout.pack, layout.size - 4
    return lambda value: pack(size, value)


_bigint = _number("q")

# The numbers of the types are PostgreSQL's own, for ever [pg_type.dat].
KINDS: dict[str, tuple[int, Callable[[Any], bytes]]] = {
    "boolean": (16, _number("?")),
    "bytea": (17, _sized),
    "bigint": (20, _bigint),
    "smallint": (21, _number("h")),
    "int": (23, _number("i")),
    "text": (25, lambda value: _sized(value.encode())),
    "double precision": (701, _number("d")),
    "timestamptz": (1184, lambda value: _bigint(micros(value))),
    "uuid": (2950, _sized),  # 16 bytes
}


def array(kind: str, values: Collection[Any]) -> Array:
    """Values of one type; None is NULL. Raises DataError for what the type cannot hold."""
    oid, packed = KINDS[kind]
    if not values:
        return Array(struct.pack("!iii", 0, 0, oid))
    try:
        body = b"".join([NULL if value is None else packed(value) for value in values])
    except (struct.error, UnicodeEncodeError) as error:
        raise DataError(f"no {kind}: {error}") from error
    return Array(struct.pack("!iiiii", 1, 1, oid, len(values), 1) + body)


def arrays(rows: Collection[Sequence[Any]], columns: Sequence[Column]) -> list[Array]:
    """Rows as one array for each column."""
    if not rows:
        return [array(kind, ()) for _, kind in columns]
    return [array(kind, column) for (_, kind), column in zip(columns, zip(*rows, strict=True), strict=True)]
