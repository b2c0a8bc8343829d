"""Carry what the listener sends to the queue, in a thread of its own: a frozen Redis must not freeze the network."""

import logging
import queue
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

PAUSE_S = 1.0

Job = Callable[[], None]


class Courier(threading.Thread):
    """Runs one job after the other; a job that fails is tried again until it succeeds or the courier is stopped."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._stopping = threading.Event()

    def send(self, job: Job) -> None:
        self._jobs.put(job)

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._insist(job)

    def _insist(self, job: Job) -> None:
        failing = False
        while True:
            try:
                job()
            except Exception as error:  # noqa: BLE001  # whatever it is, the message is ours until committed
                if not failing:
                    logger.warning("The queue takes nothing (%s); trying again until it does", error)
                failing = True
                if self._stopping.wait(PAUSE_S):
                    return
            else:
                if failing:
                    logger.info("The queue takes messages again")
                return

    def stop(self, patience_s: float) -> None:
        """Finish what is queued, for `patience_s` at most."""
        self._jobs.put(None)
        self.join(patience_s / 2)
        self._stopping.set()
        self.join(patience_s / 2)
