"""Backup and restore: the copy equals the original, table by table, and a copy that does not is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from mqtt_app.upkeep import backup
from project.environment import BASE_DIR
from sites.models import AuditEntry, Reading
from tests import rows

pytestmark = pytest.mark.django_db(transaction=True)

COPY = "fieldledger_copy"


@pytest.fixture
def copy(process_env: dict[str, str]) -> Iterator[dict[str, str]]:
    """A new, empty database; the environment of a process that uses it."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {COPY}")
        cursor.execute(f"CREATE DATABASE {COPY}")
    yield process_env | {"DATABASE_URL": process_env["DATABASE_URL"].replace(f"/{name}", f"/{COPY}")}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {COPY} WITH (FORCE)")


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def dump(process_env: dict[str, str], tmp_path: Path) -> Path:
    field = rows.furnished()
    past = [timezone.now() - timedelta(days=40 * number) for number in range(1, 6)]
    Reading.objects.bulk_create([rows.reading(field.sensor, time, 1 / 7, 1e-17, -3.0) for time in past])
    made = manage(process_env, "backup", str(tmp_path / "a.dump"))
    assert made.returncode == 0, made.stderr
    assert "FIELD_KEYS" in made.stdout
    return tmp_path / "a.dump"


def test_a_restored_copy_equals_the_original(dump: Path, copy: dict[str, str]) -> None:
    restored = manage(copy, "restore", str(dump))
    assert restored.returncode == 0, restored.stderr
    assert "Every table equals" in restored.stdout
    assert backup.differences(dump) == []
    code = "from sites.models import *; print(Reading.objects.count(), AuditEntry.objects.count())"
    expected = manage(copy, "shell", "-v", "0", "-c", code)
    assert expected.stdout.split() == [str(Reading.objects.count()), str(AuditEntry.objects.count())]
    assert manage(copy, "migrate", "--check").returncode == 0


def test_a_copy_that_differs_in_one_value_is_told(dump: Path, copy: dict[str, str]) -> None:
    assert manage(copy, "restore", str(dump)).returncode == 0
    manage(copy, "shell", "-c", "from sites.models import *; Gateway.objects.update(firmware='x')")
    told = manage(copy, "restore", "--compare", str(dump))
    assert told.returncode == 1
    assert "sites_gateway: 1 rows" in told.stderr
    assert "sites_reading" not in told.stderr


def test_nothing_is_written_over(dump: Path, process_env: dict[str, str]) -> None:
    assert "is there already" in manage(process_env, "backup", str(dump)).stderr
    refused = manage(process_env, "restore", str(dump))
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr


def test_a_backup_holds_no_readable_secret_and_its_command_no_password(dump: Path, copy: dict[str, str]) -> None:
    program = backup.tool("pg_restore")
    text = subprocess.run([program, "--file=-", str(dump)], capture_output=True, text=True, check=True).stdout
    assert "sites_reading" in text
    assert rows.PLANTED not in text
    assert rows.PLANTED_KEY.splitlines()[1] not in text


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(backup, "find_spec", lambda _: None)
    with pytest.raises(backup.CannotBackUp, match="postgresql-client-18"):
        backup.tool("pg_dump")
