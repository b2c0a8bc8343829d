"""A wish is told to browsers once it is written, and not before."""

from datetime import timedelta

import httpx
import pytest
from django.db import transaction
from django.utils import timezone

from mqtt_app import connections
from mqtt_app.browsers import live
from mqtt_app.models import MqttConnection
from sites import tokens
from tests import rows, web

pytestmark = pytest.mark.django_db(transaction=True)


def test_browsers_hear_of_a_wish_with_the_time_of_the_next_reconcile():
    field = rows.furnished()
    assert live.flush(5)
    user = rows.person("root", is_superuser=True)
    _, secret = tokens.issue(user, "t", "operate", timezone.now() + timedelta(days=1))
    with web.serving() as address, web.browser(address, web.signed_in(user)) as socket:
        path = f"http://{address}/api/v1/mqtt/site/{field.site.pk}/stop/"
        answer = httpx.post(path, headers={"Authorization": f"Bearer {secret}"})
        assert (answer.status_code, answer.json()["is_active"]) == (202, False)
        event = web.hear_until(socket, lambda frame: frame["type"] == "mqtt_status")[-1]
    assert event["site_id"] == field.site.pk
    assert event["data"]["is_active"] is False
    assert event["data"]["next_reconcile_at"]


def test_a_wish_that_is_taken_back_before_the_commit_was_never_told(django_capture_on_commit_callbacks):
    rows.furnished()
    with django_capture_on_commit_callbacks() as told, transaction.atomic():
        connections.switch(MqttConnection.objects.all(), False)
        transaction.set_rollback(True)
    assert told == []
    assert MqttConnection.objects.get().is_active
