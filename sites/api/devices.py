"""REST for devices: gateways, dataloggers and sensors. They come from messages, so here they are only read."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import Count
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from sites import headlines, rest
from sites.models import Datalogger, Gateway, OfflineReason, Presence, Sensor
from sites.reports import Quality

router = Router()

FACET_VALUES = 100


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


class LatestOut(Schema):
    """One latest value per component."""

    id: int
    key: str
    kind: str
    unit: str
    components: list[str]
    latest_values: list[float] | None
    latest_time: datetime | None
    latest_received_at: datetime | None
    latest_quality: Quality | Literal[""]


class DataloggerOut(DeviceOut):
    """latest: the first of its sensors that have a value, three at most."""

    site_name: str = Field(alias="site.name")
    gateway_id: int | None
    gateway_serial: str | None
    kind: str
    latest: list[LatestOut]

    @staticmethod
    def resolve_gateway_serial(row: Datalogger) -> str | None:
        return row.gateway.serial if row.gateway else None


class FacetsOut(Schema):
    """How many dataloggers there are of each status, kind and firmware; the commonest hundred of the latter two."""

    status: dict[str, int]
    kind: dict[str, int]
    firmware: dict[str, int]


class SensorOut(LatestOut):
    """latest_time is the device's clock, latest_received_at ours; one latest value per component."""

    site_id: int = Field(alias="datalogger.site_id")
    datalogger_id: int


class GatewayFilter(FilterSchema):
    site: int | None = None
    status: Presence | None = None
    search: Annotated[rest.Text | None, FilterLookup("serial__icontains")] = None


class DataloggerFilter(GatewayFilter):
    """new_since: seen for the first time since then."""

    gateway: int | None = None
    kind: rest.Text | None = None
    firmware: rest.Text | None = None
    offline_reason: OfflineReason | None = None
    new_since: Annotated[rest.Moment | None, FilterLookup("first_seen_at__gte")] = None
    search: Annotated[
        rest.Text | None, FilterLookup(["serial__icontains", "kind__icontains", "site__name__icontains"])
    ] = None


class SensorFilter(FilterSchema):
    site: Annotated[int | None, FilterLookup("datalogger__site")] = None
    datalogger: int | None = None
    kind: rest.Text | None = None
    search: Annotated[rest.Text | None, FilterLookup("key__icontains")] = None


DeviceSort = Literal["serial", "-serial", "last_seen_at", "-last_seen_at", "status_since", "-status_since"]
DataloggerSort = (
    DeviceSort
    | Literal[
        "status", "-status", "kind", "-kind", "firmware", "-firmware", "interval_s", "-interval_s",
        "first_seen_at", "-first_seen_at", "site_name", "-site_name",
    ]
)  # fmt: skip
SensorSort = Literal["key", "-key", "latest_time", "-latest_time"]


@router.get("/gateways/", response=rest.Page[GatewayOut], summary="Gateways")
def list_gateways(
    request: HttpRequest, filters: Query[GatewayFilter], paging: Query[rest.Paging], sort: DeviceSort = "serial"
) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Gateway.objects.all())), paging, sort)


@router.get("/gateways/{gateway_id}/", response=GatewayOut, summary="One gateway")
def get_gateway(request: HttpRequest, gateway_id: int) -> Gateway:
    return rest.find(rest.visible(request, Gateway.objects.all()), pk=gateway_id)


@router.get("/dataloggers/", response=rest.Page[DataloggerOut], summary="Dataloggers, each with a few latest values")
def list_dataloggers(
    request: HttpRequest, filters: Query[DataloggerFilter], paging: Query[rest.Paging], sort: DataloggerSort = "serial"
) -> dict[str, Any]:
    rows = filters.filter(rest.visible(request, Datalogger.objects.select_related("site", "gateway")))
    found = rest.page(rows, paging, sort.replace("site_name", "site__name"))
    return found | {"items": described(found["items"])}


def described(dataloggers: list[Datalogger]) -> list[Datalogger]:
    """The same, each with its `latest` sensors."""
    latest = headlines.of_dataloggers(datalogger.pk for datalogger in dataloggers)
    for datalogger in dataloggers:
        datalogger.latest = latest.get(datalogger.pk, [])  # type: ignore[attr-defined]
    return dataloggers


@router.get("/dataloggers/facets/", response=FacetsOut, summary="How many dataloggers of each status, kind, firmware")
def datalogger_facets(request: HttpRequest, filters: Query[DataloggerFilter]) -> dict[str, dict[str, int]]:
    rows = filters.filter(rest.visible(request, Datalogger.objects.all())).order_by()
    counts = {name: rows.values_list(name).annotate(many=Count("pk")) for name in FacetsOut.model_fields}
    return {name: dict(found.order_by("-many", name)[:FACET_VALUES]) for name, found in counts.items()}


@router.get("/dataloggers/{datalogger_id}/", response=DataloggerOut, summary="One datalogger")
def get_datalogger(request: HttpRequest, datalogger_id: int) -> Datalogger:
    rows = rest.visible(request, Datalogger.objects.select_related("site", "gateway"))
    [found] = described([rest.find(rows, pk=datalogger_id)])
    return found


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
