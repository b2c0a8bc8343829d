"""Ask every part of the system how it is, and say how to mend what is not well."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mqtt_app import examination
from mqtt_app.examination import Line


class Command(BaseCommand):
    """`manage.py doctor`. Exit status 1 when something failed; a warning alone is 0."""

    help = __doc__ or ""
    requires_system_checks = []  # they are the first thing it reports

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")
        parser.add_argument("--mosquitto", type=Path, metavar="FILE", help="also judge a mosquitto's configuration")

    def handle(self, *_: Any, **options: Any) -> None:
        lines = list(examination.lines(options["mosquitto"]))
        if options["json"]:
            self.stdout.write(json.dumps([line._asdict() for line in lines]))
        else:
            for line in lines:
                self.stdout.write(self.told(line))
        if any(line.state == "failed" for line in lines):
            raise SystemExit(1)

    def told(self, line: Line) -> str:
        style = {"ok": self.style.SUCCESS, "warning": self.style.WARNING, "failed": self.style.ERROR}[line.state]
        remedy = f"\n         → {line.remedy}" if line.remedy else ""
        return f"{style(line.state.ljust(7))}  {line.name}: {line.detail}{remedy}"
