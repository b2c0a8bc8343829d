"""REST for the two logs: what happened to connections, and what could not be parsed. Newest first."""

import base64
from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from mqtt_app.models import MqttConnectionLog, MqttParsingLog
from sites import rest

router = Router()


class ConnectionLogOut(Schema):
    id: int
    connection_id: int
    site_id: int = Field(alias="connection.site_id")
    timestamp: datetime
    level: str
    message: str
    exception_type: str
    exception_traceback: str
    retry_attempt: int


class ParsingLogOut(Schema):
    id: int
    site_id: int
    topic: str
    timestamp: datetime
    received_at: datetime
    parser_name: str
    error_type: str
    error_message: str


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


@router.get("/parsing-logs/", response=rest.Slice[ParsingLogOut], summary="What could not be parsed")
def list_parsing_logs(
    request: HttpRequest, filters: Query[ParsingLogFilter], depth: Query[rest.Depth]
) -> dict[str, Any]:
    logs = MqttParsingLog.objects.defer("payload", "payload_sample", "exception_traceback")
    return rest.part(request, found(rest.visible(request, logs), filters), depth, "before", "id")


@router.get("/parsing-logs/{log_id}/", response=ParsingLogDetail, summary="One failure, with its payload")
def get_parsing_log(request: HttpRequest, log_id: int) -> MqttParsingLog:
    return rest.find(rest.visible(request, MqttParsingLog.objects.all()), pk=log_id)
