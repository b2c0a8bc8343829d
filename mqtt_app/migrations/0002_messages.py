"""What becomes of messages: batches, receipts, the ledger, raw copies, and what they teach."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models
from sites.operations import CreateModels


class Migration(migrations.Migration):
    dependencies = [
        ("mqtt_app", "0001_connections"),
    ]
    replaces = [
        ("mqtt_app", "0003_ledger_open_pages"),
        ("mqtt_app", "0004_ledger_minutes"),
        ("mqtt_app", "0005_receipts_by_session"),
    ]
    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Batch',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                    ('size', models.PositiveIntegerField()),
                    ('begun', models.PositiveSmallIntegerField(default=1)),
                    ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('done_at', models.DateTimeField(null=True)),
                ],
            ),
            migrations.CreateModel(
                name='Receipt',
                fields=[
                    ('pk', models.CompositePrimaryKey('connection_id', 'session', 'mid', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='mqtt_app.mqttconnection')),
                    ('session', models.BigIntegerField(help_text='The generation at which the broker began it.')),
                    ('mid', models.PositiveIntegerField()),
                    ('generation', models.BigIntegerField()),
                    ('digest', models.UUIDField(help_text='128 bits of BLAKE2b over topic and payload.')),
                    ('received_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='LedgerMinute',
                fields=[
                    ('pk', models.CompositePrimaryKey('connection_id', 'epoch', 'qos', 'minute', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='ledger', to='mqtt_app.mqttconnection')),
                    ('epoch', models.BigIntegerField()),
                    ('qos', models.PositiveSmallIntegerField()),
                    ('minute', models.DateTimeField()),
                    ('received', models.BigIntegerField(db_default=0, default=0)),
                    ('stored', models.BigIntegerField(db_default=0, default=0)),
                    ('ignored', models.BigIntegerField(db_default=0, default=0)),
                    ('unrecognised', models.BigIntegerField(db_default=0, default=0)),
                    ('failed', models.BigIntegerField(db_default=0, default=0)),
                    ('duplicate', models.BigIntegerField(db_default=0, default=0)),
                    ('overflowed', models.BigIntegerField(db_default=0, default=0)),
                    ('lost', models.BigIntegerField(db_default=0, default=0)),
                    ('returned', models.BigIntegerField(db_default=0, default=0)),
                    ('is_closed', models.BooleanField(db_default=False, default=False, help_text="The listener's run has ended; what was in flight is booked.")),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('is_closed', False)), fields=['connection', 'epoch'], name='ledger_open_pages'), models.Index(fields=['minute'], name='ledger_minutes')],
                },
            ),
            migrations.CreateModel(
                name='Pulse',
                fields=[
                    ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ('at', models.DateTimeField()),
                    ('detail', models.JSONField(blank=True, default=dict)),
                ],
            ),
            migrations.CreateModel(
                name='RawMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='raw_messages', to='mqtt_app.mqttconnection')),
                    ('received_at', models.DateTimeField()),
                    ('qos', models.PositiveSmallIntegerField()),
                    ('retain', models.BooleanField()),
                    ('fate', models.CharField(max_length=12)),
                    ('parser_name', models.CharField(blank=True, max_length=64)),
                    ('topic', models.CharField(max_length=512)),
                    ('payload', models.BinaryField()),
                ],
                options={
                    'indexes': [models.Index(fields=['connection', 'id'], name='raw_of_a_connection'), django.contrib.postgres.indexes.BrinIndex(fields=['received_at'], name='raw_by_time')],
                },
            ),
            migrations.CreateModel(
                name='Lesson',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('site', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='lessons', to='sites.site')),
                    ('source', models.CharField(max_length=512)),
                    ('about', models.CharField(max_length=512)),
                    ('family', models.CharField(max_length=64)),
                    ('body', models.JSONField(null=True)),
                    ('taught_at', models.DateTimeField(help_text='Reception of the message that taught it.')),
                ],
                options={
                    'indexes': [models.Index(fields=['site', 'about'], name='lessons_about')],
                    'constraints': [models.UniqueConstraint(fields=('site', 'source', 'about'), name='lesson_once_per_source')],
                },
            ),
        ),
    ]
