"""What listeners report is stored once, the newest; what nobody confirms or hears is said to be so."""

import time
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now

from mqtt_app import assignments, connection_events, silence
from mqtt_app.browsers import announcements
from mqtt_app.listening import lease
from mqtt_app.messages import Admission, Link, LogEntry, StatusReport
from mqtt_app.models import MqttConnection, MqttConnectionLog, Receipt
from mqtt_app.records import receipts
from sites.models import Datalogger, Gateway, Presence
from tests.field import connect, message
from tests.reconciling import holder, listener, report, silent_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_connects_knows_the_brokers_session_from_a_report_or_from_a_message_stored_in_it() -> None:
    one = connect()
    listener_id = listener()
    assignments.reconcile()
    wish = lease.wishes(listener_id)[0][one.pk]
    began = StatusReport(one.pk, 1, 1, "connected", 0.0, new_session_at=3, broker=wish.broker)
    for one_report in (began, StatusReport(one.pk, 1, 2, "connected", 0.0)):
        connection_events.record([one_report], [])
    assert lease.admit(listener_id, wish) == Admission(generation=1, session=3, broker=wish.broker)
    receipts.take([Link(one.pk, 1, 5, 0.0, session=5)], [message()])
    assert lease.admit(listener_id, wish) == Admission(generation=2, session=5, broker=wish.broker)


def test_receipts_of_what_did_not_come_again_go_when_a_listener_says_that_the_redelivery_is_over() -> None:
    one = connect()
    hours_ago = time.time() - 2 * 3600
    receipts.take([Link(one.pk, 1, 1, 0.0)], [message(mid=5, at=hours_ago), message(mid=6, at=hours_ago)])
    receipts.take([Link(one.pk, 1, 2, 0.0)], [message(mid=7, at=hours_ago)])
    report(one, 1, 1, "connected", connected_at=1.0)
    assert Receipt.objects.count() == 3
    report(one, 1, 2, "connected", settled_at=2)
    assert list(Receipt.objects.values_list("mid", flat=True)) == [7]


def test_a_connection_that_nobody_confirms_closed_is_reported_so() -> None:
    one = connect()
    listener()
    assignments.reconcile()
    report(one, 1, 1, "connected")
    MqttConnection.objects.update(is_active=False)
    assignments.reconcile()
    assert holder(one) == (None, 2)
    assert one.status == "connected"  # the fact, until someone says otherwise
    MqttConnection.objects.update(assigned_at=Now() - timedelta(seconds=16))
    assignments.reconcile()
    one.refresh_from_db()
    assert one.status == "disconnected"


def test_only_a_newer_report_is_stored_and_every_log_line_is_kept() -> None:
    one = connect()
    report(one, 1, 2, "connected", last_error="", connected_at=5.0, subscribed=["site_001/#"])
    report(one, 1, 1, "connecting", last_error="old news")
    assert (one.status, one.last_error, one.subscribed) == ("connected", "", ["site_001/#"])
    report(one, 1, 3, "connecting", retry_count=4, next_retry=100.0)
    assert (one.mqtt_retry_count, one.mqtt_next_retry, one.subscribed) == (
        4,
        datetime.fromisoformat("1970-01-01T00:01:40Z"),
        ["site_001/#"],
    )
    connection_events.record(
        [], [LogEntry(one.pk, 1.0, "ERROR", "no\0luck", "OSError"), LogEntry(10**9, 1.0, "INFO", "x")]
    )
    log = MqttConnectionLog.objects.get()
    assert (log.level, log.message, log.exception_type) == ("ERROR", "no␀luck", "OSError")


def test_silence_is_judged_by_what_the_connection_hears() -> None:
    one = connect()
    listener_id = listener()
    assignments.reconcile()
    hours = [StatusReport(one.pk, 1, 1, "connected", 1.0, connected_at=1.0)]
    connection_events.record(hours, [])
    values = {
        "status": Presence.ONLINE,
        "interval_s": 5,
        "last_seen_at": datetime.fromisoformat("2026-01-01T00:00:00Z"),
    }
    quiet = Datalogger.objects.create(site=one.site, serial="d", **values)
    silent_for("one", 11)
    assert silence.judge() == []  # the listener's own word is late: nothing is sure
    lease.renew(listener_id, 1.0, {})
    assert silence.judge() == []  # an older message is not committed yet
    lease.renew(listener_id, None, {})
    assert [fall.device for fall in silence.judge()] == [quiet]
    assert silence.judge() == []


def test_a_switched_off_sites_devices_become_unknown_at_once_and_browsers_are_told() -> None:
    one = connect()
    listener()
    assignments.reconcile()
    report(one, 1, 1, "connected", connected_at=1.0)
    values = {"site": one.site, "status": Presence.ONLINE}
    gateway, datalogger = Gateway.objects.create(serial="g", **values), Datalogger.objects.create(serial="d", **values)
    MqttConnection.objects.update(is_active=False)
    assignments.reconcile()
    assert silence.judge() == []
    for device in (gateway, datalogger):
        device.refresh_from_db()
        assert device.status == Presence.UNKNOWN
    told = announcements.of_silence([], [gateway, datalogger])
    assert [(event.type, event.site_id) for event in told] == [
        ("gateway_update", one.site_id),
        ("datalogger_update", one.site_id),
    ]
