"""Hold the connections assigned to this process, and hand what they bring to custody.

One thread runs the network: an epoll selector drives all connections, and what other threads learn (a commit, an
assignment, an opened socket) is posted to it. So an acknowledgement can never race a reconnect, and nothing here
needs a lock.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from mqtt_app.listening.batching import Buffer, Held
from mqtt_app.listening.broker import BrokerLink, Callbacks
from mqtt_app.listening.courier import Courier
from mqtt_app.listening.custody import Custody
from mqtt_app.listening.holding import Holding
from mqtt_app.listening.loop import READ, WRITE, Loop
from mqtt_app.listening.reporter import Reporter
from mqtt_app.messages import Admission, Batch, Link, LogEntry, Order, Publication, StatusReport, Word
from mqtt_app.wire.client import WINDOW
from mqtt_app.wire.refusals import in_words
from mqtt_app.wire.wish import Wish

logger = logging.getLogger(__name__)

AT_ONCE = "Somebody asked for the next attempt at once."
TURN_S = 0.5
"""The longest one turn of the loop waits for something to happen."""

TICK_S = 1.0
CONNACK_PATIENCE_S = 10.0
DRAIN_S = 10.0
"""Seconds that a stopping listener gives its messages to be committed."""

HEARTBEAT_S = 3.0
"""Every connection's state is reported again this often, so that a lost report heals."""

CANARY_S = 15.0
OPENERS = 8
"""Connections that are opened at once; looking up and shaking hands block."""

LEASE_S = 8.0
"""For this long after a heartbeat nobody else can hold our connections; less than the 10 s of assignments.LEASE."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What the listener needs from outside; the command run_mqtt and the tests hand in their own.

    submit: give a batch to the queue. report: give status reports and log lines to the control queue; repeats may
    expire. canaries: one for each queue. Each may block and may raise; it is then called again.
    admit: ask the database, right before CONNECT, whether a connection is still ours.
    """

    submit: Callable[[Batch], None]
    report: Callable[[Sequence[StatusReport], Sequence[LogEntry]], None]
    canaries: Callable[[], None]
    admit: Callable[[Wish], Admission | None]


class Listener:
    """The network side of one listener process. Public methods marked `any thread` may be called from anywhere."""

    def __init__(self, buffer: Buffer, doors: Doors, memory_limit: int, asks_drops: bool) -> None:
        """asks_drops: whether brokers are asked how many messages they dropped."""
        self.asks_drops = asks_drops
        self.doors = doors
        self.memory_limit = memory_limit
        self.holdings: dict[int, Holding] = {}
        self._is_draining = False
        self.words: deque[Word] = deque()
        """What became of orders; this thread adds at one end while the keeper takes from the other."""
        self.ticked_at = time.monotonic()
        self.renewed_at = float("-inf")
        self._loop: Loop[BrokerLink] = Loop()
        self._openers = ThreadPoolExecutor(OPENERS, thread_name_prefix="opener")
        self._batches = Courier("batches")
        self._reports = Courier("reports")
        self._reporter = Reporter(self._reports, doors.report)
        self.custody = Custody(buffer, self._batches, doors.submit)
        self._next_tick = self._next_heartbeat = self._next_canary = 0.0

    # What other threads tell (any thread).

    def committed(self, batch_id: str) -> None:
        """A hint: this batch is committed (any thread)."""
        pk = UUID(batch_id)
        self._loop.post(lambda: self.custody.commit(pk, self.is_certain))

    def renewed(self, at: float) -> None:
        """The lease was renewed by a heartbeat begun at `at`, monotonic (any thread)."""
        self.renewed_at = at

    def assigned(self, wishes: Mapping[int, Wish]) -> None:
        """These are the connections to hold from now on, all of them (any thread)."""
        self._loop.post(partial(self._assign, wishes))

    def answered(self, asked: Collection[UUID], done: Collection[str]) -> None:
        """The database's answer to what custody asked (any thread)."""
        self._loop.post(lambda: self.custody.answer(asked, done, self.is_certain))

    def order(self, orders: Sequence[Order]) -> None:
        """Publish these, each once; what becomes of them is told in `words` (any thread)."""
        self._loop.post(partial(self._publish, orders))

    def database_returned(self) -> None:
        """The database was away and is back: whatever waited for it is asked for at once (any thread)."""
        self._loop.post(self.custody.hurry)

    # The loop.

    def run(self, stop: threading.Event, on_stop: Callable[[], None]) -> None:
        """Work until `stop` is set, call `on_stop`, then drain for ten seconds at most and disconnect."""
        self._batches.start()
        self._reports.start()
        while not stop.is_set():
            self.step(TURN_S)
        on_stop()
        self._drain()

    def step(self, patience_s: float) -> bool:
        """One turn: wait for something to happen, and do it. Says whether there was anything."""
        happened = self._loop.turn(patience_s, self._drive)
        self.custody.dispatch()
        now = time.monotonic()
        if now >= self._next_tick:
            self._tick(now)
        if self.is_certain:
            self._reporter.send()
        return happened

    @property
    def is_certain(self) -> bool:
        """Whether our lease surely holds. While it does not, nothing is acknowledged, reported or reconnected."""
        return time.monotonic() - self.renewed_at < LEASE_S

    def _tick(self, now: float) -> None:
        """Once a second: keepalives, retries, overdue batches, reports."""
        self.ticked_at, self._next_tick = now, now + TICK_S
        self.custody.tick(now)
        for holding in list(self.holdings.values()):
            self._attend(holding)
        if self.is_certain:
            self.custody.catch_up()
            if now >= self._next_heartbeat:
                self._next_heartbeat = now + HEARTBEAT_S
                self._reporter.tell(*self.holdings.values())
            if now >= self._next_canary:
                self._next_canary = now + CANARY_S
                self._reports.send(self.doors.canaries)

    def _attend(self, holding: Holding) -> None:
        """Keep one connection going: keepalive where it is open, a new attempt where one is due."""
        link = holding.link
        if link is not None:
            link.tick()
            asked = link.subscriptions
            counters, asked.counters = asked.counters, []
            holding.heard(counters, time.time())
            holding.settled(time.time(), link)
            holding.overflowed(self.custody.buffer.dropped, time.time())
            if not link.is_connected and time.monotonic() - link.opened_at > CONNACK_PATIENCE_S:
                link.failure = link.failure or TimeoutError()
            self._look_after(link)
        elif not holding.is_opening and holding.is_due(time.time()) and self.is_certain and not self._is_draining:
            holding.is_opening = True
            self._openers.submit(self._open, holding.wish)

    # Opening and closing connections.

    def _open(self, wish: Wish) -> None:
        """In the pool: ask whether it is still ours, then connect; hand the outcome to the network thread."""
        try:
            admitted = self.doors.admit(wish)
            if admitted is None:
                self._loop.post(partial(self._not_ours, wish))
                return
            link = Link(wish.connection_id, wish.epoch, admitted.generation, time.time(), admitted.session)
            callbacks = Callbacks(self._connected, self._granted, self._message, self._loop.unwatch, self._published)
            opened = BrokerLink(wish, link, admitted.known, callbacks)
            opened.heard_at = admitted.heard_at or 0.0
            opened.former = admitted.broker or wish.broker
            opened.open()
        except Exception as error:  # noqa: BLE001  # it is this connection's trouble alone, and told there
            self._loop.post(partial(self._not_opened, wish, error))
        else:
            self._loop.post(partial(self._opened, opened))

    def _current(self, wish: Wish) -> Holding | None:
        """The holding that this attempt was made for, unless it has changed since."""
        holding = self.holdings.get(wish.connection_id)
        return holding if holding and holding.wish == wish else None

    def _not_ours(self, wish: Wish) -> None:
        """Someone else decides over it by now; the next reading of assignments says who."""
        if holding := self._current(wish):
            holding.is_opening, holding.due = False, time.time() + 2.0

    def _not_opened(self, wish: Wish, error: Exception) -> None:
        if holding := self._current(wish):
            holding.is_opening = False
            holding.failed(time.time(), error, in_words(error))
            self._reporter.tell(holding)

    def _opened(self, link: BrokerLink) -> None:
        holding = self._current(link.wish)
        if holding is None or not self.is_certain:
            link.shut()
            if holding:
                holding.is_opening = False
            return
        holding.is_opening, holding.link = False, link
        holding.heard_at = max(holding.heard_at, link.heard_at)
        self._watch(link)

    def _connected(self, link: BrokerLink, session_kept: bool) -> None:
        holding = self.holdings[link.wish.connection_id]
        holding.connected(time.time(), session_kept, link)
        link.in_session(holding.session)
        if not session_kept:
            link.subscriptions.known = frozenset()
        link.subscribe(holding.wish.cover)
        if holding.asks_drops:
            link.subscriptions.count_drops()
        if link.wish.beacon:
            link.publish(*link.wish.beacon[:2])
        self._reporter.tell(holding)

    def _granted(self, link: BrokerLink, codes: dict[str, int]) -> None:
        holding = self.holdings.get(link.wish.connection_id)
        if holding and holding.link is link:
            holding.granted(time.time(), codes)
            self._reporter.tell(holding)

    def _look_after(self, link: BrokerLink) -> None:
        """See whether a link has come to its end, and what that means for its connection."""
        if link.failure is None:
            self._watch(link)
            return
        self._loop.unwatch(link)
        link.shut()
        self._forget_orders(link)
        holding = self.holdings.get(link.wish.connection_id)
        if holding and holding.link is link:
            holding.link = None
            holding.asks_drops &= not link.subscriptions.is_asking
            self._note_heard(holding, link)
            holding.failed(time.time(), link.failure, in_words(link.failure))
            self._reporter.tell(holding)

    def _note_heard(self, holding: Holding, link: BrokerLink) -> None:
        if link.is_connected:
            holding.heard_at = max(holding.heard_at, link.heard_at)

    def _let_go(self, holding: Holding, why: str) -> None:
        link, holding.link = holding.link, None
        if link:
            self._loop.unwatch(link)
            link.shut()
            self._forget_orders(link)
            self._note_heard(holding, link)
        holding.closed(time.time(), why)
        self._reporter.tell(holding)

    def _assign(self, wishes: Mapping[int, Wish]) -> None:
        """Open what is newly ours, close what no longer is, apply what changed."""
        now = time.time()
        for pk in set(self.holdings) - set(wishes):
            self._let_go(self.holdings.pop(pk), "Closed: it is switched off, or another listener holds it.")
        for pk, wish in wishes.items():
            holding = self.holdings.get(pk)
            if holding is not None and holding.wish.epoch == wish.epoch:
                self._change(holding, wish)
                continue
            if holding is not None and holding.link is not None:
                self._let_go(holding, "Closed: it was assigned anew.")
            self.holdings[pk] = Holding.of(wish, now, self.asks_drops)
        self._next_tick = 0.0

    def _change(self, holding: Holding, wish: Wish) -> None:
        """Apply a changed wish: other topics are subscribed on the open connection, anything else reconnects.

        That an attempt is made at once is wished of one that is not open.
        """
        if holding.wish == wish:
            return
        former, holding.wish = holding.wish, wish
        link = holding.link
        asked = replace(former, retry_wished_at=wish.retry_wished_at)
        if link and link.is_connected and replace(asked, cover=wish.cover) == wish:
            link.wish = wish
            if former.cover != wish.cover:
                link.subscribe(wish.cover)
                if holding.asks_drops:
                    link.subscriptions.count_drops()
                self._look_after(link)
        else:
            self._let_go(holding, AT_ONCE if asked == wish else "Reconnecting with changed settings.")
            holding.is_opening, holding.due, holding.attempts = False, 0.0, 0

    def _publish(self, orders: Sequence[Order]) -> None:
        """An order whose connection is not open was not sent, and says so: it may wait for the next time."""
        for order in orders:
            holding = self.holdings.get(order.connection_id)
            link = holding.link if holding else None
            if link is None or not link.send(order.id, order.topic, order.payload, order.qos, order.retain):
                self.words.append(Word(order.id, "unsent"))
            else:
                self._look_after(link)

    def _published(self, order: int) -> None:
        self.words.append(Word(order, "sent"))

    def _forget_orders(self, link: BrokerLink) -> None:
        """The link is over: nobody knows whether these arrived."""
        self.words.extend(Word(order, "lost") for order in link.outgoing.values())
        link.outgoing.clear()

    # Messages.

    def _message(self, link: BrokerLink, message: Publication) -> Held:
        """Take one message. An exception here ends the process: what is unacknowledged comes again."""
        now = time.time()
        holding = self.holdings.get(link.wish.connection_id)
        if holding:
            holding.message_at = now
        return self.custody.buffer.add(
            link, message.mid, message.qos, message.dup, message.retain, message.topic, message.payload, now
        )

    def _drive(self, link: BrokerLink, mask: int) -> None:
        if mask & WRITE:
            link.write()
        if mask & READ:
            link.read()
        self._look_after(link)

    def _watch(self, link: BrokerLink) -> None:
        """Wait for what this link needs. One that has sent too much is not read until we catch up."""
        full = self.custody.buffer.bytes > self.memory_limit or len(link.unacknowledged) > 2 * WINDOW
        wanted = 0 if full or self._is_draining else READ
        self._loop.watch(link, wanted | (WRITE if link.wants_write else 0))
        if wanted and link.has_pending and not link.is_due:
            link.is_due = True
            self._loop.post(partial(self._read_on, link))

    def _read_on(self, link: BrokerLink) -> None:
        """A link's share of the last turn is over, and TLS holds more for it."""
        link.is_due = False
        self._drive(link, READ)

    # The end.

    def _drain(self) -> None:
        """Take nothing more, let what is held be committed and acknowledged, then disconnect all and say so."""
        self._is_draining = True
        for link in list(self._loop.watched):
            self._watch(link)
        deadline = time.monotonic() + DRAIN_S
        while not self.custody.buffer.is_empty and time.monotonic() < deadline:
            self.step(0.1)
        for holding in self.holdings.values():
            self._let_go(holding, "Closed: the listener stops.")
        if self.is_certain:
            self._reporter.send(patience_s=2.0)
        self._openers.shutdown(wait=False, cancel_futures=True)
        self._batches.stop(1.0)
        self._reports.stop(4.0)
        self._loop.close()
