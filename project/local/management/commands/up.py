"""Starts the whole system on this machine and watches over it; `make run` calls it."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.environment import BASE_DIR
from project.local import seed, servers, system
from project.local.home import AlreadyRunning, Home
from project.local.ports import PortTaken, Wanted
from project.local.postgres import CannotStart


class Command(BaseCommand):
    """Runs until a signal. Exit status 1: it could not start, and standard error says why."""

    help = "Start the whole system on this machine: servers, every process, and a simulated fleet."
    requires_system_checks = ()  # the database is not there yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the web server (8000); 0 takes any free one")
        parser.add_argument("--mqtt-port", type=int, default=1883, help="of the MQTT 3.1.1 broker (1883)")
        parser.add_argument(
            "--mqtt5-port", type=int, default=None, help="of the MQTT 5 broker (the one after --mqtt-port)"
        )
        parser.add_argument("--flower-port", type=int, default=5555, help="of Flower (5555)")
        parser.add_argument("--data", default=str(BASE_DIR / ".data"), help="folder that keeps everything (.data)")
        parser.add_argument("--no-fleet", action="store_true", help="without the simulated sites")
        parser.add_argument("--sites", type=int, default=len(seed.FLEET), help="of the fleet (3); 200 make a load")
        parser.add_argument("--workers", type=int, default=2, help="processes of the ingest worker (2)")

    def handle(self, *_args: Any, **options: Any) -> None:
        plan = system.Plan(
            home=Home.at(options["data"]),
            ports=_ports(options),
            fleet_sites=0 if options["no_fleet"] else max(0, options["sites"]),
            workers=max(1, options["workers"]),
            outer=dict(os.environ),
        )
        try:
            system.run(plan)
        except (AlreadyRunning, PortTaken, CannotStart, servers.Silent, system.NotReady) as error:
            raise CommandError(str(error)) from error


def _ports(options: dict[str, Any]) -> list[Wanted]:
    first = options["mqtt_port"]
    second = options["mqtt5_port"] if options["mqtt5_port"] is not None else (first + 1 if first else 0)
    return [
        Wanted("web", system.WEB, options["port"]),
        Wanted("Flower", system.FLOWER, options["flower_port"]),
        *servers.wanted_ports(os.environ, first, second),
    ]
