"""Topics that were seen, what could not be read, and what mends it: mappings, cases, replays."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from sites.operations import CreateModels


class Migration(migrations.Migration):
    dependencies = [
        ("mqtt_app", "0002_messages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    replaces = [
        ("mqtt_app", "0006_samples_and_kinds"),
        ("mqtt_app", "0008_topic_templates"),
        ("mqtt_app", "0009_parser_cases"),
        ("mqtt_app", "0011_replay"),
        ("mqtt_app", "0012_lessons_and_templates"),
        ("mqtt_app", "0014_mappings"),
    ]
    operations = [
        CreateModels(
            migrations.CreateModel(
                name='DiscoveredTopic',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='discovered_topics', to='sites.site')),
                    ('topic_path', models.CharField(max_length=512)),
                    ('topic_pattern', models.CharField(blank=True, help_text="The parser's filter that this topic matches.", max_length=512)),
                    ('first_seen_at', models.DateTimeField()),
                    ('last_seen_at', models.DateTimeField()),
                    ('message_count', models.BigIntegerField(default=0)),
                    ('sample_payload', models.JSONField(default=dict)),
                    ('sampled_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('sample_count', models.BigIntegerField(db_default=0, default=0, help_text='Samples ever taken; they go round in their slots.')),
                    ('is_processable', models.BooleanField(default=False, help_text='A parser recognises it.')),
                    ('processor_name', models.CharField(blank=True, max_length=64)),
                    ('registry', models.CharField(db_default='', editable=False, help_text='The mark of the parsers by which it was judged.', max_length=16)),
                ],
                options={
                    'ordering': ('site', 'topic_path'),
                    'indexes': [models.Index(fields=['registry', 'id'], name='topics_by_registry')],
                    'constraints': [models.UniqueConstraint(fields=('site', 'topic_path'), name='topic_path_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='TopicSample',
                fields=[
                    ('pk', models.CompositePrimaryKey('topic_id', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('topic', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='mqtt_app.discoveredtopic')),
                    ('slot', models.PositiveSmallIntegerField()),
                    ('received_at', models.DateTimeField()),
                    ('qos', models.PositiveSmallIntegerField()),
                    ('retain', models.BooleanField()),
                    ('size', models.PositiveIntegerField()),
                    ('payload', models.BinaryField()),
                ],
            ),
            migrations.CreateModel(
                name='TopicOverflow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topic_overflow', to='sites.site')),
                    ('template', models.CharField(max_length=512)),
                    ('example', models.CharField(max_length=512)),
                    ('message_count', models.BigIntegerField(default=0)),
                    ('parsed_count', models.BigIntegerField(default=0, help_text='Of them, those that a parser recognises.')),
                    ('first_seen_at', models.DateTimeField()),
                    ('last_seen_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('site', 'template'), name='overflow_template_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='MqttParsingLog',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parsing_logs', to='sites.site')),
                    ('topic', models.TextField()),
                    ('timestamp', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('received_at', models.DateTimeField()),
                    ('parser_name', models.CharField(blank=True, max_length=64)),
                    ('error_type', models.CharField(help_text='A stable reason code.', max_length=64)),
                    ('fingerprint', models.CharField(blank=True, db_default='', editable=False, max_length=16)),
                    ('parser_version', models.CharField(db_default='1', default='1', max_length=32)),
                    ('retain', models.BooleanField(db_default=False, default=False)),
                    ('payload', models.BinaryField()),
                    ('payload_sample', models.TextField(blank=True)),
                    ('error_message', models.TextField()),
                    ('exception_traceback', models.TextField(blank=True)),
                    ('outcome', models.CharField(blank=True, choices=[('recovered', 'all of it was stored'), ('partly', 'stored, but for bad parts'), ('failed', 'it still fails'), ('ignored', 'its topic is not parsed, or calls for nothing')], db_default='', help_text='What its last replay came to.', max_length=9)),
                    ('replayed_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'ordering': ('-timestamp', '-id'),
                    'indexes': [models.Index(fields=['fingerprint', '-id'], name='failures_of_a_kind')],
                },
            ),
            migrations.CreateModel(
                name='ParsingGroup',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parsing_groups', to='sites.site')),
                    ('fingerprint', models.CharField(max_length=16)),
                    ('parser_name', models.CharField(blank=True, max_length=64)),
                    ('error_type', models.CharField(max_length=64)),
                    ('path', models.CharField(blank=True, help_text='In the document; list positions are left out.', max_length=255)),
                    ('parser_version', models.CharField(db_default='1', default='1', max_length=32)),
                    ('count', models.BigIntegerField(default=0)),
                    ('first_seen_at', models.DateTimeField()),
                    ('last_seen_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('open', 'Open'), ('resolved', 'Resolved'), ('ignored', 'Ignored')], db_default='open', default='open', max_length=8)),
                    ('state_since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now)),
                ],
                options={
                    'ordering': ('-last_seen_at',),
                    'constraints': [models.UniqueConstraint(fields=('site', 'fingerprint'), name='failure_group_once_per_site')],
                },
            ),
            migrations.CreateModel(
                name='Replay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replays', to='sites.site')),
                    ('source', models.CharField(choices=[('failures', 'what could not be parsed'), ('raw', 'raw messages that the connection keeps')], default='failures', max_length=8)),
                    ('selection', models.JSONField(default=dict)),
                    ('parser_name', models.CharField(blank=True, help_text='Empty: as at reception.', max_length=64)),
                    ('state', models.CharField(choices=[('checking', 'dry run'), ('checked', 'waits to be started'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='checking', max_length=9)),
                    ('is_paused', models.BooleanField(default=False)),
                    ('total', models.PositiveIntegerField(default=0)),
                    ('cursor', models.BigIntegerField(default=0)),
                    ('last', models.BigIntegerField(default=0)),
                    ('tries', models.PositiveSmallIntegerField(default=0)),
                    ('checked', models.JSONField(default=dict)),
                    ('applied', models.JSONField(default=dict)),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('started_at', models.DateTimeField(blank=True, null=True)),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'ordering': ('-created_at',),
                    'indexes': [models.Index(condition=models.Q(('state__in', ['checking', 'running'])), fields=['touched_at'], name='replays_under_way')],
                },
            ),
            migrations.CreateModel(
                name='ParserCase',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parser_cases', to='sites.site')),
                    ('name', models.CharField(max_length=128)),
                    ('parser_name', models.CharField(max_length=64)),
                    ('topic', models.CharField(max_length=512)),
                    ('payload', models.BinaryField()),
                    ('retain', models.BooleanField(default=False)),
                    ('received_at', models.DateTimeField()),
                    ('expected', models.JSONField(default=dict)),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ('parser_name', 'name'),
                    'constraints': [models.UniqueConstraint(fields=('site', 'parser_name', 'name'), name='case_name_once_per_parser_and_site')],
                },
            ),
            migrations.CreateModel(
                name='Mapping',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(blank=True, help_text='Empty: it reads all sites.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mappings', to='sites.site')),
                    ('name', models.CharField(help_text='As its parser is called.', max_length=64, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_\\-]*\\Z', 'Use small letters, digits, - and _.')])),
                    ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ('name',),
                    'constraints': [models.UniqueConstraint(fields=('site', 'name'), name='mapping_name_once_per_site', nulls_distinct=False)],
                },
            ),
            migrations.CreateModel(
                name='MappingVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='mqtt_app.mapping')),
                    ('number', models.PositiveIntegerField()),
                    ('definition', models.JSONField()),
                    ('note', models.CharField(blank=True, max_length=500)),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ('mapping', '-number'),
                    'constraints': [models.UniqueConstraint(fields=('mapping', 'number'), name='version_number_once_per_mapping')],
                },
            ),
        ),
        migrations.AddField(
            model_name='mapping',
            name='active',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='active_of', to='mqtt_app.mappingversion'),
        ),
    ]
