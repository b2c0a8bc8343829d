"""Write readings to a file, as CSV or Parquet: of all sites, of some, or of those that somebody may see."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from sites import access, exports
from sites.models import Site


class Command(BaseCommand):
    """`manage.py export readings.parquet --site dam --from 2026-01-01`. The file's ending is its format."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file: ….csv or ….parquet")
        parser.add_argument("--site", action="append", metavar="SLUG", help="only this one; may be repeated")
        parser.add_argument("--user", help="only the sites that this person may see")
        parser.add_argument("--from", dest="start", default="1970-01-01", help="ISO date or time, UTC; the beginning")
        parser.add_argument("--to", dest="end", default="", help="before this; until now")

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        form = path.suffix.lstrip(".")
        if form not in exports.WRITERS:
            raise CommandError(f"The file ends in {' or '.join(f'.{name}' for name in exports.WRITERS)}.")
        if path.exists():
            raise CommandError(f"{path} is there already, and is not written over.")
        start, end = moment(options["start"]), moment(options["end"]) if options["end"] else timezone.now()
        if start >= end:
            raise CommandError(f"Nothing lies between --from ({start}) and --to ({end}).")
        try:
            found = exports.export(chosen(options), start, end, path, form, self.progress)
        except exports.NoLibrary as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path}: {found.readings:,} readings, {found.lines:,} lines, {path.stat().st_size:,} bytes.")

    def progress(self, lines: int, total: int) -> None:
        done = f"{lines:,} of {total:,} lines, {100 * lines // max(total, 1)} %"
        self.stderr.write(done, ending="\r" if self.stderr.isatty() else "\n")


def chosen(options: dict[str, Any]) -> QuerySet[Site]:
    sites = Site.objects.all()
    if options["user"]:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is nobody named {options['user']}.")
        sites = access.for_user(user)
    if options["site"]:
        sites = sites.filter(slug__in=options["site"])
        if missing := set(options["site"]) - set(sites.values_list("slug", flat=True)):
            raise CommandError(f"There is no such site, or it may not be seen: {', '.join(sorted(missing))}.")
    return sites


def moment(words: str) -> datetime:
    try:
        day = parse_date(words)
        found = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(words)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"“{words}” is no date or time such as 2026-05-04 or 2026-05-04T10:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
