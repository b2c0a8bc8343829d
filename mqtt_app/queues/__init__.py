"""The queues: their names, how much waits in each and for how long, and the server that keeps them.

Redis or RabbitMQ, as the URL says; `redis` and `amqp` beside this page hold all that differs.
"""

from mqtt_app.queues import amqp, redis
from mqtt_app.queues.terms import (
    AWAY,
    CANARY_LIMIT_S,
    QUEUES,
    SENT_AT,
    Server,
    Terms,
    Waiting,
)

__all__ = ["AWAY", "CANARY_LIMIT_S", "QUEUES", "SCHEMES", "SENT_AT", "Server", "Terms", "Waiting", "at", "terms"]

SCHEMES = (*redis.SCHEMES, *amqp.SCHEMES)


def is_amqp(url: str) -> bool:
    return url.partition("://")[0] in amqp.SCHEMES


def terms(url: str) -> Terms:
    """What Celery is told of the server at this address."""
    return amqp.terms(url) if is_amqp(url) else redis.terms()


def at(url: str) -> Server:
    """Asks the server at this address, and never waits long for one that does not answer. Raises one of AWAY."""
    return amqp.Amqp(url) if is_amqp(url) else redis.RedisLists(url)
