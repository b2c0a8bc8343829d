"""REST for the first page: every site with its worst word, its devices by state and its messages per minute."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from mqtt_app import connections, overview
from mqtt_app.models import MqttConnection
from mqtt_app.overview import Word
from sites import rest
from sites.headlines import Headline
from sites.models import Presence, Site

router = Router()

Minutes = Annotated[int, Field(ge=1, le=60, description="How many minutes of message counts.")]


class ByState(Schema):
    online: int
    offline: int
    unknown: int


class LinkOut(Schema):
    """is_active is the wish, status the fact."""

    is_active: bool
    status: MqttConnection.Status
    status_since: datetime
    last_message_at: datetime | None
    last_error: str
    mqtt_retry_count: int
    mqtt_next_retry: datetime | None
    broker_host: str
    broker_port: int


class HeadlineOut(Schema):
    """The one value that stands for a site. name: ac_power, a plant's sum; tilt, a structure's greatest."""

    name: Literal["ac_power", "tilt"]
    value: float
    unit: str
    at: datetime


class SiteOverviewOut(Schema):
    """word is the worst of link, data and devices. interval_s: the shortest that a device declares, else the site's.

    received: messages of each of the last minutes, oldest first, the running one last; failed: how many of all of them.
    """

    id: int
    name: str
    slug: str
    site_type: Site.Type
    location: str
    latitude: float | None
    longitude: float | None
    word: Word
    link: Word
    data: Word
    interval_s: float
    connection: LinkOut | None
    gateways: ByState
    dataloggers: ByState
    received: list[int]
    failed: int
    headline: HeadlineOut | None


class OverviewOut(Schema):
    """words: how many sites say each word. received: messages of all of them, minute by minute, oldest first."""

    at: datetime
    next_reconcile_at: datetime
    reconcile_period_s: int
    listener_alive: bool
    words: dict[Word, int]
    devices: ByState
    received: list[int]
    failed: int
    sites: list[SiteOverviewOut]


@router.get("/overview/", response=OverviewOut, summary="Every site at a glance")
def get_overview(request: HttpRequest, minutes: Minutes = 15) -> dict[str, Any]:
    now = timezone.now()
    outlook = connections.outlook(now)
    rows = [_row(row) for row in overview.describe(rest.visible(request, Site.objects.all(), "pk"), now, minutes)]
    devices = Counter[str]()
    for row in rows:
        devices.update(row["gateways"])
        devices.update(row["dataloggers"])
    return {
        "at": now,
        "next_reconcile_at": outlook.next_reconcile_at,
        "reconcile_period_s": outlook.reconcile_period_s,
        "listener_alive": outlook.listener_alive,
        "words": Counter(row["word"] for row in rows),
        "devices": {state.value: devices[state] for state in Presence},
        "received": [sum(minute) for minute in zip(*(row["received"] for row in rows), strict=True)] or [0] * minutes,
        "failed": sum(row["failed"] for row in rows),
        "sites": rows,
    }


SITE = ("id", "name", "slug", "site_type", "location", "latitude", "longitude")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    site: Site = row.pop("site")
    link: MqttConnection | None = row["connection"]
    about = {name: getattr(site, name) for name in SITE}
    headline: Headline | None = row["headline"]
    row["headline"] = headline and headline._asdict()
    return about | row | {"connection": link and {name: getattr(link, name) for name in LinkOut.model_fields}}
