"""What the ledger adds up to: where the messages of each connection went, and whether any is missing."""

from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.expressions import Combinable

from mqtt_app.models import LedgerMinute

FATES = ("stored", "ignored", "unrecognised", "failed", "duplicate", "overflowed", "lost", "returned")


def sums(rows: QuerySet[LedgerMinute]) -> list[dict[str, Any]]:
    """One dict per connection: connection_id, site_id, received, every fate, in_flight, balanced.

    in_flight: received, fate not yet committed. balanced: nothing is missing from the books of ended listener runs,
    and none has more fates than messages.
    """
    missing: Combinable = F("received")
    for fate in FATES:
        missing = missing - F(fate)
    columns: dict[str, Any] = {name: Sum(name) for name in ("received", *FATES)}
    found = (
        rows.annotate(site_id=F("connection__site_id"), missing=missing)
        .values("connection_id", "site_id")
        .annotate(
            **columns, open=Sum("missing", default=0), unexplained=Sum("missing", filter=Q(is_closed=True), default=0)
        )
        .order_by("connection_id")
    )
    return [_balanced(dict(row)) for row in found]


def _balanced(row: dict[str, Any]) -> dict[str, Any]:
    unexplained = row.pop("unexplained")
    in_flight = row.pop("open") - unexplained
    return row | {"in_flight": in_flight, "balanced": unexplained == 0 and in_flight >= 0}
