"""Two things go wrong at once: a batch is held up or forgotten, and something else happens meanwhile."""

import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from mqtt_app import assignments, connection_events, silence
from mqtt_app.ingest import ingest, judge_all, store
from mqtt_app.listening import lease
from mqtt_app.models import Batch as BatchRow
from mqtt_app.models import Listener, MqttConnection
from mqtt_app.records import batches
from sites.models import OfflineReason, Reading
from sites.upsert import query
from tests.field import batch, connect, ledger, link, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_batch_whose_begin_was_forgotten_by_a_crash_is_stored_and_not_taken_for_done() -> None:
    connection = connect()
    one = batch(connection, message())
    batches.begin(one)
    verdicts = judge_all(one, isolated=False)
    BatchRow.objects.all().delete()  # a begin does not wait for the disk
    assert store(one, *verdicts) is not None
    assert ledger(connection) == {"received": 1, "stored": 1}
    assert ingest(one) is None


def test_a_first_delivery_that_comes_after_its_redelivery_does_not_count_twice() -> None:
    connection = connect()
    first = batch([link(connection, 1)], message(mid=5, payload=telemetry(1.0)))
    again = batch([link(connection, 2)], message(mid=5, payload=telemetry(1.0), dup=True))
    for one in (again, first):
        ingest(one)
    assert Reading.objects.count() == 1
    assert ledger(connection)["duplicate"] == 1


@pytest.mark.parametrize("dup", [False, True])
def test_a_late_message_of_a_lost_session_is_stored_though_its_packet_id_is_used_again(dup: bool) -> None:
    connection = connect()
    late = batch([link(connection, 1)], message(mid=5, payload=telemetry(1.0), dup=dup))
    newer = batch([link(connection, 2)], message(mid=5, payload=telemetry(2.0)))
    for one in (newer, late):
        ingest(one)
    assert Reading.objects.count() == 2


def test_a_lost_key_closes_its_own_connection_and_deafens_no_other() -> None:
    listener = Listener.objects.create(name="one")
    locked, other = connect(), connect("site_002")
    assignments.reconcile()
    MqttConnection.objects.update(status="connected")
    query("UPDATE mqtt_app_mqttconnection SET password = 'v1:of a lost key' WHERE id = %s", [locked.pk])
    readable, unreadable = lease.wishes(listener.pk)
    assert (set(readable), unreadable) == ({other.pk}, {locked.pk})
    for told in (partial(connection_events.cannot_read_secrets, unreadable), silence.judge, assignments.reconcile):
        told()
    stored = MqttConnection.objects.values_list("status", flat=True)
    assert (stored.get(pk=locked.pk), stored.get(pk=other.pk)) == ("error", "connected")


def test_a_short_absence_of_the_database_makes_no_device_offline() -> None:
    """Shorter than a lease, longer than a device may be silent: reconcile runs before the listener's next heartbeat."""
    listener = Listener.objects.create(name="one")
    connection = connect()
    assignments.reconcile()
    hour_ago = timezone.now() - timedelta(hours=1)
    MqttConnection.objects.update(status="connected", last_connected_at=hour_ago)
    payload = telemetry(message_interval_seconds=2)
    ingest(batch(connection, message(payload=payload, at=time.time() - 9)))
    Listener.objects.filter(pk=listener.pk).update(heartbeat=timezone.now() - timedelta(seconds=8))
    assert silence.judge() == []
    lease.renew(listener.pk, None, {})
    falls = {fall.device.serial: fall.reason for fall in silence.judge()}
    assert falls == {"site_001-gateway_1": OfflineReason.SILENT, "MNA000123": OfflineReason.GATEWAY}
