"""Arrays reach PostgreSQL as the values they hold."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.db import DataError

from sites.binary import array, arrays
from sites.upsert import query, unnest

pytestmark = pytest.mark.django_db

ODD = datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC)

EXAMPLES = [
    ("boolean", [True, False]),
    ("bytea", [b"", b"\0\xff", bytes(1_000)]),
    ("smallint", [-(2**15), 0, 2**15 - 1]),
    ("int", [-(2**31), 0, 2**31 - 1]),
    ("bigint", [-(2**63), 0, 2**63 - 1]),
    ("double precision", [-1.5e308, 0.1, 5e-324, 7]),
    ("text", ["", "Grüße 🌱", "a" * 10_000, '{"\\ NULL']),
    ("timestamptz", [ODD, ODD.astimezone(timezone(timedelta(hours=-9))), datetime(9999, 1, 1, tzinfo=UTC)]),
]


@pytest.mark.parametrize(("kind", "values"), EXAMPLES, ids=[kind for kind, _ in EXAMPLES])
def test_every_value_arrives_as_it_was(kind, values):
    values = [None, *values, None]
    assert query(f"SELECT %b::{kind}[]", [array(kind, values)])[0][0] == values


def test_a_digest_of_sixteen_bytes_arrives_as_a_uuid():
    assert query("SELECT %b::uuid[]", [array("uuid", [bytes(range(16))])]) == [([UUID(bytes=bytes(range(16)))],)]


def test_rows_arrive_as_rows_and_no_rows_as_none():
    columns = [("a", "bigint"), ("b", "text")]
    for rows in ([], [(1, "x"), (2, None)]):
        assert query(f"SELECT a, b FROM {unnest(columns)}", arrays(rows, columns)) == rows  # noqa: S608


@pytest.mark.parametrize(("kind", "value"), [("int", 2**31), ("bigint", 2**63), ("text", "\ud800"), ("bigint", "1")])
def test_what_the_type_cannot_hold_is_refused_as_the_database_would(kind, value):
    with pytest.raises(DataError):
        array(kind, [value])


def test_a_text_with_nul_is_refused_by_the_database():
    with pytest.raises(DataError):
        query("SELECT %b::text[]", [array("text", ["a\0b"])])
