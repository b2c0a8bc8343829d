"""The audit trail watches mappings too, and what a topic and a connection have gained."""

from django.db import migrations

CONNECTION = (
    "site_id,broker_host,broker_port,username,password,client_id_prefix,protocol,use_tls,tls_verify,"
    "ca_certificate,client_certificate,client_key,is_active,discover_until"
)
TOPIC = "mqtt_connection_id,topic_pattern,is_active,qos_level,parser_name"


def trigger(kind: str, table: str, label: str, site: str, columns: str, secret: str = "") -> str:
    return (
        f"CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION sites_audit('{kind}', '{label}', '{site}', '{{{columns}}}', '{{{secret}}}')"
    )


def connection(columns: str) -> str:
    return trigger("connection", "mqtt_app_mqttconnection", "broker_host", "site_id", columns, "password,client_key")


def topic(columns: str) -> str:
    return trigger("topic", "mqtt_app_mqtttopic", "topic_pattern", "mqtt_connection_id>mqtt_app_mqttconnection", columns)


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0014_mappings"), ("sites", "0006_audit")]

    operations = [
        migrations.RunSQL(connection(f"{CONNECTION},discover_system,keep_raw_days"), connection(CONNECTION)),
        migrations.RunSQL(topic(f"{TOPIC},is_muted"), topic(TOPIC)),
        migrations.RunSQL(
            trigger("mapping", "mqtt_app_mapping", "name", "site_id", "site_id,name,active_id"),
            "DROP TRIGGER audit ON mqtt_app_mapping",
        ),
    ]
