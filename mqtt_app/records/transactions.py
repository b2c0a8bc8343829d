"""Speak to the database with patience, and no more of it than is good.

Conflicts are tried again, an absent database is waited for, one that neither answers nor closes is cut off.
"""

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
)

T = TypeVar("T")

CONFLICTS = ("40001", "40P01")
"""serialization_failure and deadlock_detected: another worker went first, and trying again is the cure."""

DB_ERRORS = (DatabaseError, InterfaceError)
"""All that Django raises for a database."""

NOT_NOW = ("25006", "25P03", "25P04")
"""What a database says that is there, and will do it another time: read-only, as a standby until it is promoted; the
transaction took too long, idle or at work. Django counts them with errors that time does not cure. [PostgreSQL, A]"""

LIMITS = "54"
"""program_limit_exceeded and its kind: asked again, it would refuse again. [PostgreSQL, A]"""

CONFLICT_TRIES = 3
PAUSE_S = 0.5

SILENCE_S = 20.0
"""Twice as long as a statement may wait for a lock."""


def is_refusal(error: BaseException) -> bool:
    """Whether the database refuses what it is asked to store, and would refuse it again."""
    return isinstance(error, (DataError, IntegrityError)) or _state(error).startswith(LIMITS)


def is_absence(error: BaseException) -> bool:
    """Whether the database is away for now, so that the same may be asked again later.

    A refusal is none, nor is a mistake of ours, as a statement in a transaction that has failed already (25P02).
    """
    if isinstance(error, (OperationalError, InterfaceError)):
        return not is_refusal(error)
    return _state(error) in NOT_NOW


def _state(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def patiently(step: Callable[[], T], patience_s: float) -> T:
    """Run `step`, which is one transaction and may be run again.

    After a conflict it is run at once, three times at most; after a lost connection for as long as `patience_s`.
    Raises the last error when that was not enough, and at once what is no absence.
    """
    deadline = time.monotonic() + patience_s
    conflicts = 0
    while True:
        try:
            return step()
        except DB_ERRORS as error:
            if not is_absence(error):
                raise
            if _state(error) in CONFLICTS:
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


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Cut this thread's connection when what it does takes longer: it then fails with OperationalError, and may go on.

    A half-open connection carries nothing and is never closed: PostgreSQL's own timeouts cannot be heard over it, and
    the kernel's do not exist for unix sockets, nor see through a pooler.
    """
    done = threading.Event()
    database = connections[DEFAULT_DB_ALIAS]
    threading.Thread(target=_watch, args=(database, done, seconds), name="patience", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _watch(database: Any, done: threading.Event, seconds: float) -> None:
    while not done.wait(seconds):
        if current := database.connection:  # while it connects it has a timeout of its own
            with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(current.fileno())) as copy:
                copy.shutdown(socket.SHUT_RDWR)
