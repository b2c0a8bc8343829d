"""Sets of rows in one statement: ids of natural keys, the missing ones made, in one lock order for everyone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

Key = tuple[Any, ...]
Column = tuple[str, str]
"""A column's name and its PostgreSQL type."""


def query(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, none when it has no result.

    Parameters go to the server beside the statement; Django writes them into it, and long arrays take it many times
    as long.
    """
    with connection.cursor() as ours, connection.wrap_database_errors, psycopg.Cursor(ours.connection) as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def unnest(columns: Sequence[Column]) -> str:
    """`unnest(%b::bigint[], …) AS v(site_id, …)`: the rows given as one array parameter for each column, in binary."""
    arrays = ", ".join(f"%b::{kind}[]" for _, kind in columns)
    return f"unnest({arrays}) AS v({', '.join(name for name, _ in columns)})"


def transpose(rows: Collection[Key], width: int) -> list[list[Any]]:
    """Rows as one list for each column, as `unnest` takes them."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def resolve(table: str, key: Sequence[Column], wanted: Iterable[Key], made: list[Key] | None = None) -> dict[Key, int]:
    """The id of each wanted natural key; rows that are missing are made, with the table's own defaults, and told.

    Missing rows are inserted in key order: two workers that make the same rows wait for each other instead of
    deadlocking. The second SELECT sees what another worker made meanwhile.
    """
    keys = sorted(set(wanted))
    found = find(table, key, keys)
    missing = [one for one in keys if one not in found]
    if missing:
        if made is not None:
            made += missing
        names = ", ".join(name for name, _ in key)
        query(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {unnest(key)} ON CONFLICT DO NOTHING",  # noqa: S608
            transpose(missing, len(key)),
        )
        found |= find(table, key, missing)
    return found


def find(table: str, key: Sequence[Column], keys: list[Key]) -> dict[Key, int]:
    """The id of each of these natural keys that there is."""
    if not keys:
        return {}
    joined = " AND ".join(f"t.{name} = v.{name}" for name, _ in key)
    rows = query(
        f"SELECT t.id, {', '.join(f't.{name}' for name, _ in key)} FROM {table} t JOIN {unnest(key)} ON {joined}",  # noqa: S608
        transpose(keys, len(key)),
    )
    return {tuple(found): pk for pk, *found in rows}
