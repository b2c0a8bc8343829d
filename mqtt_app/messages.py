"""The words that travel from the listener to the workers: links, messages, batches, fates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class Fate(StrEnum):
    """What became of a message; every received message has exactly one (docs/rules.md, 6)."""

    STORED = "stored"
    IGNORED = "ignored"
    UNRECOGNISED = "unrecognised"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    DROPPED = "dropped"
    RETURNED = "returned"


class Link(NamedTuple):
    """One network connection of one MqttConnection, as the listener held it.

    epoch: the assignment under which it was opened. generation: grows with every CONNECT of a connection, across
    listeners. connected_at: seconds since 1970 by the listener's clock. session: the generation at which the broker
    began the session that it keeps for us; packet ids mean something within one session only.
    """

    connection_id: int
    epoch: int
    generation: int
    connected_at: float
    session: int = 0


class Admission(NamedTuple):
    """Leave to connect: the new generation, the session that the broker should still keep, and its filters.

    heard_at: when the broker was surely heard last, as far as the database knows; seconds since 1970.
    broker: which one began that session, as `Wish.broker` writes it; empty when nobody knows.
    """

    generation: int
    session: int
    known: frozenset[str] = frozenset()
    heard_at: float | None = None
    broker: str = ""


class Publication(NamedTuple):
    """One PUBLISH as it came over a connection, undecoded. mid: 0 at QoS 0."""

    mid: int
    qos: int
    dup: bool
    retain: bool
    topic: bytes
    payload: bytes


class Message(NamedTuple):
    """One PUBLISH, undecoded.

    link: index into the batch's links. number: the listener's running count of what it received in this
    (connection, epoch, qos, minute), from 1: the ledger's `received`, whatever becomes of the message.
    received_at: seconds since 1970 by the listener's clock. booked: its minute in the ledger where that is not the one
    of its reception, since the clock was set back; else 0.
    """

    link: int
    number: int
    mid: int
    qos: int
    dup: bool
    retain: bool
    topic: bytes
    payload: bytes
    received_at: float
    booked: int = 0

    @property
    def minute(self) -> int:
        """Where the ledger counts it, as whole minutes since 1970."""
        return self.booked or int(self.received_at // 60)

    @property
    def received(self) -> datetime:
        return datetime.fromtimestamp(self.received_at, UTC)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that share one transaction. The id stays the same however often the batch is dispatched."""

    id: UUID
    listener_id: int
    links: Sequence[Link]
    messages: Sequence[Message] = field(repr=False)

    def to_wire(self) -> dict[str, Any]:
        """Plain values for the queue: msgpack keeps bytes as bytes, so payloads cross undecoded."""
        return {
            "id": str(self.id),
            "listener": self.listener_id,
            "links": [list(link) for link in self.links],
            "messages": [list(message if message.booked else message[:-1]) for message in self.messages],
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> "Batch":
        return cls(
            id=UUID(wire["id"]),
            listener_id=wire["listener"],
            links=[Link(*link) for link in wire["links"]],
            messages=[Message(*message) for message in wire["messages"]],
        )


class StatusReport(NamedTuple):
    """What a listener says of one connection it holds. Times are seconds since 1970 by the listener's clock.

    (epoch, sequence) orders reports: only a newer one is stored. subscribed: the filters granted, None when unchanged.
    new_session_at: the generation at which the broker began a new session, None when it kept the old one.
    settled_at: the generation whose redelivery is over: what came before and not again comes no more. None: not yet.
    broker: whose session it is, as `Wish.broker` writes it; None when unchanged.
    """

    connection_id: int
    epoch: int
    sequence: int
    status: str
    since: float
    retry_count: int = 0
    next_retry: float | None = None
    last_error: str = ""
    connected_at: float | None = None
    message_at: float | None = None
    subscribed: list[str] | None = None
    new_session_at: int | None = None
    settled_at: int | None = None
    broker: str | None = None


class LogEntry(NamedTuple):
    """One line of a connection's story. level is a name of the logging module."""

    connection_id: int
    at: float
    level: str
    message: str
    exception_type: str = ""
    exception_traceback: str = ""
    retry_attempt: int = 0


class Order(NamedTuple):
    """A command that is to be published now."""

    id: int
    connection_id: int
    topic: bytes
    payload: bytes
    qos: int
    retain: bool


class Word(NamedTuple):
    """What a listener says of an order: sent, unsent (the connection was not open) or lost (nobody knows)."""

    id: int
    what: str
