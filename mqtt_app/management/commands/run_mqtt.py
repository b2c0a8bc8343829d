"""Run a listener: hold the MQTT connections assigned to this process until told to stop."""

import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection

from mqtt_app import checks
from mqtt_app.listening import lease
from mqtt_app.listening.batching import Buffer
from mqtt_app.listening.keeper import Keeper
from mqtt_app.listening.listener import Doors, Listener
from mqtt_app.messages import Admission, LogEntry, StatusReport
from mqtt_app.records import hints
from mqtt_app.records.transactions import DB_ERRORS, SILENCE_S, is_absence, within
from mqtt_app.wire.wish import Wish
from project import collector, sentry
from tasks import control, ingest, upkeep

logger = logging.getLogger(__name__)

T = TypeVar("T")

DESCRIPTORS_PER_CONNECTION = 3
REPORT_EXPIRES_S = 30
RETRY_S = 1.0


class Command(BaseCommand):
    """`manage.py run_mqtt`. Several may run at once; each connection is held by one of them."""

    help = __doc__ or ""
    requires_system_checks = [checks.OWN]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default=f"{socket.gethostname()}:{os.getpid()}", help="unique among listeners")
        parser.add_argument("--capacity", type=int, default=settings.LISTENER_CAPACITY, help="connections it can hold")

    def handle(self, *_: Any, **options: Any) -> None:
        sentry.start()
        capacity = raise_descriptor_limit(options["capacity"])
        listener_id = in_database(lambda: lease.register(options["name"], capacity))
        stop, stopped = threading.Event(), threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        buffer = Buffer(
            listener_id, settings.BATCHES_IN_FLIGHT, settings.QOS0_BUFFER_MESSAGES, settings.REDISPATCH_AFTER_S
        )
        doors = Doors(ingest.submit, report, canaries, lambda wish: admit(listener_id, wish))
        listener = Listener(buffer, doors, settings.LISTENER_BUFFER_BYTES, settings.ASK_BROKER_DROPS)
        keeper = Keeper(listener, listener_id, stopped)
        threading.Thread(target=keeper.run, name="keeper", daemon=True).start()
        threading.Thread(target=hear_hints, args=(listener, listener_id), name="hints", daemon=True).start()
        logger.info("Listener %s holds up to %s connections", options["name"], capacity)
        collector.settle()
        listener.run(stop, on_stop=lambda: say_goodbye(lease.stopping, listener_id))
        stopped.set()
        say_goodbye(lease.leave, listener_id)
        logger.info("Listener %s has stopped", options["name"])


def raise_descriptor_limit(capacity: int) -> int:
    """Allow as many open files as the connections need; returns the capacity that the limit permits, and says so."""
    needed = capacity * DESCRIPTORS_PER_CONNECTION + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    possible = min(capacity, (soft - 200) // DESCRIPTORS_PER_CONNECTION)
    if possible < capacity:
        logger.warning("Only %s connections fit the limit of open files; raise it (ulimit -n %s)", possible, needed)
    return possible


def report(reports: Sequence[StatusReport], entries: Sequence[LogEntry]) -> None:
    """Send reports to the control queue. Those without news of their own expire: the next heartbeat says them again."""
    shown = f"({len(reports)} reports, {len(entries)} log lines)"
    arguments = ([list(one) for one in reports], [list(one) for one in entries])
    options: dict[str, Any] = {"argsrepr": shown} | ({} if entries else {"expires": REPORT_EXPIRES_S})
    control.record_reports.apply_async(arguments, **options)


def canaries() -> None:
    ingest.canary.delay()
    control.canary.delay()
    upkeep.canary.delay()


def admit(listener_id: int, wish: Wish) -> Admission | None:
    """In a pool thread."""
    return in_database(lambda: lease.admit(listener_id, wish))


def in_database(step: Callable[[], T]) -> T:
    """Do it in a thread that seldom speaks to the database: nothing stays open that could be dead by the next time."""
    close_old_connections()
    try:
        with within(SILENCE_S):
            return step()
    finally:
        connection.close()


def say_goodbye(words: Callable[[int], None], listener_id: int) -> None:
    """An absent database keeps nobody from stopping: the others find out by themselves."""
    try:
        in_database(lambda: words(listener_id))
    except DB_ERRORS as error:
        if not is_absence(error):
            raise
        logger.warning("Could not tell the database that this listener stops (%s)", error)


def hear_hints(listener: Listener, listener_id: int) -> None:
    """Pass on what workers say they committed, for as long as the process lives."""
    pause = threading.Event()
    while True:
        try:
            for batch_id in hints.take(listener_id):
                if batch_id is not None:
                    listener.committed(batch_id)
        except (redis.RedisError, OSError, ValueError) as error:  # ValueError: what was told is no batch id
            logger.warning("No hints (%s); the database is asked instead", error)
            pause.wait(RETRY_S)
