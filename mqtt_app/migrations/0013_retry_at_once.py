"""The next attempt of a connection can be wished at once, which the audit trail watches."""

from django.db import migrations, models

CONNECTION = (
    "site_id,broker_host,broker_port,username,password,client_id_prefix,protocol,use_tls,tls_verify,"
    "ca_certificate,client_certificate,client_key,is_active,discover_until,discover_system,keep_raw_days,"
    "is_host_trusted,asks_for_births"
)
WATCH = """
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {0} ON mqtt_app_mqttconnection FOR EACH ROW
EXECUTE FUNCTION sites_audit('connection', 'broker_host', 'site_id', '{{{0}}}', '{{password,client_key}}')
"""


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0012_audit_decisions")]

    operations = [
        migrations.AddField(
            "mqttconnection",
            "retry_wished_at",
            models.DateTimeField(
                null=True, blank=True, editable=False, help_text="When somebody last asked for the next attempt at once."
            ),
        ),
        migrations.RunSQL(WATCH.format(CONNECTION + ",retry_wished_at"), WATCH.format(CONNECTION)),
    ]
