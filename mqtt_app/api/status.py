"""REST for the control room: what each connection is wished to be and is, the switch, and the ledger."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import FilterLookup, FilterSchema, Query, Router, Schema, Status

from mqtt_app import connections, discoveries, overview
from mqtt_app.models import LedgerMinute, MqttConnection
from mqtt_app.records import balance
from sites import rest
from sites.models import Role

router = Router()

LEDGER_RANGE = timedelta(hours=24)


class WishOut(Schema):
    """is_active is the wish, status the fact. By applies_by the one is the other, if the broker agrees."""

    is_active: bool
    status: MqttConnection.Status
    applies_by: datetime
    next_reconcile_at: datetime
    reconcile_period_s: int
    listener_alive: bool


class ConnectionStatusOut(WishOut):
    connection_id: int
    site_id: int
    site_name: str
    broker_host: str
    broker_port: int
    use_tls: bool
    client_id: str
    status_since: datetime
    mqtt_retry_count: int
    mqtt_next_retry: datetime | None
    last_connected_at: datetime | None
    last_message_at: datetime | None
    last_error: str
    discover_until: datetime | None
    subscribed: list[str]
    listener: str | None


class StatusFilter(FilterSchema):
    site: int | None = None
    status: MqttConnection.Status | None = None
    is_active: bool | None = None
    search: Annotated[rest.Text | None, FilterLookup(["broker_host__icontains", "site__name__icontains"])] = None


def seen(request: HttpRequest) -> QuerySet[MqttConnection]:
    rows = MqttConnection.objects.select_related("site", "listener").defer(*connections.SECRETS)
    return rest.visible(request, rows)


def described(rows: Sequence[MqttConnection]) -> list[ConnectionStatusOut]:
    outlook = connections.outlook(timezone.now())
    heard = overview.heard_at([row.site_id for row in rows])
    return [_described(row, outlook, overview.latest(row.last_message_at, heard.get(row.site_id))) for row in rows]


def _described(
    row: MqttConnection, outlook: connections.Outlook, last_message_at: datetime | None
) -> ConnectionStatusOut:
    return ConnectionStatusOut(
        is_active=row.is_active,
        status=MqttConnection.Status(row.status),
        applies_by=outlook.applies_by,
        next_reconcile_at=outlook.next_reconcile_at,
        reconcile_period_s=outlook.reconcile_period_s,
        listener_alive=outlook.listener_alive,
        connection_id=row.pk,
        site_id=row.site_id,
        site_name=row.site.name,
        broker_host=row.broker_host,
        broker_port=row.broker_port,
        use_tls=row.use_tls,
        client_id=row.client_id,
        status_since=row.status_since,
        mqtt_retry_count=row.mqtt_retry_count,
        mqtt_next_retry=row.mqtt_next_retry,
        last_connected_at=row.last_connected_at,
        last_message_at=last_message_at,
        last_error=row.last_error,
        discover_until=row.discover_until,
        subscribed=row.subscribed,
        listener=row.listener.name if row.listener else None,
    )


@router.get("/mqtt/connection-status/", response=rest.Page[ConnectionStatusOut], summary="Every connection's status")
def connection_status(request: HttpRequest, filters: Query[StatusFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    found = rest.page(filters.filter(seen(request)), paging, "site__name")
    return found | {"items": described(found["items"])}


@router.get("/mqtt/site/{site_id}/status/", response=ConnectionStatusOut, summary="One site's connection")
def site_status(request: HttpRequest, site_id: int) -> ConnectionStatusOut:
    [found] = described([rest.find(seen(request), site_id=site_id)])
    return found


def operated(request: HttpRequest, site_id: int) -> QuerySet[MqttConnection]:
    """The site's connection, as a queryset of one. Raises Refused (404, 403)."""
    row = rest.find(seen(request), site_id=site_id)
    rest.require(request, site_id, Role.OPERATOR)
    return MqttConnection.objects.filter(pk=row.pk)


def wished(rows: QuerySet[MqttConnection]) -> Status[dict[str, Any]]:
    """202: the wish is written, and this is when it applies."""
    outlook = connections.outlook(timezone.now())
    row = rows.values("is_active", "status").get()
    return Status(202, row | {name: getattr(outlook, name) for name in connections.Outlook.__slots__})


@router.post("/mqtt/site/{site_id}/start/", response={202: WishOut}, summary="Wish a connection open (operator)")
def start(request: HttpRequest, site_id: int) -> Status[dict[str, Any]]:
    rows = operated(request, site_id)
    connections.switch(rows, True)
    return wished(rows)


@router.post("/mqtt/site/{site_id}/stop/", response={202: WishOut}, summary="Wish a connection closed (operator)")
def stop(request: HttpRequest, site_id: int) -> Status[dict[str, Any]]:
    rows = operated(request, site_id)
    connections.switch(rows, False)
    return wished(rows)


@router.post("/mqtt/site/{site_id}/retry/", response={202: WishOut}, summary="Try again at once (operator)")
def retry(request: HttpRequest, site_id: int) -> Status[dict[str, Any]]:
    """Of a connection that should be open and is not; the pause between attempts begins anew with the shortest.

    Raises Refused (409) where there is nothing to try.
    """
    rows = operated(request, site_id)
    if not connections.retry(rows):
        raise rest.Refused(409, "not_now", "It is open, or switched off: there is nothing to try again.")
    return wished(rows)


Minutes = Annotated[int, Query(ge=1, le=1_440, description="How long to listen.")]
System = Annotated[bool, Query(description="Listen to the broker's own topics under $SYS as well.")]


@router.post(
    "/mqtt/site/{site_id}/force-discovery/", response={202: WishOut}, summary="Listen to every topic for a while"
)
def force_discovery(
    request: HttpRequest, site_id: int, minutes: Minutes = 10, system: System = False
) -> Status[dict[str, Any]]:
    """What turns out to be new is told by the site's `discoveries/`, and in its connection's log at the end."""
    rows = operated(request, site_id)
    discoveries.begin(rows, timezone.now(), timedelta(minutes=minutes), system, rest.caller(request).user)
    return wished(rows)


class NewTemplateOut(Schema):
    """As in topic-templates/, of the new topics only."""

    template: str
    filter: str
    topics: int
    messages: int
    parsers: list[str]
    state: str


class NewsOut(Schema):
    """topics: seen for the first time. templates: the first hundred. unlisted_messages: on topics beyond the cap.

    system_refused: the broker refused its own topics under $SYS, or hung up on them.
    """

    system_refused: bool = False
    topics: int
    topics_without_parser: int
    templates_in_all: int
    unlisted_messages: int
    templates: list[NewTemplateOut]


class DiscoveryOut(Schema):
    """A while of listening to everything. finished_at: when its report was written; until then report is as of now."""

    id: int
    site_id: int
    started_at: datetime
    started_by: str | None
    until: datetime
    with_system: bool
    finished_at: datetime | None
    report: NewsOut


SHOWN_RUNS = 20


@router.get(
    "/mqtt/site/{site_id}/discoveries/", response=list[DiscoveryOut], summary="What listening to everything brought"
)
def list_discoveries(request: HttpRequest, site_id: int) -> list[dict[str, Any]]:
    """The last twenty, newest first."""
    row = rest.find(seen(request), site_id=site_id)
    unread = (f"connection__{name}" for name in connections.SECRETS)
    runs = row.discovery_runs.select_related("connection__site", "started_by").defer(*unread)[:SHOWN_RUNS]
    return [
        {
            "id": run.pk,
            "site_id": row.site_id,
            "started_at": run.started_at,
            "started_by": run.started_by.get_username() if run.started_by else None,
            "until": run.until,
            "with_system": run.with_system,
            "finished_at": run.finished_at,
            "report": discoveries.told(run),
        }
        for run in runs
    ]


class LedgerOut(Schema):
    """received is what the listener counted; the other columns are where those messages went.

    in_flight: received, fate not yet committed. unexplained: what is neither; balanced: there is none of it.
    """

    connection_id: int
    site_id: int
    received: int
    stored: int
    ignored: int
    unrecognised: int
    failed: int
    duplicate: int
    overflowed: int
    lost: int
    returned: int
    in_flight: int
    unexplained: int
    balanced: bool


class LedgerFilter(FilterSchema):
    site: Annotated[int | None, FilterLookup("connection__site")] = None
    connection: int | None = None


@router.get("/mqtt/ledger/", response=list[LedgerOut], summary="Where every message went, per connection")
def ledger(
    request: HttpRequest,
    filters: Query[LedgerFilter],
    start: Annotated[rest.Moment | None, Query(alias="from", description="Default: 24 hours ago.")] = None,
    end: Annotated[rest.Moment | None, Query(alias="to")] = None,
) -> list[dict[str, Any]]:
    rest.in_order(start, end)
    rows = rest.visible(request, LedgerMinute.objects.all(), "connection__site")
    rows = filters.filter(rows).filter(minute__gte=start or timezone.now() - LEDGER_RANGE)
    rows = rows.filter(minute__lt=end) if end else rows
    return balance.sums(rows)


class LedgerPointOut(Schema):
    """One step of time, all connections asked for together; at: when it began."""

    at: datetime
    received: int
    stored: int
    ignored: int
    unrecognised: int
    failed: int
    duplicate: int
    overflowed: int
    lost: int
    returned: int


LONGEST_SERIES = timedelta(days=92)


@router.get("/mqtt/ledger/series/", response=list[LedgerPointOut], summary="Where messages went, step by step")
def ledger_series(
    request: HttpRequest,
    filters: Query[LedgerFilter],
    start: Annotated[rest.Moment | None, Query(alias="from", description="Default: 24 hours ago.")] = None,
    end: Annotated[rest.Moment | None, Query(alias="to")] = None,
    step: Annotated[Literal["minute", "hour", "day"], Query(description="minute: of six hours at most.")] = "hour",
) -> list[dict[str, Any]]:
    """Only steps in which something was received are listed."""
    rest.in_order(start, end)
    until = end or timezone.now()
    since = start or until - LEDGER_RANGE
    if until - since > (timedelta(hours=6) if step == "minute" else LONGEST_SERIES):
        raise rest.Refused(400, "range_too_long", "By the minute six hours at most, else 92 days.")
    rows = rest.visible(request, LedgerMinute.objects.all(), "connection__site")
    rows = filters.filter(rows).filter(minute__gte=since, minute__lt=until)
    return balance.series(rows, step)
