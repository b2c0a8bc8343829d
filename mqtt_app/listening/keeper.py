"""The listener's other half: a thread that keeps its lease, reads its assignments, and asks what was committed."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import close_old_connections

from mqtt_app import assignments, connection_events, silence
from mqtt_app.downlink import commands
from mqtt_app.listening import lease
from mqtt_app.listening.listener import Listener
from mqtt_app.records import batches
from mqtt_app.records.ledger import Count, Page
from mqtt_app.records.transactions import DB_ERRORS, SILENCE_S, is_absence, within

logger = logging.getLogger(__name__)

HEARTBEAT_S = 3.0
ASSIGNMENTS_S = 2.0
RECONCILE_S = 3.0
TURN_S = 0.25
COMMANDS_S = 1.0
STUCK_S = 30.0
"""A network thread that has not ticked for this long is stuck: ending the process is the only cure."""

STUCK_EXIT = 70
LOST_EXIT = 71
KEEPER_EXIT = 72


@dataclass
class Every:
    """Whether it is time again. The first time is at once."""

    seconds: float
    due: float = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self.due:
            return False
        self.due = now + self.seconds
        return True


@dataclass
class Keeper:
    """Serves one Listener with the database's word. Runs in a thread of its own until `stop` is set."""

    listener: Listener
    listener_id: int
    stop: threading.Event
    counts: dict[Page, Count] = field(default_factory=dict)
    asked: deque[UUID] = field(default_factory=deque)
    """Batches that the network thread asks for; it adds at one end while this thread takes from the other."""
    locked: set[int] = field(default_factory=set)
    """Connections whose secrets cannot be decrypted; told once."""
    state: str | None = None
    """Of the assignments that the listener was told last."""
    renewed_at: float | None = None
    """When the last heartbeat began, monotonic."""
    beats: int = 0
    """How many the database has had, as it said itself."""
    is_away: bool = False
    is_new: bool = True
    """No reconcile has ended since this listener began; it sees to the first itself instead of waiting for beat."""

    def __post_init__(self) -> None:
        self._tasks: list[tuple[Every, Callable[[], None]]] = [
            (Every(HEARTBEAT_S), self.renew),
            (Every(RECONCILE_S), self.reconcile),
            (Every(ASSIGNMENTS_S), self.read_assignments),
            (Every(TURN_S), self.answer),
            (Every(COMMANDS_S), self.command),
        ]
        self.listener.custody.ask = self.asked.extend

    def run(self) -> None:
        """Whatever unforeseen happens ends the process: a listener without its keeper would hold on in silence."""
        try:
            while not self.stop.wait(TURN_S):
                self.step()
        except BaseException:
            logger.exception("The keeper failed; leaving, to be started anew")
            os._exit(KEEPER_EXIT)

    def step(self) -> None:
        """Do what is due. An absent database is waited for; a stuck network thread ends the process."""
        if time.monotonic() - self.listener.ticked_at > STUCK_S:
            logger.critical("The network thread has not moved for %s s; leaving, to be started anew", STUCK_S)
            os._exit(STUCK_EXIT)
        try:
            close_old_connections()
            for is_due, task in self._tasks:
                if is_due():
                    with within(SILENCE_S):
                        task()
        except DB_ERRORS as error:
            if not is_absence(error):
                raise
            if not self.is_away:
                logger.warning("The database is away (%s); messages wait here and at their brokers", error)
            self.is_away = True

    def renew(self) -> None:
        """Beat and enter the running counts; a listener that was declared dead leaves and is started anew."""
        begun = time.monotonic()
        self.counts |= self.listener.custody.take_counts()
        pending = self.listener.custody.oldest_pending
        renewed = lease.renew(self.listener_id, pending, self.counts, self.renewed_at, self.beats)
        if not renewed:
            logger.error("This listener was taken for dead and replaced; leaving, to be started anew")
            os._exit(LOST_EXIT)
        self.counts, self.renewed_at, self.beats = {}, begun, renewed.beats
        self.listener.renewed(begun)
        if self.is_away:
            self.is_away = False
            logger.info("The database is back")
            self.listener.database_returned()

    def reconcile(self) -> None:
        """At the start, and whenever beat is late: what the beat task does every 30 s."""
        if (self.is_new or lease.should_reconcile(self.listener_id)) and assignments.reconcile() is not None:
            self.is_new = False
            silence.judge()

    def read_assignments(self) -> None:
        """Tell the listener what it should hold, when that has changed."""
        state = lease.state(self.listener_id)
        if state == self.state:
            return
        readable, locked = lease.wishes(self.listener_id)
        self.listener.assigned(readable)
        if locked - self.locked:
            connection_events.cannot_read_secrets(locked - self.locked)
        self.locked, self.state = locked, state

    def command(self) -> None:
        """Write down what became of commands, and hand over those that may be sent now."""
        words = self.listener.words
        commands.tell([words.popleft() for _ in range(len(words))])
        commands.settle()
        if orders := commands.take(self.listener_id):
            self.listener.order(orders)

    def answer(self) -> None:
        """Tell the listener which of the batches it asked for are committed."""
        asked = [self.asked.popleft() for _ in range(len(self.asked))]
        if asked:
            try:
                done = batches.done([str(pk) for pk in asked])
            except DB_ERRORS:
                self.asked.extend(asked)
                raise
            self.listener.answered(asked, done)
