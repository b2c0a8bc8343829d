"""Reconcile makes assignments match wishes, and hands the connections of the dead to the living."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now
from pytest_django.fixtures import DjangoAssertNumQueries

from mqtt_app import assignments, connection_events, silence
from mqtt_app.browsers import announcements
from mqtt_app.listening import lease
from mqtt_app.messages import Admission, Link, LogEntry, StatusReport
from mqtt_app.models import Listener, MqttConnection, MqttConnectionLog, Pulse, Receipt
from mqtt_app.records import receipts
from sites.models import Datalogger, Gateway, Presence, Site
from sites.upsert import query
from tests.field import connect, message
from tests.reconciling import holder, listener, silent_for

pytestmark = pytest.mark.django_db(transaction=True)


def report(connection: MqttConnection, epoch: int, sequence: int, status: str, **more: object) -> None:
    connection_events.record([StatusReport(connection.pk, epoch, sequence, status, 1.0, **more)], [])  # type: ignore[arg-type]
    connection.refresh_from_db()


def test_an_active_connection_gets_a_living_listener_and_a_new_epoch() -> None:
    one = connect()
    assert holder(one) == (None, 0)
    listener()
    assignments.reconcile()
    assert holder(one) == ("one", 1)
    assignments.reconcile()
    assert holder(one) == ("one", 1)


def test_a_stopped_connection_is_released_and_a_started_one_taken_up_again() -> None:
    one = connect()
    listener()
    for is_active, expected in [(True, ("one", 1)), (False, (None, 2)), (True, ("one", 3))]:
        MqttConnection.objects.update(is_active=is_active)
        assignments.reconcile()
        assert holder(one) == expected


def test_reconcile_alone_decides_a_listener_reads_nothing_but_its_assignments() -> None:
    one = connect()
    listener_id = listener()
    assignments.reconcile()
    MqttConnection.objects.update(is_active=False)
    assert set(lease.wishes(listener_id)[0]) == {one.pk}
    assignments.reconcile()
    assert lease.wishes(listener_id)[0] == {}


WISHES = {
    "broker_host": "other.example",
    "broker_port": 8883,
    "protocol": "5",
    "username": "ada",
    "password": "secret",
    "use_tls": True,
    "tls_verify": False,
    "ca_certificate": "a",
    "client_certificate": "b",
    "client_key": "c",
    "epoch": 7,
    "discover_until": datetime(2126, 1, 1, tzinfo=UTC),
    "discover_system": True,
}
FACTS = {"status": "connected", "generation": 4, "last_message_at": datetime(2026, 3, 2, tzinfo=UTC), "session": 3}


def test_a_listener_learns_of_every_changed_wish_and_reads_nothing_anew_for_a_fact() -> None:
    one = connect()
    listener_id = listener()
    assert lease.state(listener_id) is None
    assignments.reconcile()
    told = lease.state(listener_id)
    MqttConnection.objects.update(**FACTS)
    assert lease.state(listener_id) == told
    seen = {told}
    for name, value in WISHES.items():
        MqttConnection.objects.update(**{name: value})
        seen.add(lease.state(listener_id))
    Site.objects.update(slug="renamed")
    seen.add(lease.state(listener_id))
    for change in ({"qos_level": 0}, {"is_muted": True, "is_active": False}):
        one.topics.update(**change)
        seen.add(lease.state(listener_id))
    one.topics.create(topic_pattern="more/#")
    seen.add(lease.state(listener_id))
    MqttConnection.objects.update(discover_until=Now() - timedelta(seconds=1))
    seen.add(lease.state(listener_id))
    assert len(seen) == len(WISHES) + 6


def test_the_columns_whose_change_is_noticed_are_those_that_a_wish_is_made_of(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    connect()
    listener_id = listener()
    assignments.reconcile()
    with django_assert_num_queries(2):  # the connections and their topics: no column is fetched on its own
        assert len(lease.wishes(listener_id)[0]) == 1


def test_a_dead_listeners_connections_move_and_its_words_are_void() -> None:
    one = connect()
    listener("one")
    assignments.reconcile()
    report(one, 1, 1, "connected")
    listener("two")
    silent_for("one", 11)
    assignments.reconcile()
    assert holder(one) == ("one", 1)  # suspected only
    silent_for("one", 17)
    assignments.reconcile()
    assert holder(one) == ("two", 2)
    assert (one.status, "one no longer answers" in one.last_error) == ("disconnected", True)
    report(one, 1, 99, "connected")
    assert one.status == "disconnected"
    report(one, 2, 1, "connected")
    assert one.status == "connected"


def test_after_an_outage_of_the_database_nobody_is_taken_for_dead() -> None:
    one = connect()
    listener("one")
    listener("two")
    assignments.reconcile()
    for name in ("one", "two"):
        silent_for(name, 60)
    assignments.reconcile()
    assert holder(one)[1] == 1
    for run in Listener.objects.all():
        lease.renew(run.pk, None, {})
    assignments.reconcile()
    assert holder(one)[1] == 1
    assert not Listener.objects.exclude(suspected_at=None).exists()


def test_a_listener_that_is_started_again_under_its_name_replaces_its_former_run_at_once() -> None:
    one = connect()
    first = listener("one")
    assignments.reconcile()
    second = listener("one")
    assert not lease.renew(first, None, {})
    assignments.reconcile()
    one.refresh_from_db()
    assert (one.listener_id, one.epoch) == (second, 2)


def test_a_stopping_listener_keeps_what_it_drains_and_gets_nothing_new() -> None:
    one = connect()
    first = listener("one")
    assignments.reconcile()
    lease.stopping(first)
    other = connect("site_002")
    assignments.reconcile()
    assert (holder(one), holder(other)) == (("one", 1), (None, 0))
    lease.leave(first)
    listener("two")
    assignments.reconcile()
    assert (holder(one), holder(other)) == (("two", 2), ("two", 1))


def test_a_listener_asks_right_before_it_connects_whether_it_still_may() -> None:
    one = connect()
    listener_id = listener()
    assignments.reconcile()
    wish = lease.wishes(listener_id)[0][one.pk]
    assert lease.admit(listener_id, wish) == Admission(generation=1, session=0)
    heard = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    MqttConnection.objects.update(last_connected_at=heard - timedelta(hours=1), last_message_at=heard)
    assert lease.admit(listener_id, wish) == Admission(generation=2, session=0, heard_at=heard.timestamp())
    MqttConnection.objects.update(is_active=False)
    assignments.reconcile()
    assert lease.admit(listener_id, wish) is None


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


def test_two_reconciles_at_once_are_one() -> None:
    with transaction.atomic():
        query("SELECT pg_advisory_xact_lock(%s)", [assignments.LOCK])
        other = database.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [assignments.LOCK])
                assert cursor.fetchone() == (False,)
        finally:
            other.close()


def test_listeners_reconcile_when_nobody_else_did_for_too_long() -> None:
    listener_id = listener()
    assert lease.should_reconcile(listener_id)
    assignments.reconcile()
    assert not lease.should_reconcile(listener_id)
    Pulse.objects.update(at=Now() - timedelta(seconds=46))
    assert lease.should_reconcile(listener_id)


def test_listeners_reconcile_when_another_that_holds_something_has_fallen_silent() -> None:
    connect()
    listener("one")
    assignments.reconcile()
    other = listener("two")
    assert not lease.should_reconcile(other)
    silent_for("one", 11)
    assert lease.should_reconcile(other)


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
