"""The ledger's sums say of every message where it went, or that it is still on its way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mqtt_app.models import LedgerMinute, Listener
from sites.models import Role
from tests import rows

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def field():
    found = rows.furnished()
    LedgerMinute.objects.all().delete()
    return found


def book(field, minutes_ago: int = 0, qos: int = 1, **columns: int) -> None:
    minute = NOW - timedelta(minutes=minutes_ago)
    LedgerMinute.objects.create(connection=field.connection, epoch=1, qos=qos, minute=minute, **columns)


def ledger(field, query: str = "") -> list[dict]:
    return rows.browser(rows.person("ada", Role.VIEWER, field.site)).get(f"/api/v1/mqtt/ledger/{query}").json()


def test_minutes_and_qualities_of_service_are_summed_per_connection(field):
    book(field, 0, received=10, stored=4, ignored=1, unrecognised=1, failed=1, duplicate=1)
    book(field, 1, received=5, stored=5)
    book(field, 0, qos=0, received=9, stored=6, overflowed=2, lost=1, is_closed=True)
    (line,) = ledger(field)
    assert line == {
        "connection_id": field.connection.pk, "site_id": field.site.pk, "received": 24, "stored": 15, "ignored": 1,
        "unrecognised": 1, "failed": 1, "duplicate": 1, "overflowed": 2, "lost": 1, "returned": 0, "in_flight": 2,
        "unexplained": 0, "balanced": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "balanced"),
    [
        ({"received": 3, "stored": 3}, True),
        ({"received": 3, "stored": 1}, True),
        ({"received": 3, "stored": 4}, False),
        ({"received": 3, "stored": 2, "returned": 1, "is_closed": True}, True),
        ({"received": 3, "stored": 2, "is_closed": True}, False),
        ({"received": 3, "stored": 4, "is_closed": True}, False),
    ],
)
def test_the_books_balance_when_ended_runs_explain_every_message(field, columns, balanced):
    book(field, **columns)
    assert ledger(field)[0]["balanced"] is balanced


@pytest.mark.parametrize(
    ("minutes_ago", "oldest_ago", "unexplained"),
    [(5, None, 1), (5, 10, 0), (1, None, 0), (10, 5, 1)],
    ids=["nothing is held any more", "an older one is still held", "too fresh to tell", "only a newer one is held"],
)
def test_a_forgotten_fate_shows_while_its_listener_lives(field, minutes_ago, oldest_ago, unexplained):
    """The listener holds each message until its commit: what it no longer holds must be in the books."""
    oldest = None if oldest_ago is None else NOW - timedelta(minutes=oldest_ago)
    field.connection.listener = Listener.objects.create(name="one", heartbeat=NOW, oldest_pending_at=oldest)
    field.connection.epoch = 1
    field.connection.save()
    book(field, minutes_ago, received=3, stored=2)
    (line,) = ledger(field)
    assert (line["unexplained"], line["in_flight"]) == (unexplained, 1 - unexplained)
    assert line["balanced"] is (unexplained == 0)


def test_two_wrong_minutes_do_not_make_a_right_one(field):
    book(field, 0, received=3, stored=4)
    book(field, 1, received=4, stored=3, is_closed=True)
    (line,) = ledger(field)
    assert (line["unexplained"], line["balanced"]) == (0, False)


def test_the_last_day_is_shown_unless_another_range_is_asked_for(field):
    book(field, minutes_ago=10, received=1, stored=1)
    book(field, minutes_ago=2 * 24 * 60, received=7, stored=7)
    assert ledger(field)[0]["received"] == 1
    client = rows.browser(rows.person("eve", Role.VIEWER, field.site))
    everything = client.get("/api/v1/mqtt/ledger/?from=2020-01-01T00:00:00Z").json()
    assert everything[0]["received"] == 8
    assert client.get("/api/v1/mqtt/ledger/?to=2020-01-01T00:00:00Z&from=2019-01-01T00:00:00Z").json() == []
    assert client.get(f"/api/v1/mqtt/ledger/?connection={field.connection.pk + 1}").json() == []
