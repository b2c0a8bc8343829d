"""Which broker began the session: after a change of host its absence is no alarm."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0006_whole_audit_one_index")]

    operations = [
        migrations.AddField(
            "mqttconnection",
            "session_broker",
            models.TextField(
                blank=True,
                default="",
                db_default="",
                editable=False,
                help_text="Which broker keeps it, under which client id.",
            ),
        ),
    ]
