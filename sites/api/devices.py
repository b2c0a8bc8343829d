"""REST for devices: gateways, dataloggers and sensors. They come from messages, so here they are only read."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from sites import rest
from sites.models import Datalogger, Gateway, OfflineReason, Presence, Sensor
from sites.reports import Quality

router = Router()


class DeviceOut(Schema):
    id: int
    site_id: int
    serial: str
    status: Presence
    status_since: datetime
    offline_reason: OfflineReason | Literal[""]
    last_seen_at: datetime | None
    interval_s: float | None
    firmware: str
    metadata: dict[str, Any]
    first_seen_at: datetime


class GatewayOut(DeviceOut):
    addresses: dict[str, str]


class DataloggerOut(DeviceOut):
    gateway_id: int | None
    kind: str


class SensorOut(Schema):
    """latest_time is the device's clock, latest_received_at ours; one latest value per component."""

    id: int
    site_id: int = Field(alias="datalogger.site_id")
    datalogger_id: int
    key: str
    kind: str
    unit: str
    components: list[str]
    latest_values: list[float] | None
    latest_time: datetime | None
    latest_received_at: datetime | None
    latest_quality: Quality | Literal[""]


class GatewayFilter(FilterSchema):
    site: int | None = None
    status: Presence | None = None
    search: Annotated[rest.Text | None, FilterLookup("serial__icontains")] = None


class DataloggerFilter(GatewayFilter):
    gateway: int | None = None
    kind: rest.Text | None = None


class SensorFilter(FilterSchema):
    site: Annotated[int | None, FilterLookup("datalogger__site")] = None
    datalogger: int | None = None
    kind: rest.Text | None = None
    search: Annotated[rest.Text | None, FilterLookup("key__icontains")] = None


DeviceSort = Literal["serial", "-serial", "last_seen_at", "-last_seen_at", "status_since", "-status_since"]
SensorSort = Literal["key", "-key", "latest_time", "-latest_time"]


@router.get("/gateways/", response=rest.Page[GatewayOut], summary="Gateways")
def list_gateways(
    request: HttpRequest, filters: Query[GatewayFilter], paging: Query[rest.Paging], sort: DeviceSort = "serial"
) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Gateway.objects.all())), paging, sort)


@router.get("/gateways/{gateway_id}/", response=GatewayOut, summary="One gateway")
def get_gateway(request: HttpRequest, gateway_id: int) -> Gateway:
    return rest.find(rest.visible(request, Gateway.objects.all()), pk=gateway_id)


@router.get("/dataloggers/", response=rest.Page[DataloggerOut], summary="Dataloggers")
def list_dataloggers(
    request: HttpRequest, filters: Query[DataloggerFilter], paging: Query[rest.Paging], sort: DeviceSort = "serial"
) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Datalogger.objects.all())), paging, sort)


@router.get("/dataloggers/{datalogger_id}/", response=DataloggerOut, summary="One datalogger")
def get_datalogger(request: HttpRequest, datalogger_id: int) -> Datalogger:
    return rest.find(rest.visible(request, Datalogger.objects.all()), pk=datalogger_id)


@router.get("/sensors/", response=rest.Page[SensorOut], summary="Sensors with their latest values")
def list_sensors(
    request: HttpRequest, filters: Query[SensorFilter], paging: Query[rest.Paging], sort: SensorSort = "key"
) -> dict[str, Any]:
    sensors = Sensor.objects.select_related("datalogger")
    return rest.page(filters.filter(rest.visible(request, sensors, "datalogger__site")), paging, sort)


@router.get("/sensors/{sensor_id}/", response=SensorOut, summary="One sensor with its latest values")
def get_sensor(request: HttpRequest, sensor_id: int) -> Sensor:
    return sensor_seen(request, sensor_id)


def sensor_seen(request: HttpRequest, sensor_id: int) -> Sensor:
    """The sensor, or Refused (404)."""
    sensors = Sensor.objects.select_related("datalogger")
    return rest.find(rest.visible(request, sensors, "datalogger__site"), pk=sensor_id)
