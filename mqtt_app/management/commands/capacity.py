"""How many machines a field of this size needs; docs/scaling.md says how this was found and what to add when."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mqtt_app.health import capacity


class Command(BaseCommand):
    """`manage.py capacity --sites 100 --devices 5000 --interval 5`."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sites", type=int, required=True, help="each with one connection")
        parser.add_argument("--devices", type=int, required=True, help="at all sites together")
        parser.add_argument("--interval", type=float, required=True, help="seconds between two messages of a device")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["sites"] < 1 or options["devices"] < 1 or options["interval"] <= 0:
            raise CommandError("Sites and devices are 1 at least, the interval is above 0.")
        need = capacity.need(options["sites"], options["devices"], options["interval"])
        for name, value in (
            ("messages a second", f"{need.rate:,.1f}, {need.rate * capacity.READINGS:,.0f} readings"),
            ("listeners", f"{need.listeners:,}"),
            ("ingest worker processes", f"{need.workers:,}"),
            ("cores for PostgreSQL", f"{need.database_cores:,}, in {need.databases:,} database(s)"),
            ("disk for readings", f"{need.gigabytes_a_day:,.1f} GB a day"),
            (f"machines of {capacity.CORES} cores", f"{need.machines:,}"),
        ):
            self.stdout.write(f"{name:>26}  {value}")
