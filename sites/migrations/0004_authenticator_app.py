"""Second factors whose keys and backup codes are encrypted; those of django-otp's own tables move here.

Their readable keys are deleted with the tables. Who sets a second factor up, or takes it away, is on record; that it was used is not.
"""

from base64 import b32encode

import django.db.models.deletion
import sites.fields
import sites.models.second_factor
from django.conf import settings
from django.db import migrations, models


TABLES = ("otp_static_statictoken", "otp_static_staticdevice", "otp_totp_totpdevice")
OLD = """
SELECT app.user_id, app.name, app.confirmed, app.key, app.drift, app.last_t,
    coalesce((SELECT string_agg(code.token, ' ') FROM otp_static_statictoken code
        JOIN otp_static_staticdevice device ON device.id = code.device_id AND device.confirmed
        WHERE device.user_id = app.user_id), '')
FROM otp_totp_totpdevice app
"""


def move(apps, schema_editor):
    """Do nothing where django-otp's tables never were."""
    database = schema_editor.connection
    with database.cursor() as cursor:
        if not set(TABLES) <= set(database.introspection.table_names(cursor)):
            return
        cursor.execute(OLD)
        model = apps.get_model("sites", "AuthenticatorApp")
        for user, name, confirmed, key, drift, last, codes in cursor.fetchall():
            model.objects.create(
                user_id=user, name=name, confirmed=confirmed, drift=drift, last_t=last,
                key=b32encode(bytes.fromhex(key)).decode(), backup_codes=codes if confirmed else "",
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the trigger could not be made now
        for table in TABLES:
            cursor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):

    dependencies = [
        ('sites', '0003_audit_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuthenticatorApp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('throttling_failure_timestamp', models.DateTimeField(blank=True, default=None, help_text='A timestamp of the last failed verification attempt. Null if last attempt succeeded.', null=True)),
                ('throttling_failure_count', models.PositiveIntegerField(default=0, help_text='Number of successive failed attempts.')),
                ('created_at', models.DateTimeField(auto_now_add=True, help_text='The date and time when this device was initially created in the system.', null=True)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='The most recent date and time this device was used.', null=True)),
                ('key', sites.fields.EncryptedTextField(default=sites.models.second_factor.new_key)),
                ('backup_codes', sites.fields.EncryptedTextField(blank=True)),
                ('drift', models.SmallIntegerField(default=0)),
                ('last_t', models.BigIntegerField(default=-1)),
                ('user', models.ForeignKey(help_text='The user that this device belongs to.', on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.RunSQL(
            "CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF confirmed, key ON sites_authenticatorapp "
            "FOR EACH ROW EXECUTE FUNCTION sites_audit('second factor', 'user_id', '', '{user_id,confirmed,key}', '{key}')",
            "DROP TRIGGER audit ON sites_authenticatorapp",
        ),
    ]
