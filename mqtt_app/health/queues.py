"""How much waits in each queue, and for how long: asked of Redis itself, for metrics and for who watches workers."""

import json
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from redis import Redis

CANARY_LIMIT_S = {"ingest": 60, "control": 60, "upkeep": 7_200}
"""For each queue, how long ago its last canary may be; a listener sends one every 15 s. Tasks of upkeep may take an
hour (tasks.upkeep), and hold every process of its worker."""

QUEUES = tuple(CANARY_LIMIT_S)
TIMEOUT_S = 2.0

SENT_AT = "sent_at"
"""A header of every task: when it was handed to the queue, in seconds since 1970 by its sender's clock."""


class Waiting(NamedTuple):
    """oldest_s: how long the oldest has waited; None when nothing waits, or nobody can say."""

    queue: str
    messages: int
    oldest_s: float | None


def client(url: str) -> Redis:
    """A client that never waits long for a Redis that does not answer."""
    return Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)


def look(redis: Redis) -> Sequence[Waiting]:
    """Every queue. kombu pushes on the left and pops on the right. Raises RedisError."""
    return [Waiting(queue, length(redis, queue), _age(redis.lindex(queue, -1))) for queue in QUEUES]


def length(redis: Redis, queue: str) -> int:
    return int(redis.llen(queue))


def _age(oldest: Any) -> float | None:
    """What is no task of ours has no age, and is for its worker to complain about."""
    try:
        return max(0.0, time.time() - float(json.loads(oldest)["headers"][SENT_AT]))
    except (KeyError, TypeError, ValueError):
        return None
