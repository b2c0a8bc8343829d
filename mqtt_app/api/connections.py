"""REST for connections: which broker a site speaks through. Everything written here applies within one reconcile."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.cache import cache
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema, Status
from pydantic import Field, StringConstraints, WithJsonSchema
from redis import RedisError

from mqtt_app import connections
from mqtt_app.listening import lease
from mqtt_app.models import MqttConnection, Protocol
from mqtt_app.wire import reach
from sites import rest
from sites.fields import Undecryptable
from sites.models import Role, Site

router = Router()

Secret = Annotated[rest.Pem, WithJsonSchema({"type": "string", "maxLength": 65_536, "writeOnly": True})]
# pydantic's $ is the very end, which Python's is not.
Host = Annotated[rest.Text, StringConstraints(max_length=253, pattern=r"^[A-Za-z0-9._:\-]+$")]
Prefix = Annotated[rest.Text, StringConstraints(max_length=12, pattern=r"^[A-Za-z0-9_\-]+$")]
Port = Annotated[int, Field(ge=1, le=65_535)]
KeepDays = Annotated[int, Field(ge=0, le=365, description="Days that raw messages are kept; 0: not at all.")]


class ConnectionOut(Schema):
    """Secrets are never shown; has_password and has_client_key say whether there are any. version: see PATCH.

    certificate_expires_at: when the first of the certificates in use expires, and certificate_name which one it is.
    """

    id: int
    version: int
    site_id: int
    broker_host: str
    broker_port: int
    username: str
    has_password: bool
    client_id_prefix: str
    client_id: str
    protocol: Protocol
    use_tls: bool
    tls_verify: bool
    ca_certificate: str
    client_certificate: str
    has_client_key: bool
    is_active: bool
    keep_raw_days: int
    asks_for_births: bool
    discover_until: datetime | None
    status: MqttConnection.Status
    status_since: datetime
    last_error: str
    certificate_expires_at: datetime | None
    certificate_name: str


class ConnectionIn(Schema):
    """site: its id. Certificates and key are PEM."""

    site: int
    broker_host: Host
    broker_port: Port = 1883
    username: rest.Text = ""
    password: Secret = ""
    client_id_prefix: Prefix = "fl-"
    protocol: Protocol = Protocol.V5
    use_tls: bool = False
    tls_verify: bool = True
    ca_certificate: rest.Pem = ""
    client_certificate: rest.Pem = ""
    client_key: Secret = ""
    is_active: bool = True
    keep_raw_days: KeepDays = 0
    asks_for_births: bool = False


class ConnectionChange(Schema):
    """Only what is named changes; a secret that is not named stays as it is.

    version: as it was read. When somebody has changed the connection since, the answer is 409 and nothing changes.
    """

    version: int | None = None

    broker_host: Host | None = None
    broker_port: Port | None = None
    username: rest.Text | None = None
    password: Secret | None = None
    client_id_prefix: Prefix | None = None
    protocol: Protocol | None = None
    use_tls: bool | None = None
    tls_verify: bool | None = None
    ca_certificate: rest.Pem | None = None
    client_certificate: rest.Pem | None = None
    client_key: Secret | None = None
    is_active: bool | None = None
    keep_raw_days: KeepDays | None = None
    asks_for_births: bool | None = None


class ConnectionFilter(FilterSchema):
    site: int | None = None
    status: MqttConnection.Status | None = None
    is_active: bool | None = None
    use_tls: bool | None = None
    search: Annotated[rest.Text | None, FilterLookup(["broker_host__icontains", "site__name__icontains"])] = None


ConnectionSort = Literal["site__name", "-site__name", "broker_host", "-broker_host", "status_since", "-status_since"]


def seen(request: HttpRequest) -> QuerySet[MqttConnection]:
    there = {f"has_{name}": ExpressionWrapper(~Q(**{name: ""}), BooleanField()) for name in connections.SECRETS}
    return rest.visible(request, MqttConnection.objects.defer(*connections.SECRETS).annotate(**there))


def administered(request: HttpRequest, connection_id: int) -> MqttConnection:
    """The connection. Raises Refused (404, 403)."""
    row = rest.find(seen(request), pk=connection_id)
    rest.require(request, row.site_id, Role.ADMIN)
    return row


def claim(connection_id: int, version: int | None) -> None:
    """Raises Refused (409) when the connection is no longer as the caller has seen it."""
    try:
        connections.claim(connection_id, version)
    except connections.Outdated as error:
        raise rest.Refused(409, "outdated", str(error)) from error


def refuse_unverified(request: HttpRequest, fields: dict[str, Any]) -> None:
    """Raises Refused (403) when anyone but a superuser wishes a broker's certificate unchecked."""
    if fields.get("tls_verify") is False and not rest.caller(request).user.is_superuser:
        raise rest.Refused(403, "may_not_skip_verification", "Only a superuser may turn the check of certificates off.")


@router.get("/connections/", response=rest.Page[ConnectionOut], summary="Connections")
def list_connections(
    request: HttpRequest,
    filters: Query[ConnectionFilter],
    paging: Query[rest.Paging],
    sort: ConnectionSort = "site__name",
) -> dict[str, Any]:
    return rest.page(filters.filter(seen(request)), paging, sort)


@router.post("/connections/", response={201: ConnectionOut}, summary="Connect a site to its broker (admin)")
def create_connection(request: HttpRequest, data: ConnectionIn) -> Status[MqttConnection]:
    fields = data.dict()
    site = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=fields.pop("site"))
    rest.require(request, site.pk, Role.ADMIN)
    refuse_unverified(request, fields)
    connection = connections.add(site, trusted=rest.caller(request).user.is_superuser, **fields)
    return Status(201, rest.find(seen(request), pk=connection.pk))


@router.get("/connections/{connection_id}/", response=ConnectionOut, summary="One connection")
def get_connection(request: HttpRequest, connection_id: int) -> MqttConnection:
    return rest.find(seen(request), pk=connection_id)


@router.patch("/connections/{connection_id}/", response=ConnectionOut, summary="Change a connection (admin)")
def change_connection(request: HttpRequest, connection_id: int, data: ConnectionChange) -> MqttConnection:
    row = administered(request, connection_id)
    fields = data.dict(exclude_unset=True)
    version = fields.pop("version", None)
    refuse_unverified(request, fields)
    trusted = rest.caller(request).user.is_superuser
    connections.validate_change(row, fields, trusted)
    with transaction.atomic():
        claim(row.pk, version)
        rest.change(row, fields)
        connections.trust(row.pk, fields, trusted)
        connections.told([row.pk])
    return rest.find(seen(request), pk=row.pk)


@router.delete("/connections/{connection_id}/", response=rest.Deleted, summary="Delete a connection (admin)")
def delete_connection(request: HttpRequest, connection_id: int) -> dict[str, Any]:
    row = administered(request, connection_id)
    goes = rest.contents(MqttConnection, pk=row.pk)
    rest.delete(row)
    return {"deleted": goes}


class StepOut(Schema):
    """One of dns, tcp, tls, connect, subscribe. state: ok, failed, or skipped after a failure or without TLS."""

    name: str
    state: str
    took_ms: float
    words: str


class ReachOut(Schema):
    """ok: everything that had to work did. certificate_expires_at: the broker's own, where it speaks TLS."""

    ok: bool
    steps: list[StepOut]
    certificate_expires_at: datetime | None


TESTED_EVERY_S = 5


@router.post("/connections/{connection_id}/test/", response=ReachOut, summary="Try to speak to the broker (operator)")
def test_connection(request: HttpRequest, connection_id: int) -> dict[str, Any]:
    """As it is stored, from the web process, under a client id of its own: the listener's session is left alone."""
    row = rest.find(seen(request), pk=connection_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    if not allowed_now(row.pk):
        raise rest.Refused(429, "too_many_requests", f"A connection is tested once in {TESTED_EVERY_S} s at most.")
    try:
        found = reach.reach(lease.wish_of(row.pk))
    except Undecryptable as error:
        raise rest.Refused(409, "undecryptable", str(error)) from error
    return {
        "ok": found.ok,
        "steps": [step._asdict() for step in found.steps],
        "certificate_expires_at": found.certificate_expires_at,
    }


def allowed_now(connection_id: int) -> bool:
    """Whoever may change a connection shall not scan ports with it. Without Redis nothing is tested twice as fast."""
    try:
        return bool(cache.add(f"tested:{connection_id}", 1, TESTED_EVERY_S))
    except (RedisError, OSError):
        return True
