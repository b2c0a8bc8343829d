"""What migrations promise to a database that is there already."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
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
