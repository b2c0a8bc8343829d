"""The queues as lists of Redis or Valkey: kombu pushes on the left and pops on the right."""

import json
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from kombu import Exchange, Queue
from redis import Redis

from mqtt_app.queues.terms import ANSWER_S, CONNECT_S, EXCHANGE, QUEUES, SENT_AT, TIMEOUT_S, Terms, Waiting

SCHEMES = ("redis", "rediss")


def terms() -> Terms:
    options = {
        "visibility_timeout": 120,  # above the hard time limit, so that a running task is never handed out twice
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": ANSWER_S,
        "socket_connect_timeout": CONNECT_S,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
    queues = [Queue(name, Exchange(EXCHANGE), routing_key=name) for name in QUEUES]
    return Terms(queues, options, {}, ssl=False)


class RedisLists:
    """See Server."""

    def __init__(self, url: str) -> None:
        self.client = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def take(self) -> None:
        self.client.set("probe", 1, ex=60)

    def length(self, queue: str) -> int:
        return int(self.client.llen(queue))

    def look(self) -> Sequence[Waiting]:
        return [Waiting(queue, self.length(queue), _age(self.client.lindex(queue, -1))) for queue in QUEUES]


def _age(oldest: Any) -> float | None:
    """What is no task of ours has no age, and is for its worker to complain about."""
    try:
        return max(0.0, time.time() - float(json.loads(oldest)["headers"][SENT_AT]))
    except (KeyError, TypeError, ValueError):
        return None
