"""The listener's buffer: fair, bounded, counted, and released in the right order."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from mqtt_app.listening.batching import BATCH_BYTES, BATCH_MESSAGES, LONGEST_WAIT_S, WORTH_A_TURN, Buffer, Held
from mqtt_app.messages import Batch, Link
from mqtt_app.records.ledger import Count, Page


@dataclass(eq=False)
class Source:
    """Where messages come from; remembers what it was told."""

    link: Link
    told: int = 0
    held: list[Held] = field(default_factory=list)

    def committed(self) -> None:
        self.told += 1


def source(connection_id: int = 1) -> Source:
    return Source(Link(connection_id, 1, 1, 0.0))


def buffer(**limits: Any) -> Buffer:
    return Buffer(1, **{"in_flight": 4, "qos0_limit": 100, "redispatch_after_s": 10.0, **limits})


def add(held_by: Buffer, of: Source, qos: int = 1, payload: bytes = b"x", now: float = 60.0) -> Held:
    return held_by.add(of, 1, qos, False, False, b"t", payload, now)


def test_what_arrives_while_enough_is_in_flight_becomes_the_next_batch() -> None:
    one, here = buffer(in_flight=1), source()
    add(one, here)
    first = one.next_batch(0.0)
    for _ in range(20):
        add(one, here)
    assert first is not None
    assert one.next_batch(0.0) is None
    one.commit(first.id)
    second = one.next_batch(0.0)
    assert second is not None
    assert (len(first.messages), len(second.messages)) == (1, 20)


def test_a_few_messages_wait_for_the_batch_under_way_and_many_do_not() -> None:
    one, here = buffer(), source()
    add(one, here)
    first = one.next_batch(0.0)
    assert first is not None
    for _ in range(WORTH_A_TURN - 1):
        add(one, here)
    assert one.next_batch(0.0) is None
    add(one, here)
    second = one.next_batch(0.0)
    assert second is not None
    assert len(second.messages) == WORTH_A_TURN


@pytest.mark.parametrize("why", ["it was committed", "its commit was not heard of in a second"])
def test_a_few_messages_do_not_wait_for_long(why: str) -> None:
    one, here = buffer(), source()
    add(one, here)
    first = one.next_batch(0.0)
    assert first is not None
    add(one, here)
    if why == "it was committed":
        one.commit(first.id)
    assert one.next_batch(0.0, hurried=why != "it was committed") is not None


def test_a_batch_is_drawn_in_turn_so_that_a_flood_delays_nobody_else() -> None:
    one, flood, quiet = buffer(), source(1), source(2)
    for _ in range(2 * BATCH_MESSAGES):
        add(one, flood)
    add(one, quiet)
    batch = one.next_batch(0.0)
    assert batch is not None
    assert len(batch.messages) == BATCH_MESSAGES
    assert quiet.link in batch.links


def test_a_batch_ends_before_it_grows_too_large_yet_one_large_message_still_travels() -> None:
    one, here = buffer(), source()
    add(one, here, payload=b"x" * (BATCH_BYTES * 3))
    add(one, here, payload=b"y")
    batches = [one.next_batch(0.0), one.next_batch(0.0, hurried=True)]
    assert [len(batch.messages) for batch in batches if batch] == [1, 1]


def test_qos_0_beyond_the_limit_drops_the_oldest_of_the_flood_and_counts_it() -> None:
    one, flood, quiet = buffer(qos0_limit=10), source(1), source(2)
    add(one, quiet, qos=0, payload=b"quiet")
    for number in range(15):
        add(one, flood, qos=0, payload=b"%d" % number)
    batch = one.next_batch(0.0)
    assert batch is not None
    payloads = {message.payload for message in batch.messages}
    assert payloads == {b"quiet", *(b"%d" % number for number in range(6, 15))}
    assert one.news()[Page(1, 1, 0, 1)] == Count(received=15, overflowed=6)
    assert one.dropped == {1: 6}


def test_qos_1_is_never_dropped() -> None:
    one, here = buffer(qos0_limit=1), source()
    for _ in range(50):
        add(one, here, qos=1)
    batch = one.next_batch(0.0)
    assert batch is not None
    assert len(batch.messages) == 50


def test_messages_are_numbered_by_connection_quality_and_minute_of_reception() -> None:
    one, here = buffer(), source()
    numbers = [add(one, here, qos, now=now).message.number for qos, now in [(1, 60), (1, 61), (0, 61), (1, 120)]]
    assert numbers == [1, 2, 1, 1]


def test_a_commit_releases_the_memory_and_tells_every_source() -> None:
    one, first, second = buffer(), source(1), source(2)
    held = [add(one, first), add(one, second)]
    batch = one.next_batch(0.0)
    assert batch is not None
    assert one.commit(batch.id)
    assert not one.commit(batch.id)
    assert all(message.is_committed for message in held)
    assert (first.told, second.told, one.bytes, one.is_empty) == (1, 1, 0, True)


def test_an_uncommitted_batch_is_due_after_ten_seconds_and_then_ever_more_rarely_under_the_same_id() -> None:
    one, here = buffer(), source()
    add(one, here)
    batch = one.next_batch(0.0)
    assert batch is not None
    now, copies = 0.0, 1
    while now < 300:
        now += 1
        for again in one.again(one.overdue(now), now):
            assert again.id == batch.id
            copies += 1
    assert copies <= 6
    assert one.flights[batch.id].wait_s == LONGEST_WAIT_S


def test_a_returned_database_is_asked_at_once() -> None:
    one, here = buffer(), source()
    add(one, here)
    batch = one.next_batch(0.0)
    assert batch is not None
    one.again([batch.id], 10.0)
    one.hurry(15.0)
    assert one.overdue(15.0) == [batch.id]


def test_the_oldest_uncommitted_message_is_known_waiting_or_in_flight() -> None:
    one, here = buffer(in_flight=1), source()
    assert one.oldest() is None
    add(one, here, now=100.0)
    one.next_batch(0.0)
    add(one, here, now=200.0)
    assert one.oldest() == 100.0


def test_counts_are_running_numbers_and_told_once_until_they_change() -> None:
    one, here = buffer(), source()
    add(one, here)
    page = Page(1, 1, 1, 1)
    assert one.news() == {page: Count(1, 0)}
    assert one.news() == {}
    add(one, here)
    assert one.news() == {page: Count(2, 0)}


def test_after_the_clock_was_set_back_each_message_has_a_number_of_its_own() -> None:
    """The minutes that come again were counted on before, and their numbers are forgotten."""
    held_by, here = buffer(), source()
    for minute in (10, 200, 10, 9, 200, 201):
        add(held_by, here, now=minute * 60.0)
        held_by.news()
    batch = held_by.next_batch(0.0)
    assert batch is not None
    assert [one.received_at / 60 for one in batch.messages] == [10, 200, 10, 9, 200, 201]
    booked = [(one.minute, one.number) for one in Batch.from_wire(batch.to_wire()).messages]
    assert booked == [(10, 1), (200, 1), (200, 2), (200, 3), (200, 4), (201, 1)]


def test_a_message_that_waits_for_hours_is_counted_as_overflowed_where_it_was_counted_as_received() -> None:
    held_by, here = buffer(qos0_limit=2), source()
    told: dict[Page, Count] = {}
    for qos, minute in ((0, 10), (0, 10), (1, 200), (0, 300)):  # the database is away all the while
        add(held_by, here, qos=qos, now=minute * 60.0)
        told |= held_by.news()
    assert told[Page(1, 1, 0, 10)] == Count(2, 1)
