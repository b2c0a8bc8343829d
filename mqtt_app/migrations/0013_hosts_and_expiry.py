"""Whose word a broker's host is, and when the first certificate expires. Hosts entered before could lead anywhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0012_lessons_and_templates")]

    operations = [
        migrations.AddField(
            model_name="mqttconnection",
            name="certificate_expires_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When the first of the certificates in use expires.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="mqttconnection",
            name="certificate_name",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name="mqttconnection",
            name="is_host_trusted",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="A superuser entered the host: it may lead into a private network.",
            ),
        ),
        migrations.RunSQL("UPDATE mqtt_app_mqttconnection SET is_host_trusted = true", migrations.RunSQL.noop),
    ]
