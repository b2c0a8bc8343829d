"""What people say of what is wrong, what they come back to, and where and when a site is at work."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SITE = "name,slug,site_type,timezone,location,is_active,readings_keep_days,unknown_devices"
OWN = "works_from,works_to,latitude,longitude"


def watch_site(columns: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {columns} ON sites_site "
        f"FOR EACH ROW EXECUTE FUNCTION sites_audit('site', 'name', 'id', '{{{columns}}}', '{{}}')"
    )


WATCH_ACKNOWLEDGEMENTS = """
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON sites_acknowledgement
FOR EACH ROW EXECUTE FUNCTION sites_audit('acknowledgement', 'note', 'site_id', '{gateway_id,datalogger_id,note}', '{}')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('sites', '0004_authenticator_app'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(blank=True, max_length=500)),
                ('by', models.CharField(help_text='Name of the person.', max_length=150)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ('-at',),
            },
        ),
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('view', 'a view of the devices list'), ('topic', 'a pinned topic')], max_length=8)),
                ('name', models.CharField(max_length=512)),
                ('address', models.CharField(max_length=2000)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.AddField(
            model_name='profile',
            name='single_keys',
            field=models.BooleanField(db_default=True, default=True, help_text='Shortcuts of one letter.'),
        ),
        migrations.AddField(
            model_name='site',
            name='latitude',
            field=models.FloatField(blank=True, help_text='Degrees, north is positive.', null=True, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)]),
        ),
        migrations.AddField(
            model_name='site',
            name='longitude',
            field=models.FloatField(blank=True, help_text='Degrees, east is positive.', null=True, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)]),
        ),
        migrations.AddField(
            model_name='site',
            name='works_from',
            field=models.TimeField(blank=True, help_text="In the site's time zone; both empty: all day.", null=True),
        ),
        migrations.AddField(
            model_name='site',
            name='works_to',
            field=models.TimeField(blank=True, help_text='May be earlier than the start: then past midnight.', null=True),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('works_from__isnull', True), ('works_to__isnull', True)), models.Q(('works_from__isnull', False), ('works_to__isnull', False)), _connector='OR'), name='works_both_or_neither', violation_error_message='Give both the beginning and the end of the working hours, or neither.'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__isnull', False), ('longitude__isnull', False)), _connector='OR'), name='place_both_or_neither', violation_error_message='Give both latitude and longitude, or neither.'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='datalogger',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='acknowledgement', to='sites.datalogger'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='gateway',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='acknowledgement', to='sites.gateway'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acknowledgements', to='sites.site'),
        ),
        migrations.AddField(
            model_name='bookmark',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookmarks', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='acknowledgement',
            constraint=models.UniqueConstraint(condition=models.Q(('datalogger__isnull', True), ('gateway__isnull', True)), fields=('site',), name='one_acknowledgement_of_a_site'),
        ),
        migrations.AddConstraint(
            model_name='acknowledgement',
            constraint=models.CheckConstraint(condition=models.Q(('gateway__isnull', True), ('datalogger__isnull', True), _connector='OR'), name='acknowledges_one_device_at_most'),
        ),
        migrations.AddConstraint(
            model_name='bookmark',
            constraint=models.UniqueConstraint(fields=('user', 'kind', 'name'), name='bookmark_name_once_per_user_and_kind'),
        ),
        migrations.RunSQL(watch_site(f"{SITE},{OWN}"), watch_site(SITE)),
        migrations.RunSQL(WATCH_ACKNOWLEDGEMENTS, "DROP TRIGGER audit ON sites_acknowledgement"),
    ]
