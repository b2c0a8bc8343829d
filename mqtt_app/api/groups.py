"""REST for failures by kind: what keeps failing, where, since when, and whether somebody has dealt with it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from mqtt_app.api.logs import LogFilter, ParsingLogOut, found
from mqtt_app.models import MqttParsingLog, ParsingGroup
from sites import access, rest
from sites.models import Role

router = Router()

Handling = ParsingGroup.Handling
COMMON = ("fingerprint", "parser_name", "parser_version", "error_type", "path")


class GroupOut(Schema):
    """One kind of failure at all sites you may see. state: open where it is at any of them; else ignored or resolved.

    path: in the document, list positions left out; empty for the message as a whole.
    """

    fingerprint: str
    parser_name: str
    parser_version: str
    error_type: str
    path: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    sites: list[int]
    state: ParsingGroup.Handling


class GroupDetail(GroupOut):
    """kept: failures that are still there, by what their last replay came to; waiting: not replayed, or failed again.

    first, last: ids of the oldest and the newest that are kept.
    """

    kept: int
    recovered: int
    waiting: int
    first: int | None
    last: int | None


class GroupChange(Schema):
    """resolved: opens again with the next failure. ignored: stays so. At every site where you are operator."""

    state: ParsingGroup.Handling


class GroupFilter(FilterSchema):
    site: int | None = None
    parser_name: rest.Text | None = None
    error_type: rest.Text | None = None
    state: ParsingGroup.Handling | None = None
    start: Annotated[rest.Moment | None, FilterLookup("last_seen_at__gte")] = Field(None, alias="from")


GroupSort = Literal["-last_seen_at", "last_seen_at", "-count", "count", "-first_seen_at", "first_seen_at"]


def seen(request: HttpRequest) -> QuerySet[ParsingGroup]:
    return rest.visible(request, ParsingGroup.objects.all())


def merged(rows: QuerySet[ParsingGroup], sort: str) -> Any:
    """One row for each kind, over all sites of `rows`."""
    columns: dict[str, Any] = {
        "total": Sum("count"),
        "first_at": Min("first_seen_at"),
        "last_at": Max("last_seen_at"),
        "sites": ArrayAgg("site_id", distinct=True),
        "states": ArrayAgg("state", distinct=True),
    }
    order = sort.replace("count", "total").replace("first_seen_at", "first_at").replace("last_seen_at", "last_at")
    return rows.order_by().values(*COMMON).annotate(**columns).order_by(order, "fingerprint")


def described(row: dict[str, Any]) -> dict[str, Any]:
    state = next(state for state in (Handling.OPEN, Handling.IGNORED, Handling.RESOLVED) if state in row["states"])
    times = {"first_seen_at": row["first_at"], "last_seen_at": row["last_at"]}
    return {name: row[name] for name in (*COMMON, "sites")} | times | {"count": row["total"], "state": state}


@router.get("/parsing-groups/", response=rest.Page[GroupOut], summary="What could not be parsed, by kind")
def list_groups(
    request: HttpRequest,
    filters: Query[GroupFilter],
    paging: Query[rest.Paging],
    sort: GroupSort = "-last_seen_at",
) -> dict[str, Any]:
    rows = filters.filter(seen(request))
    kinds = merged(rows, sort)
    count = rows.order_by().aggregate(kinds=Count("fingerprint", distinct=True))["kinds"]
    items = [described(row) for row in kinds[paging.offset : paging.offset + paging.limit]]
    return {"items": items, "count": min(count, rest.COUNT_CAP), "count_is_capped": count > rest.COUNT_CAP}


def group_seen(request: HttpRequest, fingerprint: str) -> dict[str, Any]:
    """The kind, or Refused (404)."""
    row = merged(seen(request).filter(fingerprint=fingerprint), "-count").first()
    if row is None:
        raise rest.Refused(404, "not_found", "There is no such kind of failure, or you may not see it.")
    return described(row)


Fingerprint = Annotated[rest.Text, Field(description="As parsing-groups/ lists it.")]


@router.get("/parsing-groups/{fingerprint}/", response=GroupDetail, summary="One kind, and what is kept of it")
def get_group(request: HttpRequest, fingerprint: Fingerprint) -> dict[str, Any]:
    return group_seen(request, fingerprint) | kept(request, fingerprint)


def kept(request: HttpRequest, fingerprint: str) -> dict[str, Any]:
    """What can still be replayed of a kind, at the sites that one may see."""
    logs = rest.visible(request, MqttParsingLog.objects.filter(fingerprint=fingerprint))
    settled = Q(outcome=MqttParsingLog.Outcome.RECOVERED)
    return logs.aggregate(
        kept=Count("pk"),
        recovered=Count("pk", filter=settled),
        waiting=Count("pk", filter=~settled),
        first=Min("pk"),
        last=Max("pk"),
    )


@router.patch("/parsing-groups/{fingerprint}/", response=GroupOut, summary="Resolve, ignore or reopen (operator)")
def change_group(request: HttpRequest, fingerprint: Fingerprint, data: GroupChange) -> dict[str, Any]:
    group_seen(request, fingerprint)
    rest.require_scope(request, Role.OPERATOR)
    mine = access.visible(
        ParsingGroup.objects.filter(fingerprint=fingerprint), rest.caller(request).user, "site", Role.OPERATOR
    )
    if not mine.exists():
        raise rest.Refused(403, "role_too_low", f"This needs the role {Role.OPERATOR} at a site where it happens.")
    mine.exclude(state=data.state).update(state=data.state, state_since=timezone.now())
    return group_seen(request, fingerprint)


@router.get(
    "/parsing-groups/{fingerprint}/samples/",
    response=rest.Slice[ParsingLogOut],
    summary="Failures of one kind, newest first",
)
def list_group_samples(
    request: HttpRequest, fingerprint: Fingerprint, filters: Query[LogFilter], depth: Query[rest.Depth]
) -> dict[str, Any]:
    group_seen(request, fingerprint)
    logs = MqttParsingLog.objects.defer("payload", "payload_sample", "exception_traceback")
    logs = rest.visible(request, logs.filter(fingerprint=fingerprint))
    return rest.part(request, found(logs, filters), depth, "before", "id")
