"""What migrations promise to a database that is there already."""

import re
from collections.abc import Sequence

import pytest
from django.core.checks import run_checks
from django.db import connection, models
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveField,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
def test_a_database_made_by_the_migrations_that_ours_replace_needs_no_change() -> None:
    replacing = [one for one in MigrationLoader(connection).disk_migrations.values() if one.replaces]
    assert {one.app_label for one in replacing} == {"sites", "mqtt_app"}
    recorder = MigrationRecorder(connection)
    for one in replacing:
        recorder.record_unapplied(one.app_label, one.name)
        for app, name in one.replaces:
            recorder.record_applied(app, name)
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    executor.check_replacements()
    assert {(one.app_label, one.name) for one in replacing} <= recorder.applied_migrations().keys()


@pytest.mark.django_db
def test_a_database_that_has_a_part_of_what_is_replaced_is_told_so_before_anything_is_changed() -> None:
    several = next(one for one in MigrationLoader(connection).disk_migrations.values() if len(one.replaces) > 1)
    assert [one for one in run_checks(databases=["default"]) if one.id == "fieldledger.E016"] == []
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(several.app_label, several.name)
    recorder.record_unapplied(*several.replaces[0])
    [told] = [one for one in run_checks(databases=["default"]) if one.id == "fieldledger.E016"]
    assert f"{several.app_label}.{several.name}" in told.msg


TAKES_AWAY = re.compile(
    r"\b(DROP (TABLE|COLUMN)|RENAME|SET NOT NULL|ALTER COLUMN|TRUNCATE|DELETE FROM)\b", re.IGNORECASE
)
BLOCKS = re.compile(r"\b(CREATE|DROP)( UNIQUE)? INDEX (?!CONCURRENTLY)", re.IGNORECASE)
SMALL = {"site", "profile", "mqttconnection"}
"""Tables whose rows are few, so that checking each of them takes no time."""

LOOKED_AT = {
    "sites.0004_authenticator_app": "takes django-otp's tables with their readable keys: docs/operations.md says so",
    "sites.0011_identity_is_the_last_word": "the function that it replaces takes back an entry of its own",
}


def hinders(operation: Operation) -> str:
    """Why the version that still runs would stumble over this, or wait for long; empty: it does neither."""
    match operation:
        case SeparateDatabaseAndState():
            return "".join(map(hinders, operation.database_operations))
        case CreateModel():
            return ""
        case AddField(field=field) if field.null or field.has_db_default():
            return ""
        case AddConstraint(model_name=model) if model in SMALL:
            return ""
        case RunSQL(sql=str() as sql):
            return next((found[0] for one in (TAKES_AWAY, BLOCKS) if (found := one.search(sql))), "")
    return type(operation).__name__


def hindrances(operations: Sequence[Operation]) -> list[str]:
    """What is done to a table that the same migration makes hinders nobody."""
    made = {one.name.lower() for one in operations if isinstance(one, CreateModel)}
    return [said for one in operations if getattr(one, "model_name", "") not in made and (said := hinders(one))]


def test_a_migration_takes_nothing_from_the_version_that_still_runs_and_holds_no_lock_for_long() -> None:
    """Those that replace others make the tables of an empty database."""
    ours = [one for one in MigrationLoader(None).disk_migrations.values() if one.app_label in ("sites", "mqtt_app")]
    names = {f"{one.app_label}.{one.name}" for one in ours if not one.replaces and hindrances(one.operations)}
    assert names == LOOKED_AT.keys()


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (RemoveField("site", "name"), "RemoveField"),
        (AddField("site", "height", models.FloatField(default=0.0)), "AddField"),
        (AlterField("site", "name", models.TextField()), "AlterField"),
        (AddIndex("datalogger", models.Index(fields=["name"], name="by_name")), "AddIndex"),
        (AddConstraint("sensor", models.CheckConstraint(condition=models.Q(unit=""), name="bare")), "AddConstraint"),
        (RunSQL("CREATE INDEX by_name ON sites_sensor (name)"), "CREATE INDEX "),
        (RunSQL("ALTER TABLE sites_site DROP COLUMN name"), "DROP COLUMN"),
        (RunSQL("CREATE INDEX CONCURRENTLY by_name ON sites_sensor (name)"), ""),
        (AddField("site", "height", models.FloatField(db_default=0.0)), ""),
    ],
)
def test_a_migration_that_hinders_would_be_noticed(operation: Operation, said: str) -> None:
    assert "".join(hindrances([operation])) == said
