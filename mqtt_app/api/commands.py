"""REST for commands: what devices are asked to do through their connection, and what they answered."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import FilterSchema, Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from mqtt_app.api.trials import invalid
from mqtt_app.connections import SECRETS
from mqtt_app.downlink import births, commands
from mqtt_app.exploring.discovery import sample
from mqtt_app.judging.verdicts import read_topic
from mqtt_app.models import Command, MqttConnection
from mqtt_app.parsers.base import ParseError
from mqtt_app.parsers.sparkplug.namespace import rebirth
from sites import rest
from sites.models import Role

router = Router()

PAYLOAD = 64 * 1024  # bytes that a person may publish at once
Level = Annotated[rest.Text, StringConstraints(pattern=r"^[^+#/\x00-\x1f]{1,64}$")]
Levels = Annotated[rest.Text, StringConstraints(pattern=r"^[^+#/\x00-\x1f]{1,64}(/[^+#/\x00-\x1f]{1,64})?$")]
Method = Literal[
    "start_collection", "stop_collection", "start_acquisition", "stop_acquisition", "get_status", "get_config",
    "set_config", "query_data",
]  # fmt: skip
Expiry = Annotated[int, Field(ge=5, le=86_400, description="Seconds after which it is not sent any more.")]
Patience = Annotated[int, Field(ge=1, le=3_600, description="Seconds to wait for the answer once it is sent.")]
Body = Annotated[str, StringConstraints(max_length=100_000)]


class CommandIn(Schema):
    """Sent to {site}/gateway/{gateway}/datalogger/{datalogger}/cmd; datalogger may have two levels, monstro/2."""

    site: int
    gateway: Level
    datalogger: Levels
    method: Method
    params: dict[str, Any] = {}
    expires_s: Expiry = 300
    timeout_s: Patience = 30


class RawIn(Schema):
    """Any message, as text or payload (base64). No answer is waited for."""

    site: int
    topic: rest.Text
    text: Body | None = None
    payload: Body | None = None
    qos: Literal[0, 1] = 1
    retain: bool = False
    expires_s: Expiry = 300


class RebirthIn(Schema):
    """A Sparkplug B edge node: spBv1.0/{group}/NCMD/{node}."""

    site: int
    group: Level
    node: Level
    expires_s: Expiry = 300


class CommandOut(Schema):
    """state: queued → sending → sent → done, refused (it answered with an error) or timed_out; delivered: a raw one
    that the broker took; expired: not sent in time; cancelled. answer and shown are {"json": …}, {"text": …} or
    {"base64": …}.
    """

    id: int
    site_id: int
    kind: str
    topic: str
    method: str
    shown: Any
    qos: int
    retain: bool
    state: str
    error: str
    answer: Any | None
    created_by: str | None
    created_at: datetime
    expires_at: datetime
    timeout_s: int
    sent_at: datetime | None
    answered_at: datetime | None

    @staticmethod
    def resolve_shown(row: Command) -> Any:
        return sample(bytes(row.payload))

    @staticmethod
    def resolve_created_by(row: Command) -> str | None:
        return row.created_by.get_username() if row.created_by else None


class CommandFilter(FilterSchema):
    site: int | None = None
    state: Command.Fulfilment | None = None
    topic: rest.Text | None = None


def seen(request: HttpRequest) -> QuerySet[Command]:
    return rest.visible(request, Command.objects.select_related("created_by"))


def connection_for(request: HttpRequest, site: int, role: Role) -> MqttConnection:
    """The site's connection. Raises Refused (404, 403)."""
    rows = MqttConnection.objects.select_related("site").defer(*SECRETS)
    found = rest.find(rest.visible(request, rows), site=site)
    rest.require(request, found.site_id, role)
    return found


@router.get("/commands/", response=rest.Page[CommandOut], summary="Commands, newest first")
def list_commands(request: HttpRequest, filters: Query[CommandFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(seen(request)), paging, "-created_at")


@router.post("/commands/", response={202: CommandOut}, summary="Ask a device to do something (operator)")
def create_command(request: HttpRequest, data: CommandIn) -> Status[Command]:
    """Queued until the connection is open and the device has answered what it was asked before."""
    to = connection_for(request, data.site, Role.OPERATOR)
    place = f"{data.gateway}/datalogger/{data.datalogger}"
    limits = {"expires_at": until(data.expires_s), "timeout_s": data.timeout_s}
    try:
        made = commands.request(to, place, data.method, data.params, rest.caller(request).user, **limits)
    except commands.TooMany as error:
        raise rest.Refused(409, "too_many_commands", str(error)) from error
    return Status(202, made)


def until(seconds: int) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


@router.post("/commands/raw/", response={202: CommandOut}, summary="Publish any message (admin)")
def publish(request: HttpRequest, data: RawIn) -> Status[Command]:
    to = connection_for(request, data.site, Role.ADMIN)
    how = {"qos": data.qos, "retain": data.retain, "expires_at": until(data.expires_s)}
    try:
        topic = read_topic(data.topic.encode())
        made = commands.publish(to, topic, body(data), rest.caller(request).user, **how)
    except ParseError as error:
        raise invalid(topic=error.detail) from error
    except commands.TooMany as error:
        raise rest.Refused(409, "too_many_commands", str(error)) from error
    return Status(202, made)


@router.post("/commands/rebirth/", response={202: CommandOut}, summary="Ask a Sparkplug node for its births (operator)")
def ask_for_births(request: HttpRequest, data: RebirthIn) -> Status[Command]:
    """Where data came whose names no birth has told: they can be read again when the births are here."""
    to = connection_for(request, data.site, Role.OPERATOR)
    topic = births.commands_topic(to, data.group, data.node)
    how = {"qos": 0, "retain": False, "expires_at": until(data.expires_s)}  # as the specification has it
    try:
        made = commands.publish(to, topic, rebirth(timezone.now()), rest.caller(request).user, **how)
    except commands.TooMany as error:
        raise rest.Refused(409, "too_many_commands", str(error)) from error
    return Status(202, made)


def body(data: RawIn) -> bytes:
    """Raises Refused (422)."""
    if (data.text is None) == (data.payload is None):
        raise invalid(body="Give either text or payload.")
    try:
        found = data.text.encode() if data.text is not None else base64.b64decode(data.payload or "", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise invalid(payload="This is not base64, or no text.") from error
    if len(found) > PAYLOAD:
        raise invalid(payload=f"{PAYLOAD} bytes at most.")
    return found


@router.get("/commands/{command_id}/", response=CommandOut, summary="One command, and its answer")
def get_command(request: HttpRequest, command_id: int) -> Command:
    return rest.find(seen(request), pk=command_id)


@router.post("/commands/{command_id}/cancel/", response=CommandOut, summary="Take it back, if it waits (operator)")
def cancel_command(request: HttpRequest, command_id: int) -> Command:
    row = get_command(request, command_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    if not commands.cancel(row.pk):
        raise rest.Refused(409, "not_now", "It is sent already, or over.")
    return get_command(request, command_id)
