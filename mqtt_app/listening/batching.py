"""One bounded buffer between the brokers and the queue: what was received, what awaits its commit, what was counted.

Only the listener's network thread touches it, so it needs no locks. It does no input or output.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID, uuid4

from mqtt_app.messages import Batch, Link, Message
from mqtt_app.records.ledger import Count, Page

BATCH_MESSAGES = 500
BATCH_BYTES = 256 * 1024
"""One batch is one transaction: large enough to be cheap, small enough to be quick (docs/rules.md, 4)."""

WORTH_A_TURN = 50
"""While a batch is under way, a further one goes out when so many messages wait for it.

Each costs a worker some fixed time, however small: at a few hundred messages a second, batches of two or three would
keep all workers busy, and everybody waiting. [Nagle, RFC 896: while something is unacknowledged, gather.]
"""

LONGEST_WAIT_S = 160.0
"""Dispatching again backs off to this: workers may be away for long, and copies must not pile up in the queue."""


class Source(Protocol):
    """Where a message came from, and where its acknowledgement goes."""

    link: Link

    def committed(self) -> None:
        """Some message of this source has its fate in the database: acknowledge what is due."""


@dataclass(slots=True, eq=False)
class Held:
    """A message that we own until its fate is committed."""

    source: Source
    message: Message
    is_committed: bool = False

    @property
    def size(self) -> int:
        return len(self.message.payload) + len(self.message.topic)


@dataclass(slots=True, eq=False)
class Flight:
    """A batch that awaits its commit."""

    batch: Batch
    held: list[Held] = field(repr=False)
    wait_s: float
    due: float
    """Monotonic seconds at which it is asked for, and dispatched again when it is not committed."""


Lane = deque[Held]
"""What one connection has sent at one QoS and no batch has taken yet, oldest first."""


class Buffer:
    """Everything a listener holds, bounded: by the brokers' windows at QoS 1, by dropping the oldest at QoS 0."""

    def __init__(self, listener_id: int, in_flight: int, qos0_limit: int, redispatch_after_s: float) -> None:
        self.listener_id = listener_id
        self.limit = in_flight
        self.qos0_limit = qos0_limit
        self.redispatch_after_s = redispatch_after_s
        self.lanes: dict[tuple[int, int], Lane] = {}
        self.turn: deque[tuple[int, int]] = deque()
        self.flights: dict[UUID, Flight] = {}
        self.bytes = 0
        self.waiting = 0
        self.qos0_waiting = 0
        self.dropped: Counter[int] = Counter()
        """Of each connection, the messages that overflowed since somebody told of them and took them from here."""
        self._counts: dict[Page, list[int]] = {}
        self._news: set[Page] = set()
        self._minute = 0
        """The newest that was counted on: never an earlier one again, whose numbers may be forgotten."""

    def add(
        self, source: Source, mid: int, qos: int, dup: bool, retain: bool, topic: bytes, payload: bytes, now: float
    ) -> Held:
        """Take a message and count it. now: seconds since 1970. QoS 0 beyond the limit drops the oldest, counted."""
        minute = int(now // 60)
        booked = 0 if minute >= self._minute else self._minute
        self._minute = booked or minute
        number = self._count(Page(source.link.connection_id, source.link.epoch, qos, self._minute), 0)
        held = Held(source, Message(0, number, mid, qos, dup, retain, topic, payload, now, booked))
        key = (source.link.connection_id, min(qos, 1))
        if key not in self.lanes:
            self.lanes[key] = deque()
            self.turn.append(key)
        self.lanes[key].append(held)
        self.bytes += held.size
        self.waiting += 1
        if qos == 0:
            self.qos0_waiting += 1
            if self.qos0_waiting > self.qos0_limit:
                self._drop_oldest()
        return held

    def _count(self, page: Page, column: int) -> int:
        counts = self._counts.setdefault(page, [0, 0])
        counts[column] += 1
        self._news.add(page)
        return counts[column]

    def _drop_oldest(self) -> None:
        """Where most is waiting, the oldest goes: a flood on one connection costs only that one."""
        lane = max((lane for (_, qos), lane in self.lanes.items() if qos == 0), key=len)
        held = lane.popleft()
        self.bytes -= held.size
        self.waiting -= 1
        self.qos0_waiting -= 1
        link = held.source.link
        self.dropped[link.connection_id] += 1
        self._count(Page(link.connection_id, link.epoch, 0, held.message.minute), 1)

    def next_batch(self, now: float, *, hurried: bool = False) -> Batch | None:
        """The next batch, drawn in turn over the connections; None when nothing waits or enough is in flight.

        now: monotonic seconds. hurried: a small batch goes out too while others are under way.
        """
        if len(self.flights) >= self.limit or not self.waiting:
            return None
        if self.flights and self.waiting < WORTH_A_TURN and not hurried:
            return None
        taken: list[Held] = []
        size = 0
        while self.turn and len(taken) < BATCH_MESSAGES and size < BATCH_BYTES:
            key = self.turn.popleft()
            lane = self.lanes[key]
            if not lane:
                del self.lanes[key]
                continue
            if taken and size + lane[0].size > BATCH_BYTES:
                self.turn.appendleft(key)
                break
            held = lane.popleft()
            taken.append(held)
            size += held.size
            self.waiting -= 1
            self.qos0_waiting -= held.message.qos == 0
            self.turn.append(key)
        return self._launch(taken, now) if taken else None

    def _launch(self, taken: list[Held], now: float) -> Batch:
        links: dict[Link, int] = {}
        messages = [held.message._replace(link=links.setdefault(held.source.link, len(links))) for held in taken]
        batch = Batch(uuid4(), self.listener_id, list(links), messages)
        self.flights[batch.id] = Flight(batch, taken, self.redispatch_after_s, now + self.redispatch_after_s)
        return batch

    def commit(self, batch_id: UUID) -> bool:
        """A batch is committed: let go of it and have its messages acknowledged. False when it is no longer ours."""
        flight = self.flights.pop(batch_id, None)
        if flight is None:
            return False
        for held in flight.held:
            held.is_committed = True
            self.bytes -= held.size
        for source in {id(held.source): held.source for held in flight.held}.values():
            source.committed()
        return True

    def overdue(self, now: float) -> list[UUID]:
        """Batches whose commit should have been seen by now."""
        return [pk for pk, flight in self.flights.items() if flight.due <= now]

    def again(self, batch_ids: Iterable[UUID], now: float) -> list[Batch]:
        """Batches to dispatch once more, under the same id; each waits twice as long the next time."""
        batches = []
        for pk in batch_ids:
            if flight := self.flights.get(pk):
                flight.wait_s = min(2 * flight.wait_s, LONGEST_WAIT_S)
                flight.due = now + flight.wait_s
                batches.append(flight.batch)
        return batches

    def hurry(self, now: float) -> None:
        """The database is back after an absence: ask for every batch at once, and start the waits anew."""
        for flight in self.flights.values():
            flight.wait_s, flight.due = self.redispatch_after_s / 2, now

    def oldest(self) -> float | None:
        """Reception, in seconds since 1970, of the oldest message whose fate is not committed."""
        waiting = (lane[0] for lane in self.lanes.values() if lane)
        flying = (held for flight in self.flights.values() for held in flight.held)
        return min((held.message.received_at for held in (*waiting, *flying)), default=None)

    def news(self) -> dict[Page, Count]:
        """The pages counted on since this was last asked, with their running numbers."""
        pages, self._news = self._news, set()
        told = {page: Count(*self._counts[page]) for page in pages}
        waiting = min((lane[0].message.minute for lane in self.lanes.values() if lane), default=self._minute)
        for page in [page for page in self._counts if page.minute < waiting - 60 and page not in pages]:
            del self._counts[page]  # nothing that waits can still overflow there
        return told

    @property
    def is_empty(self) -> bool:
        return not self.flights and not any(self.lanes.values())
