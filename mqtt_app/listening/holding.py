"""One connection as its listener holds it: what is wanted, how often it was tried, and what is reported of it. Pure."""

import random
from collections import Counter as Counts
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mqtt_app.listening.broker import BrokerLink
from mqtt_app.messages import LogEntry, StatusReport
from mqtt_app.wire.drops import Counter, Drops
from mqtt_app.wire.refusals import REFUSED_CREDENTIALS, Refused, TakenOver
from mqtt_app.wire.wish import Wish

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0
REFUSED_RETRY_S = 60.0
"""After refused credentials, or when another client has taken our id twice within a minute: more haste only hurts."""

OVERFLOW_S = 60.0
"""What overflowed is told at once, and then as often."""

STABLE_S = 30.0
"""A connection that lasted this long was a good one: the next retry starts anew."""

GRANTED = (0, 1, 2)
"""SUBACK codes that grant a subscription."""


def retry_delay(attempt: int, jitter: float) -> float:
    """Seconds until the next attempt: doubling from 1 s to 30 s, between half and all of it. jitter: 0…1."""
    return min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 10)) * (0.5 + jitter / 2)


def moment(at: float) -> str:
    """Seconds since 1970, as people read them."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


@dataclass(eq=False)
class Holding:
    """One connection in a listener's hands. `now` is always seconds since 1970; `due` is one of them too."""

    wish: Wish
    report: StatusReport
    link: BrokerLink | None = None
    is_opening: bool = False
    due: float = 0.0
    """When the next attempt may be made; meaningless while there is a link."""
    attempts: int = 0
    taken_over_at: float = float("-inf")
    message_at: float | None = None
    session: int = 0
    """The generation at which the broker began the session that it keeps for us; known before any report of it."""
    heard_at: float = 0.0
    """When its broker was surely heard last, seconds since 1970; 0 when nobody knows."""
    drops: Drops = field(default_factory=Drops)
    asks_drops: bool = True
    """Whether to ask the broker for its counter of drops; never again when it hung up on being asked."""
    overflow_told_at: float = float("-inf")
    entries: list[LogEntry] = field(default_factory=list)

    @classmethod
    def of(cls, wish: Wish, now: float, asks_drops: bool = False) -> "Holding":
        report = StatusReport(wish.connection_id, wish.epoch, 1, "connecting", now)
        return cls(wish, report, asks_drops=asks_drops)

    def is_due(self, now: float) -> bool:
        """Whether to try again. Due later than any delay would make it, the clock was set back: then at once."""
        return not now < self.due <= now + REFUSED_RETRY_S

    def change(self, now: float, **facts: object) -> None:
        """Report new facts, under the next sequence number."""
        if facts.get("status", self.report.status) != self.report.status:
            facts["since"] = now
        self.report = self.report._replace(sequence=self.report.sequence + 1, **facts)  # type: ignore[arg-type]

    def log(self, now: float, level: str, message: str, error: BaseException | None = None, trace: str = "") -> None:
        kind = type(error).__name__ if error else ""
        self.entries.append(LogEntry(self.wish.connection_id, now, level, message, kind, trace, self.attempts))

    def connected(self, now: float, session_kept: bool, link: BrokerLink) -> None:
        """The broker took us. A session that it forgot, though we had one, may have lost messages: that is an error."""
        had_session, has_moved = bool(link.subscriptions.known), link.former != self.wish.broker
        self.session = max(self.session, link.link.session) if session_kept else link.link.generation
        began = None if session_kept else link.link.generation
        self.change(
            now,
            status="connected",
            next_retry=None,
            last_error="",
            connected_at=now,
            new_session_at=began,
            settled_at=began,
            broker=self.wish.broker,
        )
        self.log(now, "INFO", f"Connected to {self.wish.host}:{self.wish.port}.")
        if has_moved and had_session and not session_kept:
            self.log(
                now,
                "INFO",
                f"Another broker or client id than before begins a session anew. What {link.former} has not delivered "
                "stays there.",
            )
        elif had_session and not session_kept:
            since = f"from {moment(self.heard_at)} to {moment(now)}" if self.heard_at else f"until {moment(now)}"
            self.log(
                now,
                "ERROR",
                f"The broker forgot our session: QoS 1 messages published {since}, and older ones that it had not yet "
                "delivered, may be lost. Its persistence and session expiry decide this.",
            )

    def settled(self, now: float, link: BrokerLink) -> None:
        """What the broker had sent over earlier connections has come again, or never will."""
        if link.is_settled and self.report.settled_at != link.link.generation:
            self.change(now, settled_at=link.link.generation)

    def heard(self, counters: Iterable[Counter], now: float) -> None:
        """The broker's counter of drops: what it lost for its clients is an error, whosever it was."""
        for counter in counters:
            self.drops.hear(counter)
        if growth := self.drops.tell(now):
            self.log(
                now,
                "ERROR",
                f"The broker dropped {growth.messages} messages from full queues of its clients, from "
                f"{moment(growth.since)} to {moment(growth.until)}; ours may be among them. Its limits of queued "
                "messages decide this.",
            )

    def overflowed(self, dropped: Counts[int], now: float) -> None:
        """Messages of ours that no more fitted the buffer; what is told is taken."""
        if dropped[self.wish.connection_id] and not now - OVERFLOW_S < self.overflow_told_at <= now:
            count, self.overflow_told_at = dropped.pop(self.wish.connection_id), now
            self.log(
                now,
                "WARNING",
                f"{count} messages of QoS 0 were dropped, the oldest first: too many waited to be stored.",
            )

    def granted(self, now: float, codes: dict[str, int]) -> None:
        """The broker answered SUBSCRIBE. A refused filter is an error; with a lowered QoS we hear on, and say so."""
        refused = sorted(one for one, code in codes.items() if code not in GRANTED)
        subscribed = sorted(one for one, code in codes.items() if code in GRANTED)
        lowered = [one for one in subscribed if codes[one] < self.wish.cover.get(one, 0)]
        trouble = f"The broker granted {', '.join(lowered)} at QoS 0 only: messages are lost at a restart."
        if lowered:
            self.log(now, "ERROR", trouble)
        if refused:
            words = f"The broker refused the subscription to {', '.join(refused)}."
            self.change(now, status="error", last_error=words, subscribed=subscribed)
            self.log(now, "ERROR", words)
        else:
            last_error = trouble if lowered else ""
            self.change(now, status="connected", last_error=last_error, subscribed=subscribed, retry_count=0)
            self.log(now, "INFO", f"Subscribed to {', '.join(subscribed)}.")

    def failed(self, now: float, error: BaseException, words: str) -> None:
        """An attempt failed or a connection was lost: say so, and when the next attempt is due."""
        lasted = now - (self.report.connected_at or now) if self.report.status == "connected" else 0.0
        self.attempts = 1 if lasted >= STABLE_S else self.attempts + 1
        delay = retry_delay(self.attempts, random.random())  # noqa: S311
        if isinstance(error, Refused) and error.code in REFUSED_CREDENTIALS:
            delay = REFUSED_RETRY_S
        if isinstance(error, TakenOver):
            if now - self.taken_over_at < REFUSED_RETRY_S:
                delay, words = REFUSED_RETRY_S, f"{words} It happened twice within a minute: is our id used elsewhere?"
            self.taken_over_at = now
        self.due = now + delay
        self.change(
            now,
            status="error" if isinstance(error, Refused) else "connecting",
            retry_count=self.attempts,
            next_retry=self.due,
            last_error=words,
        )
        self.log(now, "WARNING", f"{words} Attempt {self.attempts}, next in {delay:.0f} s.", error)

    def closed(self, now: float, why: str) -> None:
        """We let go of it on purpose."""
        self.change(now, status="disconnected", retry_count=0, next_retry=None, last_error="")
        self.log(now, "INFO", why)
