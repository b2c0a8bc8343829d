"""What somebody has said that they know of: acknowledgements, and how long each holds."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from sites.models import Acknowledgement, Datalogger, Gateway, Presence, Site


def holding(acknowledgements: QuerySet[Acknowledgement]) -> QuerySet[Acknowledgement]:
    """Those that still hold: of a device until it is heard again, of a site until it connects or is heard again."""
    of_site = Q(gateway=None, datalogger=None)
    link = "site__mqtt_connection__"
    unheard = Q(**{f"{link}last_message_at": None}) | Q(**{f"{link}last_message_at__lte": F("at")})
    unlinked = Q(**{f"{link}last_connected_at": None}) | Q(**{f"{link}last_connected_at__lte": F("at")})
    return acknowledgements.filter(of_site & unheard & unlinked | _down("gateway") | _down("datalogger"))


def _down(device: str) -> Q:
    return Q(**{f"{device}__status": Presence.OFFLINE, f"{device}__status_since__lte": F("at")})


def acknowledge(
    sites: Iterable[Site],
    gateways: Iterable[Gateway],
    dataloggers: Iterable[Datalogger],
    *,
    note: str,
    by: str,
    now: datetime,
) -> list[int]:
    """Write it down, once for each; a device that is not offline has nothing to know of. Returns what was written."""
    said = {"note": note, "by": by, "at": now}
    rows: list[dict[str, Any]] = [
        *({"site_id": site.pk, "gateway": None, "datalogger": None} for site in sites),
        *({"site_id": one.site_id, "gateway": one} for one in gateways if one.status == Presence.OFFLINE),
        *({"site_id": one.site_id, "datalogger": one} for one in dataloggers if one.status == Presence.OFFLINE),
    ]
    return [Acknowledgement.objects.update_or_create(defaults=said, **row)[0].pk for row in rows]
