"""Where in a partition the readings of one hour lie: an index of time that costs next to nothing."""

import django.contrib.postgres.indexes
from django.db import migrations

BRIN = "USING brin (time) WITH (pages_per_range = 32, autosummarize = on)"


def index(apps, editor):
    """One partition after the other while readings are written; what a run that was cut off has left is made anew."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("DROP INDEX IF EXISTS sites_reading_time")
        cursor.execute(f"CREATE INDEX sites_reading_time ON ONLY sites_reading {BRIN}")
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'sites_reading'::regclass")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_time_idx")
            cursor.execute(f"CREATE INDEX CONCURRENTLY {name}_time_idx ON {name} {BRIN}")
            cursor.execute(f"ALTER INDEX sites_reading_time ATTACH PARTITION {name}_time_idx")
        cursor.execute("RESET statement_timeout")


def unindex(apps, editor):
    editor.execute("DROP INDEX IF EXISTS sites_reading_time")


INDEX = migrations.AddIndex(
    model_name="reading",
    index=django.contrib.postgres.indexes.BrinIndex(
        autosummarize=True, fields=["time"], name="sites_reading_time", pages_per_range=32
    ),
)


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY
    dependencies = [("sites", "0007_rollups")]
    operations = [migrations.SeparateDatabaseAndState([migrations.RunPython(index, unindex)], [INDEX])]
