"""Who connects to which broker, what is subscribed to, and what is sent."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import mqtt_app.certificates
import sites.fields
import mqtt_app.topics
from django.conf import settings
from django.db import migrations, models
from sites.operations import CreateModels


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("sites", "0001_sites_people_devices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    replaces = [
        ("mqtt_app", "0001_initial"),
        ("mqtt_app", "0002_names_and_certificates"),
        ("mqtt_app", "0007_connection_version"),
        ("mqtt_app", "0013_hosts_and_expiry"),
        ("mqtt_app", "0017_commands"),
    ]
    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Listener',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=128, unique=True)),
                    ('heartbeat', models.DateTimeField(default=django.utils.timezone.now)),
                    ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('capacity', models.PositiveIntegerField(default=1000, help_text='Connections it can hold.')),
                    ('is_stopping', models.BooleanField(default=False, help_text='It drains what it holds and takes no more.')),
                    ('suspected_at', models.DateTimeField(blank=True, help_text='When its heartbeat was first found too old.', null=True)),
                    ('oldest_pending_at', models.DateTimeField(blank=True, help_text='Reception of its oldest uncommitted message.', null=True)),
                ],
                options={
                    'ordering': ('name',),
                },
            ),
            migrations.CreateModel(
                name='MqttConnection',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mqtt_connection', to='sites.site')),
                    ('broker_host', models.CharField(max_length=253, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9._:\\-]+\\Z', 'Enter a host name or an IP address, without scheme or port.')])),
                    ('broker_port', models.PositiveIntegerField(default=1883, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(65535)])),
                    ('username', models.CharField(blank=True, max_length=256)),
                    ('password', sites.fields.EncryptedTextField(blank=True)),
                    ('is_host_trusted', models.BooleanField(db_default=False, default=False, editable=False, help_text='A superuser entered the host: it may lead into a private network.')),
                    ('client_id_prefix', models.CharField(default='fl-', max_length=12, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_\\-]+\\Z', 'Use letters, digits, - and _.')])),
                    ('client_id', models.CharField(editable=False, max_length=23, unique=True)),
                    ('protocol', models.CharField(choices=[('3.1.1', 'MQTT 3.1.1'), ('5', 'MQTT 5')], default='5', max_length=5)),
                    ('use_tls', models.BooleanField(default=False, verbose_name='TLS')),
                    ('tls_verify', models.BooleanField(default=True, verbose_name="verify the broker's certificate")),
                    ('ca_certificate', models.TextField(blank=True, help_text="Empty: the system's own.", validators=[mqtt_app.certificates.validate_certificates], verbose_name='CA certificates (PEM)')),
                    ('client_certificate', models.TextField(blank=True, validators=[mqtt_app.certificates.validate_certificates], verbose_name='client certificate (PEM)')),
                    ('client_key', sites.fields.EncryptedTextField(blank=True, validators=[mqtt_app.certificates.validate_key], verbose_name='client key (PEM)')),
                    ('is_active', models.BooleanField(default=True, help_text='The wish: whether this connection should be open.')),
                    ('discover_until', models.DateTimeField(blank=True, help_text='Until then every topic is listened to.', null=True)),
                    ('keep_raw_days', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='0: not at all. What was understood, or known to nobody, can then be read again by a mended parser.', validators=[django.core.validators.MaxValueValidator(365)], verbose_name='keep raw messages for (days)')),
                    ('discover_system', models.BooleanField(db_default=False, default=False, help_text="While discovering: the broker's own topics.", verbose_name='discover $SYS too')),
                    ('version', models.BigIntegerField(db_default=1, default=1, editable=False, help_text='Grows with every wish; what people saw before is outdated.')),
                    ('listener', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='connections', to='mqtt_app.listener')),
                    ('epoch', models.BigIntegerField(default=0, help_text='Grows with every assignment; what an older one says is void.')),
                    ('assigned_at', models.DateTimeField(blank=True, null=True)),
                    ('generation', models.BigIntegerField(default=0, help_text='Grows with every CONNECT.')),
                    ('status', models.CharField(choices=[('connected', 'Connected'), ('connecting', 'Connecting'), ('disconnected', 'Disconnected'), ('error', 'Error')], default='disconnected', max_length=12)),
                    ('status_since', models.DateTimeField(default=django.utils.timezone.now)),
                    ('report_epoch', models.BigIntegerField(default=0)),
                    ('report_sequence', models.BigIntegerField(default=0)),
                    ('session', models.BigIntegerField(default=0, help_text='The generation at which the broker began our session.')),
                    ('mqtt_retry_count', models.PositiveIntegerField(default=0)),
                    ('mqtt_next_retry', models.DateTimeField(blank=True, null=True)),
                    ('last_connected_at', models.DateTimeField(blank=True, null=True)),
                    ('last_message_at', models.DateTimeField(blank=True, null=True)),
                    ('last_error', models.CharField(blank=True, max_length=500)),
                    ('subscribed', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Filters the broker has granted.', size=None)),
                    ('certificate_expires_at', models.DateTimeField(blank=True, editable=False, help_text='When the first of the certificates in use expires.', null=True)),
                    ('certificate_name', models.CharField(blank=True, db_default='', editable=False, max_length=32)),
                ],
                options={
                    'ordering': ('site',),
                },
            ),
            migrations.CreateModel(
                name='MqttTopic',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('mqtt_connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='mqtt_app.mqttconnection')),
                    ('topic_pattern', models.CharField(help_text='An MQTT filter; + and # are wildcards.', max_length=512, validators=[mqtt_app.topics.validate_filter])),
                    ('is_active', models.BooleanField(default=True, help_text='Parse what arrives on this topic; off: ignore it.')),
                    ('qos_level', models.PositiveSmallIntegerField(choices=[(0, '0 – loses messages at a restart'), (1, '1 – nothing is lost')], default=1, help_text='2 is not offered: subscribed at 1 nothing is lost, while at 2 the client library keeps received messages in memory only. Messages published at 2 arrive at 1 and are stored once.', verbose_name='QoS')),
                    ('parser_name', models.CharField(blank=True, help_text='Empty: the registry decides.', max_length=64)),
                    ('is_muted', models.BooleanField(db_default=False, default=False, help_text='Noise: not subscribed to, and where another topic brings it, ignored without being discovered.')),
                    ('template', models.CharField(blank=True, db_default='', default='', help_text='How a plain topic is read: {device}/{sensor}, bus/{device+}/{sensor}. Empty: as known formats do.', max_length=512, validators=[mqtt_app.topics.validate_template])),
                ],
                options={
                    'ordering': ('mqtt_connection', 'topic_pattern'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('is_active', True), ('is_muted', True), _negated=True), name='a_muted_topic_is_not_parsed'), models.UniqueConstraint(fields=('mqtt_connection', 'topic_pattern'), name='topic_pattern_once_per_connection')],
                },
            ),
            migrations.CreateModel(
                name='MqttConnectionLog',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='logs', to='mqtt_app.mqttconnection')),
                    ('timestamp', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('level', models.CharField(choices=[('INFO', 'Info'), ('WARNING', 'Warning'), ('ERROR', 'Error')], default='INFO', max_length=8)),
                    ('message', models.TextField()),
                    ('exception_type', models.CharField(blank=True, max_length=128)),
                    ('exception_traceback', models.TextField(blank=True)),
                    ('retry_attempt', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'ordering': ('-timestamp', '-id'),
                },
            ),
            migrations.CreateModel(
                name='DiscoveryRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='discovery_runs', to='mqtt_app.mqttconnection')),
                    ('started_at', models.DateTimeField()),
                    ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ('until', models.DateTimeField()),
                    ('with_system', models.BooleanField(default=False, verbose_name='with $SYS')),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('report', models.JSONField(blank=True, default=dict)),
                ],
                options={
                    'ordering': ('-started_at',),
                    'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['until'], name='discoveries_to_report')],
                },
            ),
            migrations.CreateModel(
                name='Command',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commands', to='sites.site')),
                    ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commands', to='mqtt_app.mqttconnection')),
                    ('kind', models.CharField(choices=[('protocol', "the field's own"), ('raw', 'any message')], max_length=8)),
                    ('topic', models.CharField(max_length=512)),
                    ('method', models.CharField(blank=True, max_length=64)),
                    ('payload', models.BinaryField()),
                    ('qos', models.PositiveSmallIntegerField(default=1)),
                    ('retain', models.BooleanField(default=False)),
                    ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('done', 'Done'), ('refused', 'Refused'), ('timed_out', 'timed out'), ('expired', 'Expired'), ('cancelled', 'Cancelled')], default='queued', max_length=9)),
                    ('error', models.CharField(blank=True, max_length=500)),
                    ('answer', models.JSONField(blank=True, null=True)),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('expires_at', models.DateTimeField()),
                    ('timeout_s', models.PositiveIntegerField(default=30)),
                    ('sent_at', models.DateTimeField(blank=True, null=True)),
                    ('answered_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'ordering': ('-created_at',),
                    'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending', 'sent'])), fields=['connection', 'topic'], name='commands_under_way'), models.Index(fields=['site', 'topic', '-id'], name='commands_of_a_topic')],
                },
            ),
        ),
    ]
