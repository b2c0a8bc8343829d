"""Sparkplug nodes and what arrived from them; a connection may ask them for their births, which the trail watches."""

import django.db.models.deletion
from django.db import migrations, models


CONNECTION = (
    "site_id,broker_host,broker_port,username,password,client_id_prefix,protocol,use_tls,tls_verify,"
    "ca_certificate,client_certificate,client_key,is_active,discover_until,discover_system,keep_raw_days,is_host_trusted"
)
WATCH = """
CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {0} ON mqtt_app_mqttconnection FOR EACH ROW
EXECUTE FUNCTION sites_audit('connection', 'broker_host', 'site_id', '{{{0}}}', '{{password,client_key}}')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('mqtt_app', '0007_session_broker'),
    ]

    operations = [
        migrations.AddField(
            model_name='mqttconnection',
            name='asks_for_births',
            field=models.BooleanField(db_default=False, default=False, help_text='When messages or births of a node were missed: publishes Node Control/Rebirth to it.', verbose_name='ask Sparkplug nodes for their births'),
        ),
        migrations.CreateModel(
            name='SparkplugArrival',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=512)),
                ('said', models.JSONField()),
                ('newest', models.DateTimeField()),
                ('connection', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mqtt_app.mqttconnection')),
            ],
            options={
                'indexes': [models.Index(fields=['connection', 'newest'], name='sparkplug_arrivals')],
            },
        ),
        migrations.CreateModel(
            name='SparkplugNode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('node', models.CharField(help_text='The topic that takes its commands.', max_length=512)),
                ('seq', models.PositiveSmallIntegerField(null=True)),
                ('gaps', models.PositiveIntegerField(default=0, help_text='How often messages were missed.')),
                ('lacks', models.CharField(blank=True, choices=[('', 'Nothing'), ('messages', 'Messages'), ('names', 'Names')], default='', max_length=8)),
                ('lacks_since', models.DateTimeField(blank=True, null=True)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('asked', models.PositiveSmallIntegerField(default=0, help_text='How often, since it last told its births.')),
                ('heard_at', models.DateTimeField()),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sparkplug_nodes', to='mqtt_app.mqttconnection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('connection', 'node'), name='sparkplug_node_once')],
            },
        ),
        migrations.RunSQL(WATCH.format(CONNECTION + ",asks_for_births"), WATCH.format(CONNECTION)),
    ]
