"""What people call a datalogger, what they sort it under, and until when it rings nobody."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Value

WATCH = f"""
CREATE TRIGGER audit_of_people AFTER UPDATE OF name, tags, muted_until ON sites_datalogger
FOR EACH ROW EXECUTE FUNCTION sites_audit('datalogger', 'serial', 'site_id', '{{name,tags,muted_until}}', '{{}}')
"""


class Migration(migrations.Migration):
    dependencies = [("sites", "0005_attention_and_bookmarks")]

    operations = [
        migrations.AddField(
            "datalogger",
            "name",
            models.CharField(
                max_length=128, blank=True, default="", db_default="", help_text="What people call it; its serial says who it is."
            ),
        ),
        migrations.AddField(
            "datalogger",
            "tags",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=40), blank=True, default=list, db_default=Value("{}")
            ),
        ),
        migrations.AddField(
            "datalogger",
            "muted_until",
            models.DateTimeField(null=True, blank=True, help_text="Until then its silence rings nobody."),
        ),
        migrations.RunSQL(WATCH, "DROP TRIGGER audit_of_people ON sites_datalogger"),
    ]
