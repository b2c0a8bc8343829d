"""A wish is told to browsers once it is written, and not before."""

import pytest
from django.db import transaction

from mqtt_app import connections, live
from mqtt_app.models import MqttConnection
from tests import rows, web

pytestmark = pytest.mark.django_db(transaction=True)


def test_browsers_hear_of_a_wish_with_the_time_of_the_next_reconcile():
    field = rows.furnished()
    assert live.flush(5)
    user = rows.person("root", is_superuser=True)
    with web.serving() as address, web.browser(address, web.signed_in(user)) as socket:
        connections.switch(MqttConnection.objects.all(), False)
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
