"""The audit trail watches who calls a command back, steers a replay, changes a test case or settles a kind of failure."""

from django.db import migrations

ENDS = """
CREATE TRIGGER audit_of_people AFTER UPDATE OF state ON mqtt_app_command
FOR EACH ROW WHEN (NEW.state = 'cancelled' AND OLD.state <> 'cancelled')
EXECUTE FUNCTION sites_audit('command', 'topic', 'site_id', '{state}', '{}')
"""
REPLAYS = """
CREATE TRIGGER audit AFTER INSERT ON mqtt_app_replay
FOR EACH ROW EXECUTE FUNCTION sites_audit('replay', 'source', 'site_id', '{source,selection,parser_name}', '{}')
"""
# That a dry run or a replay has ended is the workers' doing.
STEERS = """
CREATE TRIGGER audit_of_people AFTER UPDATE OF state, is_paused ON mqtt_app_replay
FOR EACH ROW WHEN (
    (NEW.state <> OLD.state AND NEW.state IN ('running', 'cancelled')) OR NEW.is_paused <> OLD.is_paused
)
EXECUTE FUNCTION sites_audit('replay', 'source', 'site_id', '{state,is_paused}', '{}')
"""
CASES = """
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF name, expected ON mqtt_app_parsercase
FOR EACH ROW EXECUTE FUNCTION sites_audit('test case', 'name', 'site_id', '{parser_name,name,expected}', '{}')
"""
GROUPS = """
CREATE TRIGGER audit AFTER UPDATE OF state ON mqtt_app_parsinggroup
FOR EACH ROW WHEN (NEW.state <> OLD.state)
EXECUTE FUNCTION sites_audit('kind of failure', 'fingerprint', 'site_id', '{state}', '{}')
"""


class Migration(migrations.Migration):
    dependencies = [("mqtt_app", "0011_heartbeats"), ("sites", "0003_audit_trail")]

    operations = [
        migrations.RunSQL(ENDS, "DROP TRIGGER audit_of_people ON mqtt_app_command"),
        migrations.RunSQL(REPLAYS, "DROP TRIGGER audit ON mqtt_app_replay"),
        migrations.RunSQL(STEERS, "DROP TRIGGER audit_of_people ON mqtt_app_replay"),
        migrations.RunSQL(CASES, "DROP TRIGGER audit ON mqtt_app_parsercase"),
        migrations.RunSQL(GROUPS, "DROP TRIGGER audit ON mqtt_app_parsinggroup"),
    ]
