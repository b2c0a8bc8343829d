"""The last entry of a datalogger's identity history is what it is now, however often it changed within a minute."""

from django.db import migrations

# Who changes a device has its row locked, so the clock orders its entries. A minute gets two entries of one sort, so that
# a change and its return are seen; a third change amends the second entry, which goes when nothing is left of it.
# What became unknown in between (a gateway that was deleted) is no gap: the next entry begins where the last one ended.
NOTE = """
CREATE OR REPLACE FUNCTION sites_note_identity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    one record;
    newest sites_identitychange;
    recent integer;
BEGIN
    FOR one IN SELECT * FROM (VALUES
        ('firmware', OLD.firmware::text, NEW.firmware::text),
        ('kind', OLD.kind, NEW.kind),
        ('gateway', (SELECT serial FROM sites_gateway WHERE id = OLD.gateway_id),
            (SELECT serial FROM sites_gateway WHERE id = NEW.gateway_id))
    ) AS said (what, before, after) WHERE after <> '' AND before IS DISTINCT FROM after
    LOOP
        SELECT c.* INTO newest FROM sites_identitychange c
        WHERE c.datalogger_id = NEW.id AND c.what = one.what ORDER BY c.at DESC, c.id DESC LIMIT 1;
        SELECT count(*) INTO recent FROM sites_identitychange c
        WHERE c.datalogger_id = NEW.id AND c.what = one.what AND c.at > moment - interval '1 minute';
        IF recent < 2 THEN
            INSERT INTO sites_identitychange (datalogger_id, at, what, before, after)
            SELECT NEW.id, moment, one.what, was, one.after
            FROM coalesce(nullif(one.before, ''), newest.after) AS was WHERE was <> one.after;
        ELSIF newest.before = one.after THEN
            DELETE FROM sites_identitychange WHERE id = newest.id;
        ELSE
            UPDATE sites_identitychange SET after = one.after WHERE id = newest.id;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("sites", "0010_identity_history")]

    operations = [migrations.RunSQL(NOTE, migrations.RunSQL.noop)]
