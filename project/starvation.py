"""A worker's own look at whether its queues still feed it; it connects anew when they have stopped.

A server may forget a consumer without a word: RabbitMQ does when a queue is deleted while a worker asks for its tasks.
Then the worker waits, alive and connected, beside a queue that grows.
"""

from typing import Any

from celery import bootsteps
from celery.worker import state

from mqtt_app import queues

LOOK_S = 5.0
"""Who was fed by no look nor between two, while tasks waited at both, starves."""


class Watch(bootsteps.StartStopStep):
    """A step of Celery's consumer. Its timer ends and begins with each connection."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self._timer: Any = None
        self._fed = -1
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        self._fed = -1
        self._timer = consumer.timer.call_repeatedly(LOOK_S, self._look, (consumer,))

    def stop(self, _consumer: Any) -> None:
        if self._timer:
            self._timer.cancel()

    def _look(self, consumer: Any) -> None:
        """Raises ConnectionError, upon which Celery connects anew."""
        fed = sum(state.total_count.values())
        if state.reserved_requests or not self._waiting(consumer):
            self._fed = -1
        elif fed == self._fed:
            raise ConnectionError(f"nothing came from the queues for {LOOK_S:.0f} s, though tasks wait in them")
        else:
            self._fed = fed

    def _waiting(self, consumer: Any) -> int:
        """Those of a server that does not answer are left to Celery, which sees that by itself."""
        try:
            with queues.at(consumer.app.conf.broker_url) as server:
                return sum(server.length(queue.name) for queue in consumer.task_consumer.queues)
        except queues.AWAY:
            return 0
