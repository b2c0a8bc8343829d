"""The history table: partitioned by device time, with a DEFAULT partition so that no reading is ever without a home."""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("sites", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE sites_reading"), migrations.RunSQL(FILL, migrations.RunSQL.noop)]
