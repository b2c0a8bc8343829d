"""What Redis and RabbitMQ have in common as keepers of the queues, and what each of them has to say."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from amqp.exceptions import AMQPError
from kombu import Queue
from redis import RedisError

CANARY_LIMIT_S = {"ingest": 60, "control": 60, "upkeep": 7_200}
"""For each queue, how long ago its last canary may be; a listener sends one every 15 s. Tasks of upkeep may take an
hour (tasks.upkeep), and hold every process of its worker."""

QUEUES = tuple(CANARY_LIMIT_S)
EXCHANGE = "fieldledger"

ANSWER_S = 5.0
"""What a sender of tasks, or a worker, waits for the server's word: longer, and it counts as away."""

CONNECT_S = 2.0
TIMEOUT_S = 2.0
"""What somebody waits who only asks how much waits."""

SENT_AT = "sent_at"
"""A header of every task: when it was handed to the queue, in seconds since 1970 by its sender's clock."""

AWAY = (RedisError, AMQPError, OSError)
"""What is raised by a server that does not answer, or refuses."""


class Waiting(NamedTuple):
    """oldest_s: how long the oldest has waited; None when nothing waits, or nobody can say."""

    queue: str
    messages: int
    oldest_s: float | None


class Terms(NamedTuple):
    """What Celery is told. publishing: options of each task that is sent. ssl: as kombu takes it."""

    queues: Sequence[Queue]
    transport_options: dict[str, Any]
    publishing: dict[str, Any]
    ssl: bool | dict[str, Any]


class Server(Protocol):
    """A server that is asked about its queues. Everything raises one of AWAY when it does not answer."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def take(self) -> None:
        """Answering is not enough: one that is full, or a replica, answers and takes nothing."""

    def length(self, queue: str) -> int:
        """Tasks that wait, without those in a worker's hands."""

    def look(self) -> Sequence[Waiting]:
        """Every queue."""
