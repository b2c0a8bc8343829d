"""How often a site's devices are expected to speak that promise nothing themselves."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models

SITE = (
    "name,slug,site_type,timezone,location,is_active,readings_keep_days,unknown_devices,"
    "works_from,works_to,latitude,longitude"
)


def watch_site(columns: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF {columns} ON sites_site "
        f"FOR EACH ROW EXECUTE FUNCTION sites_audit('site', 'name', 'id', '{{{columns}}}', '{{}}')"
    )


class Migration(migrations.Migration):
    dependencies = [("sites", "0008_labels_and_limits")]

    operations = [
        migrations.AddField(
            "site",
            "interval_s",
            models.FloatField(
                "expected interval (seconds)",
                null=True,
                blank=True,
                validators=[MinValueValidator(1), MaxValueValidator(31_536_000)],
                help_text="Between two messages of a device that promises none itself. Empty: that of all sites.",
            ),
        ),
        migrations.RunSQL(watch_site(f"{SITE},interval_s"), watch_site(SITE)),
    ]
