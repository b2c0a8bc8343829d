"""A batch asks the database for its own rows, however many others there are."""

import pytest

from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate
from sites.upsert import query
from tests.field import batch, connect, message, telemetry

pytestmark = pytest.mark.django_db  # in one transaction: its own count of what is read whole can be asked

DEVICES = """
INSERT INTO sites_datalogger (site_id, serial)
SELECT %s, 'MNA' || to_char(n, 'FM000000') FROM generate_series(1, 3000) n
"""
SENSORS = """
INSERT INTO sites_sensor (datalogger_id, key) SELECT id, 'channel_' || n FROM sites_datalogger, generate_series(1, 9) n
"""
READ_WHOLE = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = %s"


@pytest.mark.parametrize("table", ["sites_sensor", "sites_datalogger"])
def test_the_first_large_batch_of_a_connection_reads_no_table_of_devices_whole(table: str) -> None:
    connection = connect()
    query(DEVICES, [connection.site_id])
    query(SENSORS)
    query("ANALYZE sites_datalogger, sites_sensor")
    before = query(READ_WHOLE, [table])
    payloads = [telemetry(serial=f"MNA{number:06}") for number in range(10, 3_000, 10)]
    outcome = ingest(batch(connection, *(message(payload=payload) for payload in payloads)))
    assert outcome is not None
    assert outcome.fates == [Fate.STORED] * len(payloads)
    assert query(READ_WHOLE, [table]) == before
