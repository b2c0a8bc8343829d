"""Whatever happens in whatever order, every QoS 1 message is stored once and the books balance: a model of it all.

The broker, the queue and the moments of death are modelled; the buffer, custody, receipts, ingest and the ledger are
ours and real, on a real database.
"""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mqtt_app.ingest import ingest
from mqtt_app.listening.batching import Buffer, Held
from mqtt_app.listening.custody import Custody
from mqtt_app.messages import Batch, Link
from mqtt_app.models import MqttConnection
from mqtt_app.records import batches, ledger, receipts
from sites.models import Reading, Site
from sites.upsert import query
from tests.field import TELEMETRY, connect
from tests.field import ledger as books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

WINDOW = 6  # unacknowledged messages that the broker may have under way
MIDS = 8  # few, so that packet ids are soon used again
PLACES = st.integers(0, 5)


def payload(number: int) -> bytes:
    """A message without a time of its own: were it stored twice, there would be two readings."""
    data = [{"type": "ch1", "value": [number]}]
    return json.dumps(
        {"dataloggers": [{"devices": [{"type": "adaq", "serial_number_device": "MAS00001", "data": data}]}]}
    ).encode()


@dataclass
class Session:
    """What a broker keeps for our client id: messages not yet sent, and those sent and not acknowledged, by mid."""

    waiting: deque[int] = field(default_factory=deque)
    sent: dict[int, int] = field(default_factory=dict)
    last_mid: int = 0

    def next_mid(self) -> int:
        self.last_mid = next(
            mid for step in range(1, MIDS + 1) if (mid := (self.last_mid + step - 1) % MIDS + 1) not in self.sent
        )
        return self.last_mid


@dataclass(eq=False)
class Line:
    """One network connection, as BrokerLink is to the buffer: it acknowledges in order, to the session it came from."""

    link: Link
    session: Session
    is_open: bool = True
    unacknowledged: deque[Held] = field(default_factory=deque)
    is_settled: bool = False

    def committed(self) -> None:
        while self.unacknowledged and self.unacknowledged[0].is_committed:
            held = self.unacknowledged.popleft()
            self.is_settled |= not held.message.dup
            if self.is_open:
                assert next(iter(self.session.sent)) == held.message.mid, "acknowledged out of order"
                del self.session.sent[held.message.mid]


class Postman:
    """The courier without its thread: what is sent is in the queue at once."""

    def __init__(self, queue: list[dict[str, Any]]) -> None:
        self.queue = queue

    def send(self, job: Any) -> None:
        job()


class Ownership(RuleBasedStateMachine):
    """Publish, deliver, dispatch, work, crash, forget, reconnect, take over: in any order."""

    def __init__(self) -> None:
        super().__init__()
        Site.objects.all().delete()
        self.connection = connect()
        self.session = Session()
        self.queue: list[dict[str, Any]] = []
        self.published = 0
        self.forgotten: set[int] = set()
        self.generation = self.session_began = 0
        self.epoch = 0
        self.start_listener()

    # The listener.

    def start_listener(self) -> None:
        self.buffer = Buffer(1, 2, 100, 0.0)
        self.custody = Custody(self.buffer, Postman(self.queue), self.submit)  # type: ignore[arg-type]
        self.custody.ask = self.ask
        self.asked: list[UUID] = []
        self.line: Line | None = None
        self.connect()

    def submit(self, batch: Batch) -> None:
        self.queue.append(batch.to_wire())

    def ask(self, overdue: list[UUID]) -> None:
        self.asked += overdue

    def take(self, mid: int, number: int, dup: bool) -> None:
        assert self.line is not None
        held = self.buffer.add(self.line, mid, 1, dup, False, TELEMETRY.encode(), payload(number), time.time())
        self.line.unacknowledged.append(held)

    def connect(self) -> None:
        """The session is kept: what was not acknowledged comes again, flagged, in its order."""
        self.generation += 1
        link = Link(self.connection.pk, self.epoch, self.generation, time.time(), self.session_began)
        self.line = Line(link, self.session)
        for mid, number in self.session.sent.items():
            self.take(mid, number, dup=True)
        self.deliver()
        self.custody.dispatch()

    def lose_the_line(self) -> None:
        if self.line:
            self.line.is_open = False
        self.line = None

    def reconnect(self) -> None:
        self.lose_the_line()
        self.connect()

    def lose_the_session(self) -> None:
        """The broker forgets all; a loss that it is known for, and that is told. Packet ids begin anew."""
        self.forgotten |= set(self.session.waiting) | set(self.session.sent.values())
        self.session = Session()
        self.lose_the_line()
        self.session_began = self.generation + 1
        receipts.forget(self.connection.pk, self.session_began)
        self.connect()

    def kill_the_listener(self) -> None:
        """Another takes over under the next epoch; what is queued stays queued."""
        self.lose_the_line()
        self.epoch += 1
        MqttConnection.objects.filter(pk=self.connection.pk).update(epoch=self.epoch)
        self.start_listener()

    @rule()
    def beat(self) -> None:
        """The heartbeat enters the running counts, reconcile closes the books of ended runs."""
        self.custody.tick(time.monotonic())
        ledger.tell(self.custody.take_counts())
        ledger.close_ended()

    @rule()
    def settle(self) -> None:
        """Something new was acknowledged: what was taken before and did not come again is forgotten, however young."""
        if self.line and self.line.is_settled:
            query("UPDATE mqtt_app_receipt SET received_at = received_at - interval '1 day'")
            receipts.forget(self.connection.pk, self.line.link.generation)

    @rule()
    def look_for_commits(self) -> None:
        """What is overdue is asked for; what is not committed is dispatched again."""
        self.custody.tick(time.monotonic())
        asked, self.asked = self.asked, []
        if asked:
            self.custody.answer(asked, batches.done([str(pk) for pk in asked]), True)

    # The broker.

    @rule(count=st.integers(1, 4))
    def publish(self, count: int) -> None:
        self.session.waiting.extend(range(self.published, self.published + count))
        self.published += count
        self.deliver()
        self.custody.dispatch()

    def deliver(self) -> None:
        """Send as much as the window allows."""
        while self.line and self.session.waiting and len(self.session.sent) < WINDOW:
            number, mid = self.session.waiting.popleft(), self.session.next_mid()
            self.session.sent[mid] = number
            self.take(mid, number, dup=False)

    # The queue and its workers.

    @rule(told=st.booleans(), place=PLACES)
    def work(self, told: bool, place: int) -> None:
        """Some worker takes some batch; its hint may be lost, or it may die before it gives one."""
        for batch in self.taken(place):
            if ingest(batch) is not None and told:
                self.custody.commit(batch.id, is_certain=True)
                self.deliver()
                self.custody.dispatch()

    @rule(place=PLACES)
    def die_having_begun(self, place: int) -> None:
        for batch in self.taken(place):
            batches.begin(batch)

    @rule(place=PLACES)
    def deliver_twice(self, place: int) -> None:
        """Celery redelivers."""
        self.queue += self.queue[place % len(self.queue) :][:1] if self.queue else []

    def empty_redis(self) -> None:
        self.queue.clear()

    def taken(self, place: int) -> list[Batch]:
        """One batch of the queue, which need not keep its order; none when it is empty. Who began it is long gone."""
        query("UPDATE mqtt_app_batch SET begun_at = begun_at - interval '10 seconds'")
        return [Batch.from_wire(self.queue.pop(place % len(self.queue)))] if self.queue else []

    @rule(disaster=st.sampled_from(["reconnect", "lose_the_session", "kill_the_listener", "empty_redis"]))
    def meet_with(self, disaster: str) -> None:
        getattr(self, disaster)()

    # What must hold.

    @invariant()
    def every_message_is_stored_once_or_still_owned_and_no_page_has_more_fates_than_messages(self) -> None:
        stored = self.stored()
        assert len(stored) == len(set(stored)), "stored twice"
        owned = set(self.session.waiting) | set(self.session.sent.values()) | self.forgotten
        assert set(range(self.published)) - owned <= set(stored), "acknowledged before it was stored"
        assert books(self.connection).get("in_flight", 0) >= 0

    def stored(self) -> list[int]:
        return [int(values[0]) for values in Reading.objects.values_list("values", flat=True)]

    def teardown(self) -> None:
        """When all faults are over, everything arrives."""
        for _ in range(self.published + 10):
            self.deliver()
            self.custody.dispatch()
            while self.queue:
                for batch in self.taken(0):
                    ingest(batch)
            self.look_for_commits()
        self.beat()
        assert self.buffer.is_empty
        assert not self.session.sent
        assert set(range(self.published)) - self.forgotten <= set(self.stored())
        assert "in_flight" not in books(self.connection)


def test_whatever_dies_in_whatever_order_every_message_is_stored_once_and_the_books_balance() -> None:
    run_state_machine_as_test(
        Ownership,
        settings=settings(
            max_examples=60,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),  # a failure is told as it was found: shrinking it takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
