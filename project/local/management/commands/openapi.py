"""Writes down what programs may rely on; the front end's types are made from it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project import contract


class Command(BaseCommand):
    """`manage.py openapi`. With --check nothing is written: exit status 1 when the file says something else."""

    help = "Write the description of the REST API and of the WebSocket's frames to frontend/openapi.json."
    requires_system_checks = ()  # no server is asked for anything

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=contract.PATH, help="another file")
        parser.add_argument("--check", action="store_true", help="only tell whether the file is up to date")

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["to"]
        wanted = contract.text()
        if path.exists() and path.read_text() == wanted:
            self.stdout.write(f"{path} is up to date.")
            return
        if options["check"]:
            raise CommandError(f"{path} is not what the code describes. Write it anew: python manage.py openapi")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted)
        self.stdout.write(f"{path} is written. Then the types: npm run types, in frontend/")
