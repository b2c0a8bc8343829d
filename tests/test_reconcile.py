"""Reconcile makes assignments match wishes, and hands the connections of the dead to the living."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now

from mqtt_app import assignments
from mqtt_app.listening import lease
from mqtt_app.models import Listener, MqttConnection, Pulse
from sites.upsert import query
from tests.field import connect
from tests.reconciling import holder, listener, report, silent_for

pytestmark = pytest.mark.django_db(transaction=True)


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
