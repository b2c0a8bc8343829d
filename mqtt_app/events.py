"""What browsers are told, as models: the live contract of the WebSocket and the source of its published schema."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class SensorValue(BaseModel):
    """The newest reading of one sensor; one value per component, in `unit`."""

    id: int
    key: str
    unit: str
    components: list[str]
    values: list[float]
    time: datetime
    received_at: datetime
    quality: str


class DeviceState(BaseModel):
    """A gateway or datalogger as it is now."""

    id: int
    serial: str
    status: str
    last_seen_at: datetime | None


class DataloggerState(DeviceState):
    """A datalogger and those of its sensors that have news."""

    sensors: list[SensorValue] = []


class DataloggerUpdate(BaseModel):
    """Dataloggers of one site were heard."""

    type: Literal["datalogger_update"] = "datalogger_update"
    site_id: int
    dataloggers: list[DataloggerState]


class GatewayUpdate(BaseModel):
    """Gateways of one site were heard."""

    type: Literal["gateway_update"] = "gateway_update"
    site_id: int
    gateways: list[DeviceState]


class Fall(BaseModel):
    """One device's change of presence. reason: silent, declared, gateway; empty on a return."""

    id: int
    serial: str
    status: str
    last_seen_at: datetime | None
    expected_interval_s: float
    reason: str = ""


class SensorOffline(BaseModel):
    """Devices of one site fell silent. Those that a fallen gateway explains are not listed."""

    type: Literal["sensor_offline"] = "sensor_offline"
    site_id: int
    gateways: list[Fall] = []
    dataloggers: list[Fall] = []


class SensorOnline(BaseModel):
    """Devices of one site were heard again after an announced fall."""

    type: Literal["sensor_online"] = "sensor_online"
    site_id: int
    gateways: list[Fall] = []
    dataloggers: list[Fall] = []


class TopicSeen(BaseModel):
    """A topic seen for the first time, and the parser that recognises it, if any."""

    path: str
    is_processable: bool
    parser: str


class TopicDiscovered(BaseModel):
    """New topics at one site."""

    type: Literal["topic_discovered"] = "topic_discovered"
    site_id: int
    topics: list[TopicSeen]


class Failure(BaseModel):
    """Failures of one kind within one batch."""

    parser: str
    reason: str
    count: int
    topic: str


class ParseFailed(BaseModel):
    """Messages of one site could not be read."""

    type: Literal["parse_failed"] = "parse_failed"
    site_id: int
    failures: list[Failure]


class MqttStatus(BaseModel):
    """A connection's wish and fact, after either has changed."""

    type: Literal["mqtt_status"] = "mqtt_status"
    site_id: int
    is_active: bool
    status: str
    since: datetime
    attempt: int
    next_retry_at: datetime | None
    last_error: str
    next_reconcile_at: datetime | None = None


class ReconcileTick(BaseModel):
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
