"""The audit trail watches what people wish, not what listeners report."""

from django.db import migrations

CONNECTION = (
    "site_id,broker_host,broker_port,username,password,client_id_prefix,protocol,use_tls,tls_verify,"
    "ca_certificate,client_certificate,client_key,is_active,discover_until,discover_system,keep_raw_days"
)
TOPIC = "mqtt_connection_id,topic_pattern,is_active,qos_level,parser_name,is_muted"
RULE = "site_id,name,problems,address,delay_s,failure_percent,tells_recovery,quiet_from,quiet_to,is_active"

# Kind, table, the column that names the row, the one that leads to its site, the watched ones, the secret ones.
WATCHED = (
    ("connection", "mqtt_app_mqttconnection", "broker_host", "site_id", CONNECTION, "password,client_key"),
    ("topic", "mqtt_app_mqtttopic", "topic_pattern", "mqtt_connection_id>mqtt_app_mqttconnection", TOPIC, ""),
    ("mapping", "mqtt_app_mapping", "name", "site_id", "site_id,name,active_id", ""),
    ("notice rule", "mqtt_app_noticerule", "name", "site_id", RULE, "address"),
)
WATCH_MAINTENANCE = """
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON mqtt_app_maintenance
FOR EACH ROW EXECUTE FUNCTION sites_audit('maintenance', 'reason', 'site_id', '{site_id,starts_at,ends_at,reason}', '{}')
"""
WATCH_COMMANDS = """
CREATE TRIGGER audit AFTER INSERT ON mqtt_app_command
FOR EACH ROW EXECUTE FUNCTION sites_audit('command', 'topic', 'site_id', '{kind,topic,method,expires_at}', '{}')
"""


def watch(kind: str, table: str, label: str, site: str, columns: str, secret: str) -> migrations.RunSQL:
    """The trigger of a table. Only an UPDATE that names one of the columns reaches it."""
    return migrations.RunSQL(
        f"CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION sites_audit('{kind}', '{label}', '{site}', '{{{columns}}}', '{{{secret}}}')",
        f"DROP TRIGGER audit ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("mqtt_app", "0004_notices"),
        ("sites", "0003_audit_trail"),
    ]
    replaces = [
        ("mqtt_app", "0010_audit"),
        ("mqtt_app", "0015_audit_mappings"),
    ]
    operations = [
        *(watch(*each) for each in WATCHED),
        migrations.RunSQL(WATCH_MAINTENANCE, "DROP TRIGGER audit ON mqtt_app_maintenance"),
        migrations.RunSQL(WATCH_COMMANDS, "DROP TRIGGER audit ON mqtt_app_command"),
    ]
