"""The ledger balances at all times, and a forgotten fate unbalances it."""

import pytest

from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate
from mqtt_app.models import LedgerMinute, MqttConnection
from mqtt_app.records import ledger as book
from mqtt_app.records.ledger import Count, Page
from tests.field import batch, connect, ledger, message

pytestmark = pytest.mark.django_db(transaction=True)

AT = 1_772_452_800.0
MINUTE = int(AT // 60)


def new_epoch(connection: MqttConnection) -> None:
    MqttConnection.objects.filter(pk=connection.pk).update(epoch=connection.epoch + 1)


def test_received_is_the_listeners_own_number_and_the_rest_is_in_flight() -> None:
    connection = connect()
    book.tell({Page(connection.pk, 0, 1, MINUTE): Count(10, 0)})
    ingest(batch(connection, *(message(at=AT) for _ in range(4))))
    assert ledger(connection) == {"received": 10, "stored": 4, "in_flight": 6}


def test_telling_a_number_twice_or_late_changes_nothing() -> None:
    connection = connect()
    for number in (10, 10, 7):
        book.tell({Page(connection.pk, 0, 0, MINUTE): Count(number, 2)})
    assert ledger(connection) == {"received": 10, "overflowed": 2, "in_flight": 8}


def test_a_worker_that_forgets_a_fate_unbalances_the_ledger() -> None:
    connection = connect()
    one = batch(connection, *(message(at=AT) for _ in range(3)))
    book.enter(one, [Fate.STORED, Fate.STORED, Fate.STORED])
    assert "in_flight" not in ledger(connection)
    forgetful = batch(connection, *(message(at=AT + 60) for _ in range(3)))
    book.enter(forgetful, [Fate.STORED, Fate.STORED, Fate.RETURNED])  # a fate that no worker may give is not counted
    assert ledger(connection)["in_flight"] == 1


def test_received_is_right_though_the_listener_dies_before_its_next_heartbeat() -> None:
    connection = connect()
    ingest(batch(connection, *(message(at=AT) for _ in range(5))))
    assert ledger(connection) == {"received": 5, "stored": 5}


@pytest.mark.parametrize(("qos", "booked"), [(1, "returned"), (0, "lost")])
def test_what_an_ended_run_left_in_flight_is_booked(qos: int, booked: str) -> None:
    connection = connect()
    ingest(batch(connection, message(at=AT, qos=qos)))
    book.tell({Page(connection.pk, 0, qos, MINUTE): Count(3, 0)})
    book.close_ended()
    assert ledger(connection) == {"received": 3, "stored": 1, "in_flight": 2}
    new_epoch(connection)
    for _ in range(2):
        book.close_ended()
        assert ledger(connection) == {"received": 3, "stored": 1, booked: 2}


def test_a_batch_of_an_ended_run_that_is_stored_after_all_moves_its_messages_to_their_fate() -> None:
    connection = connect()
    one = batch(connection, *(message(at=AT) for _ in range(2)))
    book.tell({Page(connection.pk, 0, 1, MINUTE): Count(2, 0)})
    new_epoch(connection)
    book.close_ended()
    assert ledger(connection) == {"received": 2, "returned": 2}
    ingest(one)
    assert ledger(connection) == {"received": 2, "stored": 2}


def test_a_late_batch_of_an_ended_run_may_tell_of_messages_nobody_had_told_of() -> None:
    connection = connect()
    one = batch(connection, *(message(at=AT) for _ in range(4)))
    new_epoch(connection)
    ingest(one)
    book.close_ended()
    assert ledger(connection) == {"received": 4, "stored": 4}
    assert LedgerMinute.objects.get().is_closed
