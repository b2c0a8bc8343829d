"""Has a process stopped without ending? For a health check that may start it anew: exit status 1 when it has."""

import socket
import time
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from mqtt_app import queues
from mqtt_app.health import stalls

PING_S = 5.0


class Command(BaseCommand):
    """`manage.py healthy worker ingest`. A server that does not answer is not this process's fault: status 0."""

    help = f"{__doc__} It takes half a minute to be sure."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--confirm", type=float, default=stalls.CONFIRM_S, help="seconds until it is asked again")
        roles = parser.add_subparsers(dest="role", required=True)
        worker = roles.add_parser("worker", help="is what waits in a queue taken?")
        worker.add_argument("queue", choices=queues.QUEUES)
        worker.add_argument("--node", help="this worker of several, by its Celery name: does it answer?")
        listener = roles.add_parser("listener", help="does a listener of this machine, or of this name, beat?")
        listener.add_argument("--name", default=f"{socket.gethostname()}:", help="the beginning of its name")
        roles.add_parser("beat", help="are recurring tasks sent?")

    def handle(self, *_: Any, **options: Any) -> None:
        judges = chosen(options)
        try:
            words = asked(judges)
            if words:
                time.sleep(options["confirm"])
                words = asked(judges)
        except (DatabaseError, OperationalError, *queues.AWAY) as error:
            self.stdout.write(f"Nobody can say: {type(error).__name__}.")
            return
        self.stdout.write(f"Stalled: {words}." if words else "Nothing is wrong with it.")
        if words:
            raise SystemExit(1)


def chosen(options: dict[str, Any]) -> list[stalls.Judge]:
    if options["role"] == "listener":
        return [stalls.listener(options["name"])]
    if options["role"] == "beat":
        return [stalls.beat("reconcile", settings.RECONCILE_PERIOD_S)]
    return [stalls.worker(options["queue"])] + ([answering(options["node"])] if options["node"] else [])


def asked(judges: list[stalls.Judge]) -> str | None:
    with connection.cursor() as cursor, queues.at(settings.CELERY_BROKER_URL) as server:
        return next((words for judge in judges if (words := judge(cursor, server))), None)


def answering(node: str) -> stalls.Judge:
    """Of one among several on a queue: the others may take everything, so that its canaries look well."""

    def judge(_cursor: stalls.Cursor, server: queues.Server) -> str | None:
        server.take()
        return None if current_app.control.ping([node], timeout=PING_S) else f"{node} does not answer"

    return judge
