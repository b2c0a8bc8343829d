"""The audit trail watches templates, trusted hosts, services of notices, groups' names and scheduled tasks, too; and
the hot tables keep one index for what their primary keys, or a longer index, find as well.

An index goes concurrently, so that nobody waits for a backup that is reading the table. It may be repeated.
"""

import django.db.models.deletion
from django.db import migrations, models

CONNECTION = (
    "site_id,broker_host,broker_port,username,password,client_id_prefix,protocol,use_tls,tls_verify,"
    "ca_certificate,client_certificate,client_key,is_active,discover_until,discover_system,keep_raw_days"
)
TOPIC = "mqtt_connection_id,topic_pattern,is_active,qos_level,parser_name,is_muted"
RULE = "site_id,name,problems,address,delay_s,failure_percent,tells_recovery,quiet_from,quiet_to,is_active"
TASK = "name,task,args,kwargs,queue,enabled,one_off,interval_id,crontab_id,solar_id,clocked_id"

# Kind, table, the column that names the row, the one that leads to its site, the watched ones, those more, the secret ones.
WIDER = (
    ("connection", "mqtt_app_mqttconnection", "broker_host", "site_id", CONNECTION, "is_host_trusted", "password,client_key"),
    ("topic", "mqtt_app_mqtttopic", "topic_pattern", "mqtt_connection_id>mqtt_app_mqttconnection", TOPIC, "template", ""),
    ("notice rule", "mqtt_app_noticerule", "name", "site_id", RULE, "service", "address"),
)
NEW = (
    ("group", "auth_group", "name", "name"),
    ("scheduled task", "django_celery_beat_periodictask", "name", TASK),
)
# Table, the field and the model that it leads to, the index that another one covers.
COVERED = (
    ("receipt", "connection", "receipts", "mqttconnection", "mqtt_app_receipt_connection_id_0c09eb3e"),
    ("ledgerminute", "connection", "ledger", "mqttconnection", "mqtt_app_ledgerminute_connection_id_c5d003a2"),
    ("rawmessage", "connection", "raw_messages", "mqttconnection", "mqtt_app_rawmessage_connection_id_40fa3a4c"),
    ("topicsample", "topic", "samples", "discoveredtopic", "mqtt_app_topicsample_topic_id_7b93b0d6"),
)


def trigger(kind: str, table: str, label: str, site: str, columns: str, secret: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION sites_audit('{kind}', '{label}', '{site}', '{{{columns}}}', '{{{secret}}}')"
    )


def widen(kind: str, table: str, label: str, site: str, columns: str, more: str, secret: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        trigger(kind, table, label, site, f"{columns},{more}", secret), trigger(kind, table, label, site, columns, secret)
    )


def watch(kind: str, table: str, label: str, columns: str) -> migrations.RunSQL:
    return migrations.RunSQL(trigger(kind, table, label, "", columns, ""), f"DROP TRIGGER IF EXISTS audit ON {table}")


def let_go(model: str, field: str, related_name: str, to: str, index: str) -> migrations.SeparateDatabaseAndState:
    key = models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=related_name,
        to=f"mqtt_app.{to}",
    )
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON mqtt_app_{model} ({field}_id)",
        )],
        [migrations.AlterField(model, field, key)],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("mqtt_app", "0005_audit_trail"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        *(widen(*each) for each in WIDER),
        *(watch(*each) for each in NEW),
        *(let_go(*each) for each in COVERED),
    ]
