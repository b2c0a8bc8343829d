from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0004_profile")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="site_ids",
            field=ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                editable=False,
                help_text="The sites it is for, at most; empty: all of its user's.",
                null=True,
                size=None,
            ),
        ),
    ]
