"""Sites, who may see them, and what stands there."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import sites.models
from django.conf import settings
from django.db import migrations, models
from sites.operations import CreateModels

FILL = " ".join(
    f"ALTER TABLE {table} SET (fillfactor = 70);" for table in ("sites_gateway", "sites_datalogger", "sites_sensor")
)
"""Rows that every message updates keep room on their page, so that updates touch no index (HOT)."""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    replaces = [
        ("sites", "0001_initial"),
        ("sites", "0003_site_retention"),
        ("sites", "0004_profile"),
        ("sites", "0005_token_sites"),
        ("sites", "0009_unknown_devices"),
    ]
    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Site',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=128, unique=True)),
                    ('slug', models.SlugField(help_text="First level of this site's MQTT topics.", max_length=64, unique=True)),
                    ('site_type', models.CharField(choices=[('bridge', 'Bridge'), ('dam', 'Dam'), ('tunnel', 'Tunnel'), ('building', 'Building'), ('plant', 'Plant'), ('other', 'Other')], default='other', max_length=16)),
                    ('timezone', models.CharField(default='UTC', max_length=64, validators=[sites.models.validate_timezone])),
                    ('location', models.CharField(blank=True, max_length=255)),
                    ('is_active', models.BooleanField(default=True, help_text='Visible in the application. A hidden site still ingests.')),
                    ('readings_keep_days', models.PositiveIntegerField(blank=True, help_text='Empty: as long as those of all sites. Older ones are deleted daily.', null=True, validators=[sites.models.validate_keep_days], verbose_name='keep readings for (days)')),
                    ('unknown_devices', models.CharField(choices=[('accept', 'let in'), ('hold', 'held until somebody lets it in'), ('refuse', 'refused: what it says is ignored')], db_default='accept', default='accept', help_text='What becomes of a device that this site does not know, and no rule of it.', max_length=6)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ('name',),
                },
            ),
            migrations.CreateModel(
                name='DeviceRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_rules', to='sites.site')),
                    ('position', models.PositiveSmallIntegerField(default=0, help_text='The smallest is asked first.')),
                    ('pattern', models.CharField(help_text='Of a serial; * is any text, ? one character.', max_length=128)),
                    ('action', models.CharField(choices=[('accept', 'let in'), ('hold', 'held until somebody lets it in'), ('refuse', 'refused: what it says is ignored')], max_length=6)),
                ],
                options={
                    'ordering': ('site', 'position', 'pk'),
                    'constraints': [models.UniqueConstraint(fields=('site', 'pattern'), name='rule_pattern_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='Newcomer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='newcomers', to='sites.site')),
                    ('role', models.CharField(choices=[('gateway', 'Gateway'), ('datalogger', 'Datalogger')], max_length=10)),
                    ('serial', models.CharField(max_length=128)),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('approved', 'Approved'), ('refused', 'Refused')], db_default='waiting', default='waiting', max_length=8)),
                    ('message_count', models.BigIntegerField(default=0)),
                    ('first_seen_at', models.DateTimeField()),
                    ('last_seen_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ('-last_seen_at',),
                    'constraints': [models.UniqueConstraint(fields=('site', 'role', 'serial'), name='newcomer_once_per_site_and_role')],
                },
            ),
            migrations.CreateModel(
                name='SerialConflict',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='serial_conflicts', to='sites.site')),
                    ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sites.site')),
                    ('role', models.CharField(choices=[('gateway', 'Gateway'), ('datalogger', 'Datalogger')], max_length=10)),
                    ('serial', models.CharField(max_length=128)),
                    ('found_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'ordering': ('-found_at',),
                    'constraints': [models.UniqueConstraint(fields=('site', 'other', 'role', 'serial'), name='serial_conflict_once')],
                },
            ),
            migrations.CreateModel(
                name='Gateway',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('status', models.CharField(choices=[('online', 'Online'), ('offline', 'Offline'), ('unknown', 'Unknown')], db_default='unknown', default='unknown', max_length=8)),
                    ('status_since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                    ('offline_reason', models.CharField(blank=True, choices=[('silent', 'silent for 2.5 × its interval'), ('declared', 'declared offline by a message or last will'), ('gateway', 'its gateway is offline')], db_default='', max_length=8)),
                    ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                    ('interval_s', models.FloatField(blank=True, help_text='Seconds it promises between two messages.', null=True)),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gateways', to='sites.site')),
                    ('serial', models.CharField(max_length=128)),
                    ('firmware', models.CharField(blank=True, db_default='', max_length=128)),
                    ('addresses', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, help_text='ip_address, hostname and the like.')),
                    ('metadata', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict)),
                    ('first_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                ],
                options={
                    'ordering': ('site', 'serial'),
                    'indexes': [models.Index(fields=['serial'], name='gateways_by_serial')],
                    'constraints': [models.UniqueConstraint(fields=('site', 'serial'), name='gateway_serial_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='Datalogger',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('status', models.CharField(choices=[('online', 'Online'), ('offline', 'Offline'), ('unknown', 'Unknown')], db_default='unknown', default='unknown', max_length=8)),
                    ('status_since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                    ('offline_reason', models.CharField(blank=True, choices=[('silent', 'silent for 2.5 × its interval'), ('declared', 'declared offline by a message or last will'), ('gateway', 'its gateway is offline')], db_default='', max_length=8)),
                    ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                    ('interval_s', models.FloatField(blank=True, help_text='Seconds it promises between two messages.', null=True)),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dataloggers', to='sites.site')),
                    ('gateway', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='dataloggers', to='sites.gateway')),
                    ('serial', models.CharField(max_length=128)),
                    ('kind', models.CharField(blank=True, db_default='', max_length=64)),
                    ('firmware', models.CharField(blank=True, db_default='', max_length=128)),
                    ('metadata', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict)),
                    ('first_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                ],
                options={
                    'ordering': ('site', 'serial'),
                    'indexes': [models.Index(fields=['serial'], name='dataloggers_by_serial')],
                    'constraints': [models.UniqueConstraint(fields=('site', 'serial'), name='datalogger_serial_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='Sensor',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('datalogger', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sensors', to='sites.datalogger')),
                    ('key', models.CharField(max_length=128)),
                    ('kind', models.CharField(blank=True, db_default='', max_length=64)),
                    ('unit', models.CharField(blank=True, db_default='', max_length=32)),
                    ('components', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), db_default=models.Value('{}'), default=list, size=None)),
                    ('latest_values', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), blank=True, null=True, size=None)),
                    ('latest_time', models.DateTimeField(blank=True, null=True)),
                    ('latest_received_at', models.DateTimeField(blank=True, null=True)),
                    ('latest_quality', models.CharField(blank=True, db_default='', max_length=12)),
                ],
                options={
                    'ordering': ('datalogger', 'key'),
                    'constraints': [models.UniqueConstraint(fields=('datalogger', 'key'), name='sensor_key_once_per_datalogger')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='sites.site')),
                    ('role', models.CharField(choices=[('viewer', 'Viewer'), ('operator', 'Operator'), ('admin', 'Admin')], default='viewer', max_length=8)),
                ],
                options={
                    'ordering': ('site', 'user'),
                    'constraints': [models.UniqueConstraint(fields=('user', 'site'), name='one_role_per_user_and_site')],
                },
            ),
            migrations.CreateModel(
                name='Profile',
                fields=[
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='profile', serialize=False, to=settings.AUTH_USER_MODEL)),
                    ('language', models.CharField(choices=[('en', 'English'), ('it', 'Italiano')], default='en', max_length=2)),
                    ('theme', models.CharField(choices=[('auto', 'as the device says'), ('light', 'Light'), ('dark', 'Dark')], default='auto', max_length=5)),
                ],
            ),
            migrations.CreateModel(
                name='ApiToken',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                    ('name', models.CharField(max_length=64)),
                    ('prefix', models.CharField(editable=False, max_length=12)),
                    ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('scope', models.CharField(choices=[('read', 'Read'), ('operate', 'Operate'), ('admin', 'Admin')], default='read', max_length=8)),
                    ('site_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, editable=False, help_text="The sites it is for, at most; empty: all of its user's.", null=True, size=None)),
                    ('expires_at', models.DateTimeField()),
                    ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ('-created_at',),
                },
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
