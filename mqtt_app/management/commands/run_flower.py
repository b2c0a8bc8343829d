"""Start Flower, the window into Celery: read-only, on loopback, and never without a sign-in."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from flower.utils.broker import RabbitMQ
from flower.views.monitor import Metrics
from tornado.web import authenticated

from mqtt_app import checks
from project.celery import app
from project.environment import BASE_DIR, environment

TASKS_KEPT = 5_000  # in memory; Flower's own 100,000 are some 500 MB
REFUSAL = "Flower does not start without a sign-in. Set FLOWER_BASIC_AUTH=user:password (without a comma)."


async def unasked(*_: Any) -> list[Any]:
    """Flower itself would send RabbitMQ's password to port 15672 of its host, in the clear."""
    return []


class Command(BaseCommand):
    """`manage.py run_flower`. Is Flower from then on: signals reach it directly."""

    help = __doc__ or ""
    requires_system_checks = [checks.OWN]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1", help="where to listen (default: loopback only)")
        parser.add_argument("--port", type=int, default=environment.flower_port)

    def handle(self, *_: Any, **options: Any) -> None:
        sign_in = environment.flower_basic_auth.get_secret_value()
        user, _colon, password = sign_in.partition(":")
        if not user or not password or "," in sign_in:
            raise CommandError(REFUSAL)
        # Variables beginning with FLOWER_ would override what is decided here; the password stays out of the arguments.
        for name in [name for name in os.environ if name.startswith("FLOWER_")]:
            del os.environ[name]
        os.environ["FLOWER_BASIC_AUTH"] = sign_in
        if broker_api := environment.flower_broker_api.get_secret_value():
            os.environ["FLOWER_BROKER_API"] = broker_api
        else:
            RabbitMQ.queues = unasked
        Metrics.get = authenticated(Metrics.get)  # Flower itself shows these rates to everybody
        os.chdir(BASE_DIR)
        here = [f"--address={options['address']}", f"--port={options['port']}"]
        app.start(["flower", "--read_only=True", *here, f"--max_tasks={TASKS_KEPT}"])
