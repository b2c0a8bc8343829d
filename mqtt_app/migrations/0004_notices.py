"""Who is told of what goes wrong."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import sites.fields
from django.db import migrations, models
from sites.operations import CreateModels


class Migration(migrations.Migration):
    dependencies = [
        ("mqtt_app", "0003_topics_and_failures"),
    ]
    replaces = [
        ("mqtt_app", "0016_notices"),
    ]
    operations = [
        CreateModels(
            migrations.CreateModel(
                name='NoticeRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notice_rules', to='sites.site')),
                    ('name', models.CharField(max_length=64)),
                    ('problems', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('connection', 'a connection is down'), ('device', 'a device is offline'), ('failures', 'many messages cannot be read'), ('ledger', 'the ledger does not balance')], max_length=16), size=None)),
                    ('address', sites.fields.EncryptedTextField(help_text='An address of apprise: mailto://…, slack://…, tgram://…, json://…')),
                    ('service', models.CharField(editable=False, max_length=64)),
                    ('delay_s', models.PositiveIntegerField(default=120, help_text='So long it must last before it is told.', validators=[django.core.validators.MaxValueValidator(86400)], verbose_name='delay (s)')),
                    ('failure_percent', models.PositiveSmallIntegerField(default=10, help_text='Above it, failures are many.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)])),
                    ('tells_recovery', models.BooleanField(default=True)),
                    ('quiet_from', models.TimeField(blank=True, help_text="In the site's time zone; what is told then waits.", null=True)),
                    ('quiet_to', models.TimeField(blank=True, null=True)),
                    ('is_active', models.BooleanField(default=True)),
                ],
                options={
                    'ordering': ('site', 'name'),
                    'constraints': [models.UniqueConstraint(fields=('site', 'name'), name='notice_rule_name_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='Maintenance',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='maintenances', to='sites.site')),
                    ('starts_at', models.DateTimeField()),
                    ('ends_at', models.DateTimeField()),
                    ('reason', models.CharField(blank=True, max_length=255)),
                ],
                options={
                    'ordering': ('-starts_at',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='ends_after_its_start')],
                },
            ),
            migrations.CreateModel(
                name='Incident',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='sites.site')),
                    ('problem', models.CharField(choices=[('connection', 'a connection is down'), ('device', 'a device is offline'), ('failures', 'many messages cannot be read'), ('ledger', 'the ledger does not balance')], max_length=16)),
                    ('subject', models.CharField(help_text='What it is about, such as gateway:7.', max_length=64)),
                    ('label', models.CharField(max_length=255)),
                    ('percent', models.PositiveSmallIntegerField(default=100)),
                    ('began_at', models.DateTimeField()),
                    ('bad_since', models.DateTimeField()),
                    ('good_since', models.DateTimeField(blank=True, null=True)),
                    ('ended_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                    ('flaps', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'ordering': ('-began_at',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('site', 'problem', 'subject'), name='one_open_incident_of_a_kind')],
                },
            ),
            migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='mqtt_app.noticerule')),
                    ('title', models.CharField(max_length=255)),
                    ('body', models.TextField()),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed')], default='waiting', max_length=8)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('sent_at', models.DateTimeField(blank=True, null=True)),
                    ('error', models.CharField(blank=True, max_length=255)),
                ],
                options={
                    'verbose_name_plural': 'deliveries',
                    'ordering': ('-id',),
                },
            ),
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='mqtt_app.noticerule')),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='mqtt_app.incident')),
                    ('word', models.CharField(choices=[('began', 'Began'), ('flaps', 'Flaps'), ('ended', 'Ended')], max_length=8)),
                    ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='mqtt_app.delivery')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('rule', 'incident', 'word'), name='one_notice_per_rule_and_change')],
                },
            ),
        ),
    ]
