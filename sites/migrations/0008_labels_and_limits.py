"""What people call a sensor, the unit they see it in, and the limits its values should keep.

Columns with a constant default and a trigger need the table for a moment only, however many sensors there are.
"""

from django.db import migrations, models

OWN = "label,own_unit,lower_limit,upper_limit"
WATCH = f"""
CREATE TRIGGER audit_of_people AFTER UPDATE OF {OWN} ON sites_sensor
FOR EACH ROW EXECUTE FUNCTION sites_audit('sensor', 'key', 'datalogger_id>sites_datalogger', '{{{OWN}}}', '{{}}')
"""
LIMIT = {"null": True, "blank": True, "help_text": "In the unit that is shown."}


class Migration(migrations.Migration):
    dependencies = [("sites", "0007_more_room_on_pages")]

    operations = [
        migrations.AddField(
            "sensor",
            "label",
            models.CharField(
                max_length=128, blank=True, default="", db_default="", help_text="What people call it; its key is the device's."
            ),
        ),
        migrations.AddField(
            "sensor",
            "own_unit",
            models.CharField(
                max_length=32, blank=True, default="", db_default="", help_text="Shown instead of the unit the device says."
            ),
        ),
        migrations.AddField("sensor", "lower_limit", models.FloatField(**LIMIT)),
        migrations.AddField("sensor", "upper_limit", models.FloatField(**LIMIT)),
        migrations.RunSQL(WATCH, "DROP TRIGGER audit_of_people ON sites_sensor"),
    ]
