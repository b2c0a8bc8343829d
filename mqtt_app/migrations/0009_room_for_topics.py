"""Discovered topics, which every message updates, keep half of their page free, so that no index is touched (HOT)."""

from django.db import migrations

FILL = "ALTER TABLE mqtt_app_discoveredtopic SET (fillfactor = 50)"
FULL = "ALTER TABLE mqtt_app_discoveredtopic RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0008_sparkplug_nodes")]
    operations = [migrations.RunSQL(FILL, FULL)]
