"""What a clock that somebody sets, forward or back, does to listeners, reconcile and the silence of devices."""

import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from mqtt_app import assignments, connection_events, silence
from mqtt_app.listening import lease
from mqtt_app.messages import StatusReport
from mqtt_app.models import Listener, Pulse
from sites.models import Datalogger, Presence
from tests.field import connect
from tests.reconciling import holder, listener, silent_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_clock_that_was_set_back_keeps_no_dead_listener_alive_and_no_reconcile_from_running() -> None:
    """It beat two hours from now, as the clock says it today."""
    one = connect()
    listener("one")
    assignments.reconcile()
    other = listener("two")
    for late in (7_200, 7_100):
        Pulse.objects.update(at=Now() + timedelta(seconds=late))
        assert lease.should_reconcile(other)
        assignments.reconcile()
    silent_for("one", -7_200)
    assert lease.should_reconcile(other)
    assignments.reconcile()
    assert Listener.objects.get(name="one").heartbeat <= Pulse.objects.get(name="reconcile").at
    for seconds in (11, 17):
        silent_for("one", seconds)
        assignments.reconcile()
    assert holder(one) == ("two", 2)


def test_a_suspicion_of_before_the_clock_was_set_back_is_one_of_now() -> None:
    one = connect()
    listener("one")
    assignments.reconcile()
    silent_for("one", 11)
    Listener.objects.filter(name="one").update(suspected_at=Now() + timedelta(hours=2))
    listener("two")
    assignments.reconcile()
    silent_for("one", 17)
    assignments.reconcile()
    assert holder(one) == ("two", 2)


def test_a_clock_that_was_set_forward_makes_nobody_silent_who_spoke_before() -> None:
    """By it the last word is two hours old at once; a device has its whole patience from then on."""
    one = connect()
    listener_id = listener()
    assignments.reconcile()
    connection_events.record([StatusReport(one.pk, 1, 1, "connected", 1.0, connected_at=1.0)], [])
    begun, hours = time.monotonic(), timedelta(hours=2)
    lease.renew(listener_id, None, {}, begun - 3)
    assert Listener.objects.get().set_forward_at is None
    quiet = Datalogger.objects.create(
        site=one.site, serial="d", status=Presence.ONLINE, interval_s=5, last_seen_at=Now() - hours
    )
    silent_for("one", hours.total_seconds())
    lease.renew(listener_id, None, {}, begun)
    assert silence.judge() == []
    Listener.objects.update(set_forward_at=F("set_forward_at") - timedelta(seconds=13))
    lease.renew(listener_id, None, {}, time.monotonic())
    assert [fall.device for fall in silence.judge()] == [quiet]


def test_an_outage_of_the_database_is_no_clock_that_was_set_forward() -> None:
    listener_id = listener()
    silent_for("one", 7_200)
    lease.renew(listener_id, None, {}, time.monotonic() - 7_201)
    assert Listener.objects.get().set_forward_at is None
