"""Where every message went, per connection, and whether the books balance."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mqtt_app.models import LedgerMinute, MqttConnection
from mqtt_app.records import balance

POLL_S = 0.25
COLUMNS = ("received", *balance.FATES, "in_flight", "unexplained")


class Command(BaseCommand):
    """`manage.py ledger`. Exit status 1 when the books do not balance, or have not drained in time."""

    help = f"{__doc__} Exit status 1 when they do not, or when messages are still in flight after --drain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list, as REST's mqtt/ledger/ gives it")
        parser.add_argument(
            "--drain", type=float, default=0, metavar="SECONDS", help="wait so long for nothing to be in flight"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        rows = drained(options["drain"])
        in_flight = sum(row["in_flight"] for row in rows)
        wrong = [row for row in rows if not row["balanced"]]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
        else:
            self.stdout.write("\n".join(table(rows)))
            self.stdout.write(self.verdict(len(wrong), in_flight))
        if wrong or (options["drain"] and in_flight):
            raise SystemExit(1)

    def verdict(self, wrong: int, in_flight: int) -> str:
        if wrong:
            return self.style.ERROR(f"The books of {wrong} connections do not balance.")
        if in_flight:
            return self.style.WARNING(f"The books balance, with {in_flight} messages in flight.")
        return self.style.SUCCESS("The books balance, and nothing is in flight.")


def drained(patience_s: float) -> list[dict[str, Any]]:
    """The sums over all that is kept, as soon as nothing is in flight, or when patience ends.

    A listener tells every 3 s what it received; what came since then is not in the books yet.
    """
    deadline = time.monotonic() + patience_s
    while True:
        rows = balance.sums(LedgerMinute.objects.all())
        left = deadline - time.monotonic()
        if left <= 0 or not any(row["in_flight"] for row in rows):
            return rows
        time.sleep(min(POLL_S, left))


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Aligned lines: a head, and one for each connection."""
    sites = dict(MqttConnection.objects.values_list("pk", "site__name"))
    head = ["site", *(name.replace("_", " ") for name in COLUMNS), ""]
    lines = [head]
    for row in rows:
        words = "balanced" if row["balanced"] else "DOES NOT BALANCE"
        lines.append([sites.get(row["connection_id"], "(deleted)"), *(str(row[name]) for name in COLUMNS), words])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head) - 1)]
    return [
        "  ".join((line[0].ljust(widths[0]), *map(str.rjust, line[1:-1], widths[1:]), line[-1])).rstrip()
        for line in lines
    ]
