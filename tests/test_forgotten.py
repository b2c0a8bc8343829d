"""A database that has forgotten what it had committed, as a standby that lagged or a backup, is told as an ERROR."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from mqtt_app import assignments
from mqtt_app.listening import lease
from mqtt_app.models import Listener, MqttConnectionLog
from tests.field import connect
from tests.reconciling import listener

pytestmark = pytest.mark.django_db(transaction=True)


def beat(listener_id: int, beats: int) -> int:
    renewed = lease.renew(listener_id, None, {}, None, beats)
    assert renewed
    return renewed.beats


def test_a_database_that_knows_fewer_heartbeats_than_it_had_has_forgotten_and_it_is_told_once() -> None:
    one = connect()
    here = listener()
    assignments.reconcile()
    beats = 0
    for _ in range(3):
        beats = beat(here, beats)
    assert not MqttConnectionLog.objects.exists()
    Listener.objects.update(beats=F("beats") - 1, heartbeat=Now() - timedelta(minutes=20))
    beat(here, beat(here, beats))
    told = MqttConnectionLog.objects.get()
    assert (told.connection_id, told.level) == (one.pk, "ERROR")
    assert "has forgotten what it committed from" in told.message
    known = Listener.objects.get().heartbeat - timedelta(minutes=20)
    assert f"{known:%Y-%m-%d %H:%M}" in told.message


def test_a_heartbeat_whose_commit_was_not_answered_is_nothing_forgotten() -> None:
    connect()
    here = listener()
    assignments.reconcile()
    beats = beat(here, 0)
    beat(here, beats)  # it never learnt of this one
    beat(here, beats)
    assert not MqttConnectionLog.objects.exists()
