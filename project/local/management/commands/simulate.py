"""Publishes what a simulated dam and bridge measure, over MQTT like any device."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.local import fleet, plant, seed
from project.local.ports import LOOPBACK

DEFAULT_SITES = [f"{place.slug}:{place.kind.value}" for place in seed.FLEET]


class Command(BaseCommand):
    """Ends after --duration, or with a signal."""

    help = "Publish what a simulated dam and bridge measure, over MQTT like any device."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mqtt-url", default=f"mqtt://{LOOPBACK}:1883", help="mqtt://[user:password@]host:port")
        parser.add_argument(
            "--sites", nargs="+", default=DEFAULT_SITES, metavar="SLUG:KIND", help="kinds: " + ", ".join(plant.KINDS)
        )
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between two messages of a gateway")
        parser.add_argument("--seed", type=int, default=1, help="the same seed tells the same story")
        parser.add_argument("--duration", type=float, default=None, help="seconds; endless without")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["interval"] <= 0:
            raise CommandError("--interval is a number of seconds above 0")
        try:
            sites = [plant.site(words, options["seed"]) for words in options["sites"]]
        except plant.UnknownKind as error:
            raise CommandError(str(error)) from error
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        count = fleet.run(options["mqtt_url"], sites, options["interval"], options["duration"])
        self.stdout.write(f"{count} messages were published")
