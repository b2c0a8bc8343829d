"""What the ledger adds up to: where the messages of each connection went, and whether any is missing."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Trunc

from mqtt_app.models import LedgerMinute

FATES = ("stored", "ignored", "unrecognised", "failed", "duplicate", "overflowed", "lost", "returned")

SETTLED = timedelta(minutes=2)
"""A minute that ended this long before the oldest message its listener still holds has nothing under way any more:
the listener holds each message until its fate is committed. One minute is the page's own, one is for unequal clocks."""


def sums(rows: QuerySet[LedgerMinute], *by: str) -> list[dict[str, Any]]:
    """One dict per connection: connection_id, site_id, received, every fate, in_flight, unexplained, balanced.

    by: further columns to tell apart, such as "qos".
    in_flight: received, fate not yet committed. unexplained: what the books of ended runs, and of minutes that are
    settled, do not account for; negative where there are more fates than messages. balanced: there is none of it.
    received = the fates + in_flight + unexplained, always.
    """
    missing: Combinable = F("received")
    for fate in FATES:
        missing = missing - F(fate)
    columns: dict[str, Any] = {name: Sum(name) for name in ("received", *FATES)}
    wrong = Q(missing__lt=0) | (~Q(missing=0) & (Q(is_closed=True) | settled()))
    found = (
        rows.annotate(site_id=F("connection__site_id"), missing=missing)
        .values("connection_id", "site_id", *by)
        .annotate(
            **columns,
            open=Sum("missing", default=0),
            unexplained=Sum("missing", filter=wrong, default=0),
            wrong=Count("minute", filter=wrong),
        )
        .order_by("connection_id", *by)
    )
    return [_balanced(dict(row)) for row in found]


def settled() -> Q:
    """The pages of which a living listener has nothing left to tell."""
    oldest = Coalesce("connection__listener__oldest_pending_at", "connection__listener__heartbeat")
    until = ExpressionWrapper(oldest - SETTLED, output_field=DateTimeField())
    return Q(epoch=F("connection__epoch"), minute__lt=until)


def series(rows: QuerySet[LedgerMinute], step: str) -> list[dict[str, Any]]:
    """The sums of `rows` for each minute, hour or day in UTC in which something was received, in order of time."""
    columns: dict[str, Any] = {name: Sum(name) for name in ("received", *FATES)}
    found = rows.order_by().values(at=Trunc("minute", step)).annotate(**columns).order_by("at")
    return [dict(row) for row in found]


def _balanced(row: dict[str, Any]) -> dict[str, Any]:
    in_flight = row.pop("open") - row["unexplained"]
    return row | {"in_flight": in_flight, "unexplained": row.pop("unexplained"), "balanced": row.pop("wrong") == 0}
