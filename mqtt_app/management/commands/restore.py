"""Restore a backup into the empty database that DATABASE_URL names, and prove that it is all there."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mqtt_app.upkeep import backup


class Command(BaseCommand):
    """`manage.py restore FILE`. Exit status 1 when the copy is not what was backed up."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--jobs", type=int, default=2, help="tables restored at once")
        parser.add_argument("--compare", action="store_true", help="restore nothing: compare the database as it is")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            if options["compare"]:
                found = backup.differences(options["file"])
            else:
                found = backup.restore(options["file"], options["jobs"])
        except (backup.CannotBackUp, OSError) as error:
            raise CommandError(str(error)) from error
        if found:
            raise CommandError("\n".join(["The copy is not what was backed up.", *found]))
        self.stdout.write("Every table equals what was backed up, by count and checksum.")
