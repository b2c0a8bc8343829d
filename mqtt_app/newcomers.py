"""Newcomers are let in or refused by people; what the first ones said meanwhile is read again."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from mqtt_app import replay
from mqtt_app.models import Replay
from mqtt_app.records.failures import HELD
from sites.models import Newcomer

Decision = Newcomer.Decision


def approve(rows: QuerySet[Newcomer], user: User | None) -> list[Replay]:
    """Let these in with their next message; begins a dry run, for each site, over what was kept of those that wait."""
    with transaction.atomic():
        sites = _set(rows, Decision.APPROVED)
        return [
            replay.begin(Replay(site_id=site, selection={"error_type": HELD}, created_by=user))
            for site in sorted(sites)
        ]


def refuse(rows: QuerySet[Newcomer]) -> int:
    """From now on what these say is ignored."""
    with transaction.atomic():
        return len(_set(rows, Decision.REFUSED, all_rows=True))


def _set(rows: QuerySet[Newcomer], state: str, *, all_rows: bool = False) -> Collection[int]:
    chosen = list(
        rows.select_for_update(of=("self",)).order_by("site_id", "role", "serial").values_list("pk", "site_id")
    )
    Newcomer.objects.filter(pk__in=[pk for pk, _ in chosen]).update(state=state)
    return [site for _, site in chosen] if all_rows else {site for _, site in chosen}
