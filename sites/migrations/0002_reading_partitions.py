"""The history table: partitioned by device time, with a DEFAULT partition so that no reading is ever without a home."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FILL = " ".join(
    f"ALTER TABLE {table} SET (fillfactor = 70);" for table in ("sites_gateway", "sites_datalogger", "sites_sensor")
)
"""Rows that every message updates keep room on their page, so that updates touch no index (HOT)."""

CREATE = """
CREATE TABLE sites_reading (
    sensor_id bigint NOT NULL,
    time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    values double precision[] NOT NULL,
    quality varchar(12) NOT NULL,
    claimed_time timestamptz,
    PRIMARY KEY (sensor_id, time)
) PARTITION BY RANGE (time);
CREATE TABLE sites_reading_default PARTITION OF sites_reading DEFAULT;
"""

READING = migrations.CreateModel(
    name="Reading",
    fields=[
        (
            "pk",
            models.CompositePrimaryKey(
                "sensor_id", "time", blank=True, editable=False, primary_key=True, serialize=False
            ),
        ),
        ("time", models.DateTimeField()),
        ("received_at", models.DateTimeField()),
        ("values", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
        ("quality", models.CharField(max_length=12)),
        ("claimed_time", models.DateTimeField(null=True)),
        (
            "sensor",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="readings",
                to="sites.sensor",
            ),
        ),
    ],
    options={"db_table": "sites_reading"},
)


class Migration(migrations.Migration):
    dependencies = [("sites", "0001_initial")]
    operations = [
        # Django cannot make a partitioned table; it is told that this one is its own all the same.
        migrations.SeparateDatabaseAndState([migrations.RunSQL(CREATE, "DROP TABLE sites_reading")], [READING]),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
