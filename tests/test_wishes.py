"""Listeners learn of every changed wish, and of nothing else; they ask right before they connect."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import DjangoAssertNumQueries

from mqtt_app import assignments
from mqtt_app.listening import lease
from mqtt_app.messages import Admission
from mqtt_app.models import MqttConnection
from sites.models import Site
from tests.field import connect
from tests.reconciling import listener

pytestmark = pytest.mark.django_db(transaction=True)


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
