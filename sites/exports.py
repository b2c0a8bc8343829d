"""Readings for other programs, as CSV or Parquet: streamed from the database, of the sites that somebody may see."""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.db import connection, transaction
from django.db.models import QuerySet

from sites.models import Site

COLUMNS = (
    "site",
    "gateway",
    "datalogger",
    "sensor",
    "component",
    "time",
    "received_at",
    "value",
    "unit",
    "quality",
    "claimed_time",
)
SLICE = 10_000

# One line for each component of a reading, by partition and time: what is far apart on disk is read once.
ROWS = """
SELECT s.slug, coalesce(g.serial, ''), d.serial, x.key, coalesce(x.components[v.place], v.place::text),
    r.time, r.received_at, v.value, coalesce(nullif(x.own_unit, ''), x.unit), r.quality, r.claimed_time
FROM sites_reading r JOIN sites_sensor x ON x.id = r.sensor_id JOIN sites_datalogger d ON d.id = x.datalogger_id
JOIN sites_site s ON s.id = d.site_id LEFT JOIN sites_gateway g ON g.id = d.gateway_id
CROSS JOIN LATERAL unnest(r.values) WITH ORDINALITY AS v(value, place)
WHERE d.site_id = ANY(%s) AND r.time >= %s AND r.time < %s ORDER BY r.time, r.sensor_id, v.place
"""
COUNT = """
SELECT count(*), coalesce(sum(cardinality(r.values)), 0) FROM sites_reading r JOIN sites_sensor x ON x.id = r.sensor_id
JOIN sites_datalogger d ON d.id = x.datalogger_id WHERE d.site_id = ANY(%s) AND r.time >= %s AND r.time < %s
"""


class NoLibrary(Exception):
    """Parquet needs pyarrow: pip install --require-hashes -r requirements/export.lock"""


class Written(NamedTuple):
    readings: int
    lines: int


class Writer(Protocol):
    def write(self, rows: Sequence[Sequence[Any]]) -> None: ...
    def close(self) -> None: ...


class Csv:
    """UTF-8 with a head, times in ISO 8601 and UTC, an empty field for what is not known."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._csv = csv.writer(self._file)
        self._csv.writerow(COLUMNS)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._csv.writerows([plain(value) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()


def plain(value: Any) -> Any:
    """Times as text; and no field that a spreadsheet would take for a formula: serials are foreign words."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


class Parquet:
    """One row group for each slice; words are kept once, as a dictionary."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow  # it is big, and only one format needs it
            from pyarrow import parquet
        except ImportError as error:
            raise NoLibrary(NoLibrary.__doc__) from error
        self._arrow = pyarrow
        moment, word = pyarrow.timestamp("us", tz="UTC"), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        kinds = {"time": moment, "received_at": moment, "claimed_time": moment, "value": pyarrow.float64()}
        self._schema = pyarrow.schema([(name, kinds.get(name, word)) for name in COLUMNS])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        pairs = zip(zip(*rows, strict=True), self._schema, strict=True)
        columns = [self._arrow.array(column, field.type) for column, field in pairs]
        self._writer.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


WRITERS: dict[str, Callable[[Path], Writer]] = {"csv": Csv, "parquet": Parquet}


def export(
    sites: QuerySet[Site], start: datetime, end: datetime, path: Path, form: str, progress: Callable[[int, int], None]
) -> Written:
    """Write the readings of [start, end). progress: called with the lines written and those to come in all.

    A file that is not whole keeps the name `….part`. Raises NoLibrary.
    """
    ids = list(sites.values_list("pk", flat=True))
    part = path.with_name(f"{path.name}.part")
    writer, lines = WRITERS[form](part), 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(COUNT, [ids, start, end])
        readings, total = map(int, cursor.fetchone())
        try:
            for rows in _slices([ids, start, end]):
                writer.write(rows)
                lines += len(rows)
                progress(lines, total)
        finally:
            writer.close()
    part.replace(path)
    return Written(readings, lines)


def _slices(values: Sequence[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """From a cursor of the database itself: it, not we, holds what is not read yet."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(ROWS, values)
        while rows := cursor.fetchmany(SLICE):
            yield rows
