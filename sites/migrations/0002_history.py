"""History and its hourly rollups: partitioned by time, with a DEFAULT partition so that nothing is ever without a home."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

READINGS = """
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
-- Where in a partition the readings of one hour lie; costs next to nothing.
CREATE INDEX sites_reading_time ON sites_reading USING brin (time) WITH (pages_per_range = 32, autosummarize = on);
"""

ROLLUPS = """
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

# Django cannot make a partitioned table; it is told that these are its own all the same.
READING = migrations.CreateModel(
    name='Reading',
    fields=[
        ('pk', models.CompositePrimaryKey('sensor_id', 'time', blank=True, editable=False, primary_key=True, serialize=False)),
        ('sensor', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='sites.sensor')),
        ('time', models.DateTimeField()),
        ('received_at', models.DateTimeField()),
        ('values', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
        ('quality', models.CharField(max_length=12)),
        ('claimed_time', models.DateTimeField(null=True)),
    ],
    options={
        'db_table': 'sites_reading',
        'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['time'], name='sites_reading_time', pages_per_range=32)],
    },
)

ROLLUP = migrations.CreateModel(
    name='Rollup',
    fields=[
        ('pk', models.CompositePrimaryKey('sensor_id', 'time', blank=True, editable=False, primary_key=True, serialize=False)),
        ('sensor', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='rollups', to='sites.sensor')),
        ('time', models.DateTimeField()),
        ('readings', models.IntegerField(db_default=0)),
        ('minima', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), db_default=models.Value('{}'), size=None)),
        ('sums', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), db_default=models.Value('{}'), size=None)),
        ('maxima', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), db_default=models.Value('{}'), size=None)),
        ('counts', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), db_default=models.Value('{}'), size=None)),
        ('is_stale', models.BooleanField(db_default=False)),
    ],
    options={
        'indexes': [models.Index(condition=models.Q(('is_stale', True)), fields=['sensor', 'time'], name='sites_rollup_stale')],
    },
)


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0001_sites_people_devices"),
    ]
    replaces = [
        ("sites", "0002_reading_partitions"),
        ("sites", "0007_rollups"),
        ("sites", "0008_reading_time_index"),
    ]
    operations = [
        migrations.RunSQL(READINGS, "DROP TABLE sites_reading", [READING]),
        migrations.RunSQL(ROLLUPS, "DROP TABLE sites_rollup", [ROLLUP]),
        migrations.CreateModel(
            name='RollupEdge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('announced', models.DateTimeField()),
                ('since', models.DateTimeField(null=True)),
                ('rolled', models.DateTimeField(null=True)),
            ],
        ),
    ]
