"""Sets of rows in one statement: ids of natural keys, the missing ones made, in one lock order for everyone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

from sites.binary import Column, arrays

Key = tuple[Any, ...]


def query(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, none when it has no result.

    Parameters go to the server beside the statement; Django writes them into it, and long arrays take it many times
    as long. The server plans a statement that comes again and again once (settings.DATABASES, prepare_threshold).
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def unnest(columns: Sequence[Column]) -> str:
    """`unnest(%b::bigint[], …) AS v(site_id, …)`: the rows given as one array for each column (`binary.arrays`)."""
    arrays = ", ".join(f"%b::{kind}[]" for _, kind in columns)
    return f"unnest({arrays}) AS v({', '.join(name for name, _ in columns)})"


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
            arrays(missing, key),
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
        arrays(keys, key),
    )
    return {tuple(found): pk for pk, *found in rows}
