"""The admin's page of the ledger: where messages went, per connection, and for one of them minute by minute."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Trunc
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mqtt_app.models import LedgerMinute
from mqtt_app.records import balance
from sites import access, rest
from sites.admin.rows import signed_in
from sites.models import Site

SPANS = {"minute": timedelta(hours=1), "hour": timedelta(days=1)}
"""How much of the ledger one page reads, whatever its size: the rows have an index on their minute."""

LINES = 500
COLUMNS = ("received", *balance.FATES, "in_flight", "unexplained")


def page(request: HttpRequest) -> HttpResponse:
    """Read-only. ?by=minute|hour, ?connection=id, ?until=moment. What does not balance comes first."""
    if not request.user.has_perm("mqtt_app.view_ledgerminute"):
        raise PermissionDenied
    step = "hour" if request.GET.get("by") == "hour" else "minute"
    chosen = request.GET.get("connection", "")
    connection = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else None
    until = _moment(request.GET.get("until", ""))
    lines = _lines(request, step, connection, until)
    return TemplateResponse(
        request,
        "admin/mqtt_app/ledger.html",
        admin.site.each_context(request)
        | {
            "title": "Ledger",
            "columns": [name.replace("_", " ") for name in COLUMNS],
            "lines": lines[:LINES],
            "left_out": max(0, len(lines) - LINES),
            "wrong": sum(not line["balanced"] for line in lines),
            "by": step,
            "connection": connection,
            "since": until - SPANS[step],
            "until": until,
        },
    )


def _lines(request: HttpRequest, step: str, connection: int | None, until: datetime) -> list[dict[str, Any]]:
    rows = access.visible(LedgerMinute.objects.all(), signed_in(request), "connection__site")
    rows = rows.filter(minute__gte=until - SPANS[step], minute__lt=until)
    if connection is None:
        found = balance.sums(rows)
    else:
        found = balance.sums(rows.filter(connection=connection).annotate(at=Trunc("minute", step)), "at")[::-1]
    names = dict(Site.objects.filter(pk__in={row["site_id"] for row in found}).values_list("pk", "name"))
    for row in found:
        row |= {"site": names[row["site_id"]], "numbers": [row[name] for name in COLUMNS]}
    return sorted(found, key=lambda row: row["balanced"])


def _moment(words: str) -> datetime:
    """The end of what is shown: the minute that runs now included, unless something sensible is asked for."""
    now = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    try:
        asked = parse_datetime(words)
        return max(rest.plausible(asked), rest.EARLIEST + max(SPANS.values())) if asked else now
    except ValueError:
        return now
