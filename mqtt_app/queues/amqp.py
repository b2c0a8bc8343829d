"""The queues as quorum queues of RabbitMQ: durable, replicated where it is a cluster, asked over AMQP alone.

kombu's transport waits for ever for a server that says nothing. Ours is the same with an end to each wait, and takes
its place when this module is imported.
"""

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NoReturn, Self

import amqp
from kombu import Connection as Address
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES, pyamqp

from mqtt_app.queues.terms import ANSWER_S, CONNECT_S, EXCHANGE, QUEUES, TIMEOUT_S, Terms, Waiting

SCHEMES = ("amqp", "amqps")
NOWHERE = "fieldledger.probe"
"""A routing key that leads nowhere: what is sent there is confirmed and dropped."""

LONGEST_S = {"upkeep": 7_200}
"""RabbitMQ closes the channel of who keeps a task for longer than its consumer_timeout, half an hour; tasks of upkeep
may take an hour. Heeded from RabbitMQ 3.12 on."""


BLOCKED = "RabbitMQ is blocked: it has too little memory or disk left, and takes nothing"
UNTAKEN = "RabbitMQ has no queue for it"
SILENT = f"RabbitMQ has not answered for {ANSWER_S:.0f} s"


class Channel(pyamqp.Channel):
    """Waits for the server's word where a sender asks for it (`confirm_timeout`), and for no word longer than ANSWER_S.

    What is sent without asking – events, answers to Flower – is not confirmed: a worker must go on taking tasks from a
    server that takes nothing, or its queues never get shorter.
    """

    def basic_publish(self, message: Any, confirm_timeout: float | None = None, **options: Any) -> None:
        if confirm_timeout is None and not self._confirm_selected:
            self._basic_publish(message, **options)
            return
        if not self._confirm_selected:
            # Who has sent nothing yet is not told that the server is blocked, and what was sent meanwhile is taken when
            # it is free again. So something worthless goes first, lest it takes a batch as often as that was tried.
            self.events["basic_return"].add(self._come_back)
            self.basic_publish_confirm(amqp.Message(""), routing_key=NOWHERE)
        self.connection.refuse_if_blocked()
        self._has_come_back = False
        self.basic_publish_confirm(message, confirm_timeout=confirm_timeout, **options)
        if self._has_come_back:
            self.connection.part(UNTAKEN)  # who sends it again declares the queues anew

    def _come_back(self, *_: Any) -> None:
        self._has_come_back = True

    def wait(self, method: Any, callback: Any = None, timeout: float | None = None, returns_tuple: bool = False) -> Any:
        connection = self.connection
        try:
            return super().wait(method, callback, timeout or ANSWER_S, returns_tuple)
        except TimeoutError:
            connection.part(BLOCKED if connection.is_blocked else SILENT)


class Connection(pyamqp.Connection):
    """Knows whether the server has said that it takes nothing for a while."""

    Channel = Channel
    is_blocked = False

    def _on_blocked(self) -> None:
        self.is_blocked = True

    def _on_unblocked(self) -> None:
        self.is_blocked = False

    def refuse_if_blocked(self) -> None:
        with suppress(TimeoutError):
            self.drain_events(timeout=0)
        if self.is_blocked:
            self.part(BLOCKED)

    def part(self, why: str) -> NoReturn:
        """Lest an answer that comes later is taken for that to another question."""
        self.collect()
        raise amqp.RecoverableConnectionError(why)


class Transport(pyamqp.Transport):
    Connection = Connection


class TLSTransport(pyamqp.SSLTransport):
    Connection = Connection


TRANSPORT_ALIASES["amqp"] = f"{__name__}:Transport"
TRANSPORT_ALIASES["amqps"] = f"{__name__}:TLSTransport"


def terms(url: str) -> Terms:
    # Celery delays a task by way of queues that only a topic exchange leads back from.
    exchange = Exchange(EXCHANGE, type="topic")
    queues = [Queue(name, exchange, routing_key=name, queue_arguments=_arguments(name)) for name in QUEUES]
    options = {"connect_timeout": CONNECT_S, "write_timeout": ANSWER_S}
    # mandatory: a message that no queue takes is refused instead of being confirmed.
    publishing = {"confirm_timeout": ANSWER_S, "mandatory": True}
    return Terms(queues, options, publishing, {"server_hostname": None} if url.startswith("amqps:") else False)


def _arguments(queue: str) -> dict[str, Any]:
    longest = {"x-consumer-timeout": LONGEST_S[queue] * 1_000} if queue in LONGEST_S else {}
    return {"x-queue-type": "quorum", **longest}


class Amqp:
    """See Server. Without taking a task out of a queue nobody can say how old it is, and taking one changes it."""

    def __init__(self, url: str) -> None:
        options = {"connect_timeout": TIMEOUT_S, "write_timeout": TIMEOUT_S}
        address = Address(url, transport_options=options, ssl=terms(url).ssl)
        self._connection = address.transport.establish_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.collect()

    def take(self) -> None:
        channel = self._connection.channel()
        channel.basic_publish(amqp.Message(""), routing_key=NOWHERE, confirm_timeout=TIMEOUT_S)  # and once more

    def length(self, queue: str) -> int:
        """A queue that no worker has declared yet is empty."""
        channel = self._connection.channel()
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except amqp.NotFound:
            return 0  # it has closed the channel

    def look(self) -> Sequence[Waiting]:
        return [Waiting(queue, self.length(queue), None) for queue in QUEUES]
