"""Rows that every message updates keep half of their page free: one pass over all of them touches no index (HOT)."""

from django.db import migrations

TABLES = ("sites_gateway", "sites_datalogger", "sites_sensor")
FILL = " ".join(f"ALTER TABLE {table} SET (fillfactor = {{}});" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("sites", "0006_names_and_tags")]
    operations = [migrations.RunSQL(FILL.format(*[50] * len(TABLES)), FILL.format(*[70] * len(TABLES)))]
