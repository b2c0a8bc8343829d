"""What changed of who a datalogger is: its firmware, its kind, the gateway it is behind; noted by the database."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

# What was not known before is no change. A device that says now this, now that, is noted once a minute.
NOTE = """
CREATE FUNCTION sites_note_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sites_identitychange (datalogger_id, what, before, after)
    SELECT NEW.id, what, before, after FROM (VALUES
        ('firmware', OLD.firmware::text, NEW.firmware::text),
        ('kind', OLD.kind, NEW.kind),
        ('gateway', (SELECT serial FROM sites_gateway WHERE id = OLD.gateway_id),
            (SELECT serial FROM sites_gateway WHERE id = NEW.gateway_id))
    ) AS said (what, before, after)
    WHERE before <> '' AND after <> '' AND before <> after AND NOT EXISTS (
        SELECT 1 FROM sites_identitychange c
        WHERE c.datalogger_id = NEW.id AND c.what = said.what AND c.at > now() - interval '1 minute'
    );
    RETURN NULL;
END $$;
CREATE TRIGGER identity AFTER UPDATE OF firmware, kind, gateway_id ON sites_datalogger FOR EACH ROW
WHEN ((OLD.firmware, OLD.kind, OLD.gateway_id) IS DISTINCT FROM (NEW.firmware, NEW.kind, NEW.gateway_id))
EXECUTE FUNCTION sites_note_identity();
"""
FORGET = "DROP TRIGGER identity ON sites_datalogger; DROP FUNCTION sites_note_identity();"


class Migration(migrations.Migration):
    dependencies = [("sites", "0009_expected_interval")]

    operations = [
        migrations.CreateModel(
            name="IdentityChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=Now())),
                (
                    "what",
                    models.CharField(
                        choices=[("firmware", "Firmware"), ("kind", "Kind"), ("gateway", "Gateway")], max_length=8
                    ),
                ),
                ("before", models.TextField()),
                ("after", models.TextField()),
                (
                    "datalogger",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="identity_changes",
                        to="sites.datalogger",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-id"),
                "indexes": [models.Index(fields=["datalogger", "-at"], name="identity_of_a_datalogger")],
            },
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
