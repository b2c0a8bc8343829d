"""Who sets up a second factor, or takes it away, is on record."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0009_unknown_devices"), ("otp_totp", "0003_add_timestamps")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF confirmed ON otp_totp_totpdevice "
            "FOR EACH ROW EXECUTE FUNCTION sites_audit('second factor', 'user_id', '', '{user_id,confirmed,key}', '{key}')",
            "DROP TRIGGER audit ON otp_totp_totpdevice",
        ),
    ]
