"""Own every message from its reception until PostgreSQL has committed its fate: dispatch, ask, and dispatch again."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from uuid import UUID

from mqtt_app import context
from mqtt_app.listening.batching import Buffer
from mqtt_app.listening.courier import Courier
from mqtt_app.messages import Batch
from mqtt_app.records.ledger import Count, Page

logger = logging.getLogger(__name__)


class Custody:
    """A listener's messages. Belongs to the network thread, but for what is marked (any thread)."""

    def __init__(self, buffer: Buffer, courier: Courier, submit: Callable[[Batch], None]) -> None:
        self.buffer = buffer
        self.oldest_pending: float | None = None
        """Reception of the oldest uncommitted message, seconds since 1970, as of the last tick (any thread)."""
        self.ask: Callable[[list[UUID]], None] = lambda _: None
        """Called with batches whose commit is overdue; the answer comes back through `answer`."""
        self._courier = courier
        self._submit = submit
        self._asking: set[UUID] = set()
        self._late: list[UUID] = []
        self._counts: dict[Page, Count] = {}
        self._counts_lock = threading.Lock()

    def take_counts(self) -> dict[Page, Count]:
        """What was counted since this was last called, as running numbers (any thread)."""
        with self._counts_lock:
            counts, self._counts = self._counts, {}
        return counts

    def dispatch(self, *, hurried: bool = False) -> None:
        """Send what waits, as far as enough is not in flight. hurried: however little it is."""
        while batch := self.buffer.next_batch(time.monotonic(), hurried=hurried):
            self._send(batch)

    def _send(self, batch: Batch) -> None:
        self._courier.send(partial(self._submit, batch))

    def tick(self, now: float) -> None:
        """Once a second: send what waits, see what is oldest, what was counted, and whose commit is overdue."""
        self.dispatch(hurried=True)
        self.oldest_pending = self.buffer.oldest()
        with self._counts_lock:
            self._counts |= self.buffer.news()
        overdue = [pk for pk in self.buffer.overdue(now) if pk not in self._asking]
        if overdue:
            self._asking.update(overdue)
            self.ask(overdue)

    def commit(self, batch_id: UUID, is_certain: bool) -> None:
        """A batch is committed. Its messages are acknowledged at once, or when our lease is sure again."""
        if is_certain:
            self.buffer.commit(batch_id)
        else:
            self._late.append(batch_id)

    def catch_up(self) -> None:
        """Our lease is sure: acknowledge what was committed while it was not."""
        late, self._late = self._late, []
        for batch_id in late:
            self.buffer.commit(batch_id)

    def answer(self, asked: Collection[UUID], done: Collection[str], is_certain: bool) -> None:
        """What the database says of batches that were asked for: those that are not done are dispatched again."""
        self._asking.difference_update(asked)
        committed = {UUID(batch_id) for batch_id in done}
        for batch_id in committed:
            self.commit(batch_id, is_certain)
        for batch in self.buffer.again([pk for pk in asked if pk not in committed], time.monotonic()):
            with context.about(batch=batch.id):
                logger.warning("No commit seen; dispatching it again")
            self._send(batch)

    def hurry(self) -> None:
        """The database was away and is back: whatever waited for it is asked for at once."""
        self.buffer.hurry(time.monotonic())
