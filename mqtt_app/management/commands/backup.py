"""Back up the database while it works: a dump for pg_restore, and beside it what to compare a copy with."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mqtt_app.upkeep import backup


class Command(BaseCommand):
    """`manage.py backup FILE`. It needs pg_dump, at least as new as the server."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, such as fieldledger-2026-05-04.dump")

    def handle(self, *_: Any, **options: Any) -> None:
        dump: Path = options["file"]
        if dump.exists():
            raise CommandError(f"{dump} is there already, and is not written over.")
        try:
            made = backup.make(dump)
        except backup.CannotBackUp as error:
            raise CommandError(str(error)) from error
        rows = sum(count for count, _ in made["tables"].values())
        self.stdout.write(f"{dump}: {made['bytes']:,} bytes, {rows:,} rows in {len(made['tables'])} tables.")
        self.stdout.write("FIELD_KEYS are no part of it: keep them apart, and keep them.")
