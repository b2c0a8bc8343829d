"""What people call a gateway, and until when it rings nobody."""

from django.db import migrations, models

WATCH = """
CREATE TRIGGER audit_of_people AFTER UPDATE OF name, muted_until ON sites_gateway
FOR EACH ROW EXECUTE FUNCTION sites_audit('gateway', 'serial', 'site_id', '{name,muted_until}', '{}')
"""


class Migration(migrations.Migration):
    dependencies = [("sites", "0011_identity_is_the_last_word")]

    operations = [
        migrations.AddField(
            "gateway",
            "name",
            models.CharField(
                max_length=128, blank=True, default="", db_default="", help_text="What people call it; its serial says who it is."
            ),
        ),
        migrations.AddField(
            "gateway",
            "muted_until",
            models.DateTimeField(null=True, blank=True, help_text="Until then its silence rings nobody."),
        ),
        migrations.RunSQL(WATCH, "DROP TRIGGER audit_of_people ON sites_gateway"),
    ]
