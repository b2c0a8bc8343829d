"""`manage.py export`: every reading once, in both formats, of the sites that somebody may see."""

import csv
import io
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pyarrow import parquet

from sites import exports
from sites.models import Reading, Role, Sensor
from tests import rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def field() -> SimpleNamespace:
    return rows.furnished()


def export(path: Path, *options: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("export", str(path), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def lines(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()  # type: ignore[no-any-return]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_component_of_every_reading_is_one_line(field: SimpleNamespace, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"all.{form}"
    said, progress = export(path)
    assert "10 readings, 30 lines" in said
    assert progress.endswith("30 of 30 lines, 100 %\n")
    found = lines(path)
    assert len(found) == 30
    first = {name: str(value) for name, value in found[0].items() if name in ("sensor", "component", "value", "unit")}
    assert first == {"sensor": "accelerometer", "component": "x", "value": "10.0", "unit": "g"}
    assert {line["site"] for line in found} == {"site_001"}
    assert not list(tmp_path.glob("*.part"))


def test_both_formats_say_the_same(field: SimpleNamespace, tmp_path: Path) -> None:
    export(tmp_path / "a.csv")
    export(tmp_path / "a.parquet")
    texts, values = lines(tmp_path / "a.csv"), lines(tmp_path / "a.parquet")
    assert [float(line["value"]) for line in texts] == [line["value"] for line in values]
    assert [line["time"] for line in texts] == [line["time"].isoformat().replace("+00:00", "Z") for line in values]


def test_a_range_and_a_site_cut_it(field: SimpleNamespace, tmp_path: Path) -> None:
    other = rows.furnished("site_002")
    old = timezone.now() - timedelta(days=70)
    Reading.objects.bulk_create([rows.reading(other.sensor, old, 1.0)])
    export(tmp_path / "old.csv", "--to", (old + timedelta(days=1)).date().isoformat())
    assert [line["site"] for line in lines(tmp_path / "old.csv")] == ["site_002"]
    export(tmp_path / "one.csv", "--site", "site_001")
    assert {line["site"] for line in lines(tmp_path / "one.csv")} == {"site_001"}


def test_a_range_that_ends_before_it_begins_is_refused(field: SimpleNamespace, tmp_path: Path) -> None:
    """An empty file would look as if there were nothing."""
    with pytest.raises(CommandError, match="Nothing lies between"):
        export(tmp_path / "none.csv", "--from", "2026-02-01", "--to", "2026-01-01")
    assert not (tmp_path / "none.csv").exists()


def test_for_somebody_it_holds_what_they_may_see(field: SimpleNamespace, tmp_path: Path) -> None:
    rows.furnished("site_002")
    rows.person("ada", Role.VIEWER, field.site)
    export(tmp_path / "hers.csv", "--user", "ada")
    assert {line["site"] for line in lines(tmp_path / "hers.csv")} == {"site_001"}
    with pytest.raises(CommandError, match="may not be seen: site_002"):
        export(tmp_path / "x.csv", "--user", "ada", "--site", "site_002")


@pytest.mark.parametrize(
    ("file", "options", "words"),
    [
        ("a.xls", (), ".csv or .parquet"),
        ("a.csv", ("--from", "yesterday"), "no date or time"),
        ("a.csv", ("--user", "nobody"), "nobody named"),
        ("a.csv", ("--site", "none"), "no such site"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, file: str, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        export(tmp_path / file, *options)
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(CommandError, match="already"):
        export(tmp_path / "there.csv")


def test_without_its_library_parquet_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match=r"pip install --require-hashes -r requirements/export\.lock"):
        export(tmp_path / "a.parquet")


def test_a_foreign_word_is_no_formula_for_a_spreadsheet(field: SimpleNamespace, tmp_path: Path) -> None:
    Sensor.objects.update(key="=cmd|' /C calc'!A0")
    export(tmp_path / "a.csv")
    assert lines(tmp_path / "a.csv")[0]["sensor"] == "'=cmd|' /C calc'!A0"


def test_an_export_that_breaks_leaves_no_file_that_looks_whole(
    field: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(_lines: int, _readings: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exports.export(
            field.site.__class__.objects.all(), timezone.now() - timedelta(days=1), timezone.now(),
            tmp_path / "a.csv", "csv", break_off,
        )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv.part"]
