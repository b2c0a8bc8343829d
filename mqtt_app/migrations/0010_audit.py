"""Connections and topics are watched by the audit trail: what people wish, not what listeners report."""

from django.db import migrations

CONNECTION = (
    "site_id,broker_host,broker_port,username,password,client_id_prefix,protocol,use_tls,tls_verify,"
    "ca_certificate,client_certificate,client_key,is_active,discover_until"
)
TOPIC = "mqtt_connection_id,topic_pattern,is_active,qos_level,parser_name"


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0009_parser_cases"), ("sites", "0006_audit")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {CONNECTION} ON mqtt_app_mqttconnection "
            "FOR EACH ROW EXECUTE FUNCTION sites_audit("
            f"'connection', 'broker_host', 'site_id', '{{{CONNECTION}}}', '{{password,client_key}}')",
            "DROP TRIGGER audit ON mqtt_app_mqttconnection",
        ),
        migrations.RunSQL(
            f"CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {TOPIC} ON mqtt_app_mqtttopic "
            "FOR EACH ROW EXECUTE FUNCTION sites_audit("
            f"'topic', 'topic_pattern', 'mqtt_connection_id>mqtt_app_mqttconnection', '{{{TOPIC}}}', '{{}}')",
            "DROP TRIGGER audit ON mqtt_app_mqtttopic",
        ),
    ]
