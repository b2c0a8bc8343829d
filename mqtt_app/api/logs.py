"""REST for the two logs: what happened to connections, and what could not be parsed. Newest first."""

import base64
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.utils import timezone
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from mqtt_app.models import MqttConnectionLog, MqttParsingLog
from sites import rest

router = Router()

HOUR = timedelta(hours=1)


class ConnectionLogOut(Schema):
    id: int
    connection_id: int
    site_id: int = Field(alias="connection.site_id")
    timestamp: datetime
    level: MqttConnectionLog.Level
    message: str
    exception_type: str
    exception_traceback: str
    retry_attempt: int


class ParsingLogOut(Schema):
    """outcome: what its last replay came to: recovered, partly, failed, ignored; empty before."""

    id: int
    site_id: int
    topic: str
    timestamp: datetime
    received_at: datetime
    parser_name: str
    error_type: str
    error_message: str
    parser_version: str
    fingerprint: str
    outcome: str
    replayed_at: datetime | None


class ParsingLogDetail(ParsingLogOut):
    """payload is what arrived, byte for byte, in base64; payload_sample is readable."""

    payload: str
    payload_sample: str
    exception_traceback: str

    @staticmethod
    def resolve_payload(row: MqttParsingLog) -> str:
        return base64.b64encode(bytes(row.payload)).decode()


class LogFilter(FilterSchema):
    """before: the id to continue from, which `next` fills in."""

    start: Annotated[rest.Moment | None, FilterLookup("timestamp__gte")] = Field(None, alias="from")
    end: Annotated[rest.Moment | None, FilterLookup("timestamp__lt")] = Field(None, alias="to")
    before: Annotated[int | None, FilterLookup("id__lt")] = None


class ConnectionLogFilter(LogFilter):
    site: Annotated[int | None, FilterLookup("connection__site")] = None
    connection: int | None = None
    level: MqttConnectionLog.Level | None = None
    search: Annotated[rest.Text | None, FilterLookup("message__icontains")] = None


class ParsingLogFilter(LogFilter):
    site: int | None = None
    parser_name: rest.Text | None = None
    error_type: rest.Text | None = None
    fingerprint: rest.Text | None = None
    outcome: MqttParsingLog.Outcome | None = None
    search: Annotated[rest.Text | None, FilterLookup(["topic__icontains", "error_message__icontains"])] = None


def found(queryset: QuerySet[Any], filters: LogFilter) -> QuerySet[Any]:
    rest.in_order(filters.start, filters.end)
    return filters.filter(queryset)


@router.get("/connection-logs/", response=rest.Slice[ConnectionLogOut], summary="What happened to connections")
def list_connection_logs(
    request: HttpRequest, filters: Query[ConnectionLogFilter], depth: Query[rest.Depth]
) -> dict[str, Any]:
    logs = MqttConnectionLog.objects.select_related("connection").only(
        *(field.name for field in MqttConnectionLog._meta.concrete_fields), "connection__site_id"
    )
    return rest.part(request, found(rest.visible(request, logs, "connection__site"), filters), depth, "before", "id")


class HourOut(Schema):
    """Lines of one hour, by level; `hour` is when it began."""

    hour: datetime
    info: int
    warning: int
    error: int


HISTOGRAM_RANGE = timedelta(hours=24)
HISTOGRAM_HOURS = 31 * 24


@router.get("/connection-logs/histogram/", response=list[HourOut], summary="How many lines an hour, by level")
def connection_log_histogram(request: HttpRequest, filters: Query[ConnectionLogFilter]) -> list[dict[str, Any]]:
    """Every hour of the range, empty ones included. Without `from`: the last 24 hours."""
    end = filters.end or timezone.now()
    start = filters.start = filters.start or end - HISTOGRAM_RANGE
    logs = found(rest.visible(request, MqttConnectionLog.objects.all(), "connection__site"), filters)
    hours = (end - start) // HOUR + 1
    if hours > HISTOGRAM_HOURS:
        raise rest.Refused(400, "range_too_long", "A histogram spans at most 31 days.")
    counts = {
        name: Count("pk", filter=Q(level=level))
        for name, level in (("info", "INFO"), ("warning", "WARNING"), ("error", "ERROR"))
    }
    rows = {row["hour"]: row for row in logs.order_by().values(hour=TruncHour("timestamp")).annotate(**counts)}
    first = start.replace(minute=0, second=0, microsecond=0)
    every = [first + HOUR * number for number in range(hours + 1) if first + HOUR * number <= end]
    return [rows.get(hour, {"hour": hour, "info": 0, "warning": 0, "error": 0}) for hour in every]


@router.get("/parsing-logs/", response=rest.Slice[ParsingLogOut], summary="What could not be parsed")
def list_parsing_logs(
    request: HttpRequest, filters: Query[ParsingLogFilter], depth: Query[rest.Depth]
) -> dict[str, Any]:
    logs = MqttParsingLog.objects.defer("payload", "payload_sample", "exception_traceback")
    return rest.part(request, found(rest.visible(request, logs), filters), depth, "before", "id")


@router.get("/parsing-logs/{log_id}/", response=ParsingLogDetail, summary="One failure, with its payload")
def get_parsing_log(request: HttpRequest, log_id: int) -> MqttParsingLog:
    return rest.find(rest.visible(request, MqttParsingLog.objects.all()), pk=log_id)
