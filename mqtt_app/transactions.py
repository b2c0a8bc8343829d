"""Run one transaction with the patience it deserves: conflicts are tried again, an absent database is waited for."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

T = TypeVar("T")

CONFLICTS = ("40001", "40P01")
"""serialization_failure and deadlock_detected: another worker went first, and trying again is the cure."""

CONFLICT_TRIES = 3
PAUSE_S = 0.5


def patiently(step: Callable[[], T], patience_s: float) -> T:
    """Run `step`, which is one transaction and may be run again.

    After a conflict it is run at once, three times at most; after a lost connection for as long as `patience_s`.
    Raises the last OperationalError or InterfaceError when that was not enough.
    """
    deadline = time.monotonic() + patience_s
    conflicts = 0
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError) as error:
            if getattr(error.__cause__, "sqlstate", None) in CONFLICTS:
                conflicts += 1
                if conflicts == CONFLICT_TRIES:
                    raise
                pause = random.uniform(0, 0.05)  # noqa: S311  # jitter, so that the same two do not meet again
            else:
                pause = PAUSE_S
                if time.monotonic() + pause > deadline:
                    raise
                connection.close()
                close_old_connections()
            time.sleep(pause)
