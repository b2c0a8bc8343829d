"""Publishes what a simulated dam, bridge and solar plant measure, over MQTT like any device."""

import math
import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.local import fleet, past, plant, seed
from project.local.ports import LOOPBACK


class Command(BaseCommand):
    """Ends after --duration, or with a signal."""

    help = "Publish what a simulated dam, bridge and solar plant measure, over MQTT like any device."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mqtt-url", default=f"mqtt://{LOOPBACK}:1883", help="mqtt://[user:password@]host:port")
        parser.add_argument(
            "--sites",
            nargs="+",
            default=[str(len(seed.FLEET))],
            metavar="SLUG:KIND",
            help=f"or how many of those that `up` makes; kinds: {', '.join(plant.KINDS)}",
        )
        parser.add_argument(
            "--interval", type=float, default=plant.INTERVAL_S, help="seconds between two messages of a gateway"
        )
        parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast as time the story runs")
        parser.add_argument("--seed", type=int, default=plant.SEED, help="the same seed tells the same story")
        parser.add_argument(
            "--past", action="store_true", help="first write a day of history for sites of our database that are new"
        )
        parser.add_argument("--duration", type=float, default=math.inf, help="seconds; endless without")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["interval"] <= 0 or options["speed"] <= 0:
            raise CommandError("--interval is a number of seconds above 0, --speed a number above 0")
        try:
            sites = [plant.site(words, options["seed"], time.time()) for words in _words(options["sites"])]
        except plant.UnknownKind as error:
            raise CommandError(str(error)) from error
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with_past = sites[: past.SITES_TOLD] if options["past"] else []
        count = fleet.run(
            options["mqtt_url"],
            sites,
            fleet.Tempo(options["interval"], options["speed"]),
            options["duration"],
            prepare=lambda site: past.tell(site, options["interval"]) if site in with_past else None,
        )
        self.stdout.write(f"{count} messages were published")


def _words(asked: list[str]) -> list[str]:
    """slug:kind of each site; a number alone stands for as many sites of `up`."""
    if len(asked) == 1 and asked[0].isdecimal():
        return [f"{place.slug}:{place.kind.value}" for place in seed.places(int(asked[0]))]
    return asked
