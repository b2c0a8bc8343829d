"""After a commit the worker tells the listener over Redis, so that it need not ask: a hint, never the truth."""

import logging
import time
from collections.abc import Iterator, Mapping
from functools import cache

import redis
from django.conf import settings

from mqtt_app.records import latency

logger = logging.getLogger(__name__)

TIMEOUT_S = 2.0
"""A hint that cannot be given at once is not worth waiting for: the listener asks the database in its own time."""

PING_S = 5.0
DEAF_S = 12.0
"""A subscription that has heard nothing for so long, not even the answer to a ping, carries nothing any more."""


def channel(listener_id: int) -> str:
    return f"committed:{listener_id}"


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, decode_responses=True, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
    )


def give(listener_id: int, batch_id: str, took: Mapping[str, float] | None = None) -> None:
    """Tell a listener that its batch is committed, and count how long it took, in one exchange. Never raises."""
    try:
        words = _client().pipeline(transaction=False)
        words.publish(channel(listener_id), batch_id)
        for name, amount in (took or {}).items():
            words.hincrbyfloat(latency.KEY, name, amount)
        words.execute()
    except redis.RedisError as error:
        logger.warning("No hint for batch %s: %s", batch_id, error)


def take(listener_id: int) -> Iterator[str | None]:
    """The batch ids told to this listener, None each second without one.

    Raises RedisError when Redis goes away, or when the connection is half open and carries nothing.
    """
    client = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_connect_timeout=TIMEOUT_S)
    with client.pubsub() as subscription:  # ignoring subscribe messages, the library would ignore the pong as well
        subscription.subscribe(channel(listener_id))
        heard = asked = time.monotonic()
        while True:
            message = subscription.get_message(timeout=1.0)
            now = time.monotonic()
            if message:
                heard = now
            elif now - heard > DEAF_S:
                raise redis.TimeoutError("nothing is heard, not even the answer to a ping")
            if now - asked > PING_S:
                asked = now
                subscription.ping()
            yield message["data"] if message and message["type"] == "message" else None
