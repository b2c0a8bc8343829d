"""Receipts belong to a session of the broker: what an ended session redelivered is still recognised afterwards."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mqtt_app', '0004_ledger_minutes'),
    ]

    operations = [
        migrations.AddField(
            model_name='mqttconnection',
            name='session',
            field=models.BigIntegerField(default=0, help_text='The generation at which the broker began our session.'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """
                    ALTER TABLE mqtt_app_receipt ADD COLUMN session bigint NOT NULL DEFAULT 0;
                    ALTER TABLE mqtt_app_receipt ALTER COLUMN session DROP DEFAULT;
                    ALTER TABLE mqtt_app_receipt DROP CONSTRAINT mqtt_app_receipt_pkey;
                    ALTER TABLE mqtt_app_receipt ADD PRIMARY KEY (connection_id, session, mid);
                    """,
                    """
                    DELETE FROM mqtt_app_receipt r USING mqtt_app_receipt newer
                    WHERE r.connection_id = newer.connection_id AND r.mid = newer.mid AND r.session < newer.session;
                    ALTER TABLE mqtt_app_receipt DROP CONSTRAINT mqtt_app_receipt_pkey;
                    ALTER TABLE mqtt_app_receipt ADD PRIMARY KEY (connection_id, mid);
                    ALTER TABLE mqtt_app_receipt DROP COLUMN session;
                    """,
                ),
            ],
            state_operations=[
                migrations.DeleteModel(name='Receipt'),
                migrations.CreateModel(
                    name='Receipt',
                    fields=[
                        ('pk', models.CompositePrimaryKey('connection_id', 'session', 'mid', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('session', models.BigIntegerField(help_text='The generation at which the broker began it.')),
                        ('mid', models.PositiveIntegerField()),
                        ('generation', models.BigIntegerField()),
                        ('digest', models.UUIDField(help_text='128 bits of BLAKE2b over topic and payload.')),
                        ('received_at', models.DateTimeField()),
                        ('connection', models.ForeignKey(db_constraint=False, on_delete=models.deletion.CASCADE, related_name='receipts', to='mqtt_app.mqttconnection')),
                    ],
                ),
            ],
        ),
    ]
