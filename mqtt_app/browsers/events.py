"""What browsers are told, as models: the live contract of the WebSocket and the source of its published schema."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, WithJsonSchema
from typing_extensions import TypedDict


def _words(*words: str) -> WithJsonSchema:
    """The contract promises these words; those who announce take them from the models, which this floor cannot see."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


Presence = Annotated[str, _words("online", "offline", "unknown")]
Reason = Annotated[str, _words("silent", "declared", "gateway", "")]
Quality = Annotated[str, _words("good", "questionable", "bad", "calibrating", "offline", "resampled")]
LinkStatus = Annotated[str, _words("connected", "connecting", "disconnected", "error")]
Role = Annotated[str, _words("viewer", "operator", "admin")]


class Told(BaseModel, json_schema_serialization_defaults_required=True):
    """A default spares us writing; what is sent always has every field."""


class SensorValue(TypedDict):
    """The newest reading of one sensor; one value per component, in `unit`."""

    # No model: a batch tells of thousands, and making a model of each takes nearly three times as long.

    id: int
    key: str
    unit: str
    components: tuple[str, ...]
    values: tuple[float, ...]
    time: datetime
    received_at: datetime
    quality: Quality


class DeviceState(Told):
    """A gateway or datalogger as it is now."""

    id: int
    serial: str
    status: Presence
    last_seen_at: datetime | None


class DataloggerState(DeviceState):
    """A datalogger and those of its sensors that have news."""

    sensors: list[SensorValue] = []


class DataloggerUpdate(Told):
    """Dataloggers of one site were heard."""

    type: Literal["datalogger_update"] = "datalogger_update"
    site_id: int
    dataloggers: list[DataloggerState]


class GatewayUpdate(Told):
    """Gateways of one site were heard."""

    type: Literal["gateway_update"] = "gateway_update"
    site_id: int
    gateways: list[DeviceState]


class Fall(Told):
    """One device's change of presence. reason: silent, declared, gateway; empty on a return."""

    id: int
    serial: str
    status: Presence
    last_seen_at: datetime | None
    expected_interval_s: float
    reason: Reason = ""


class SensorOffline(Told):
    """Devices of one site fell silent. Those that a fallen gateway explains are not listed."""

    type: Literal["sensor_offline"] = "sensor_offline"
    site_id: int
    gateways: list[Fall] = []
    dataloggers: list[Fall] = []


class SensorOnline(Told):
    """Devices of one site were heard again after an announced fall."""

    type: Literal["sensor_online"] = "sensor_online"
    site_id: int
    gateways: list[Fall] = []
    dataloggers: list[Fall] = []


class TopicSeen(Told):
    """A topic seen for the first time, and the parser that recognises it, if any."""

    path: str
    is_processable: bool
    parser: str


class TopicDiscovered(Told):
    """New topics at one site."""

    type: Literal["topic_discovered"] = "topic_discovered"
    site_id: int
    topics: list[TopicSeen]


class Failure(Told):
    """Failures of one kind within one batch."""

    parser: str
    reason: str
    count: int
    topic: str


class ParseFailed(Told):
    """Messages of one site could not be read."""

    type: Literal["parse_failed"] = "parse_failed"
    site_id: int
    failures: list[Failure]


class MqttStatus(Told):
    """A connection's wish and fact, after either has changed."""

    type: Literal["mqtt_status"] = "mqtt_status"
    site_id: int
    is_active: bool
    status: LinkStatus
    since: datetime
    attempt: int
    next_retry_at: datetime | None
    last_error: str
    next_reconcile_at: datetime | None = None


class ReconcileTick(Told):
    """A reconcile has ended. `applied` holds the sites whose assignment it changed that the reader may see."""

    type: Literal["reconcile_tick"] = "reconcile_tick"
    site_id: None = None
    finished_at: datetime
    next_at: datetime
    applied: list[int]


Event = Annotated[
    DataloggerUpdate
    | GatewayUpdate
    | SensorOffline
    | SensorOnline
    | TopicDiscovered
    | ParseFailed
    | MqttStatus
    | ReconcileTick,
    Field(discriminator="type"),
]
"""Everything that `live.announce` takes. On the wire the fields beside type and site_id stand under `data`."""


class SiteHeard(Told):
    """A site that this socket tells of, and the reader's role there."""

    id: int
    name: str
    slug: str
    role: Role


class ConnectionEstablished(Told):
    """What this socket will tell; sent again when the reader's sites or roles have changed. seq: that of this frame."""

    type: Literal["connection_established"] = "connection_established"
    site_id: None = None
    protocol: int
    build: str
    reconcile_period_s: int
    next_reconcile_at: datetime
    role: Role
    sites: list[SiteHeard]
    server_time: datetime
    seq: int


class Lagging(Told):
    """This much news was dropped, for this reader or on its way here: read the present state again."""

    type: Literal["lagging"] = "lagging"
    site_id: None = None
    dropped: int


class Interruption(Told):
    """What keeps news from coming, for all sites; sent when that changes, and to a new socket while there is something.

    cause: database, when it does not answer; redis, when announcements do not get here; listener, when none lives;
    empty when news comes again: read the present state then. since: when the cause was first known.
    """

    type: Literal["interruption"] = "interruption"
    site_id: None = None
    cause: Literal["", "database", "redis", "listener"]
    since: datetime


class Pong(Told):
    """The answer to {"op": "ping"}."""

    type: Literal["pong"] = "pong"
    site_id: None = None


class Misunderstood(Told):
    """The answer to anything that is not understood or not granted."""

    type: Literal["error"] = "error"
    site_id: None = None
    message: str


class Telemetry(Told):
    """Readings of a sensor that this socket watches, oldest first, after those that it was told before.

    time: by the device's clock, in seconds since 1970. values: a column for each component, as long as `time`.
    is_cut: there were more than a frame holds, and these are the newest: read the chart again.
    """

    type: Literal["telemetry"] = "telemetry"
    site_id: int
    sensor: int
    time: list[float]
    values: list[list[float | None]]
    is_cut: bool


Notice = ConnectionEstablished | Lagging | Interruption | Pong | Misunderstood | Telemetry
"""What a socket says of itself, beside the events."""
