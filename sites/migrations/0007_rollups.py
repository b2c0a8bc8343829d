"""Hourly rollups, partitioned by month like the readings that they stand for."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE sites_rollup (
    sensor_id bigint NOT NULL,
    time timestamptz NOT NULL,
    readings integer NOT NULL DEFAULT 0,
    minima double precision[] NOT NULL DEFAULT '{}',
    sums double precision[] NOT NULL DEFAULT '{}',
    maxima double precision[] NOT NULL DEFAULT '{}',
    counts integer[] NOT NULL DEFAULT '{}',
    is_stale boolean NOT NULL DEFAULT false,
    PRIMARY KEY (sensor_id, time)
) PARTITION BY RANGE (time);
CREATE TABLE sites_rollup_default PARTITION OF sites_rollup DEFAULT;
CREATE INDEX sites_rollup_stale ON sites_rollup (sensor_id, time) WHERE is_stale;
"""


def floats():
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.FloatField(), db_default=models.Value("{}"), size=None
    )


ROLLUP = migrations.CreateModel(
    name="Rollup",
    fields=[
        (
            "pk",
            models.CompositePrimaryKey(
                "sensor_id", "time", blank=True, editable=False, primary_key=True, serialize=False
            ),
        ),
        ("time", models.DateTimeField()),
        ("readings", models.IntegerField(db_default=0)),
        ("minima", floats()),
        ("sums", floats()),
        ("maxima", floats()),
        (
            "counts",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), db_default=models.Value("{}"), size=None
            ),
        ),
        ("is_stale", models.BooleanField(db_default=False)),
        (
            "sensor",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rollups",
                to="sites.sensor",
            ),
        ),
    ],
    options={
        "indexes": [
            models.Index(fields=["sensor", "time"], name="sites_rollup_stale", condition=models.Q(("is_stale", True)))
        ]
    },
)

class Migration(migrations.Migration):
    dependencies = [("sites", "0006_audit")]
    operations = [
        migrations.SeparateDatabaseAndState([migrations.RunSQL(CREATE, "DROP TABLE sites_rollup")], [ROLLUP]),
        migrations.CreateModel(
            name="RollupEdge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("announced", models.DateTimeField()),
                ("since", models.DateTimeField(null=True)),
                ("rolled", models.DateTimeField(null=True)),
            ],
        ),
    ]
