"""REST for devices: gateways, dataloggers and sensors. They come from messages; people name them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Func, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field, StringConstraints

from sites import headlines, naming, rest
from sites.models import Datalogger, Gateway, IntervalFrom, OfflineReason, Presence, Role, Sensor
from sites.reports import Quality

router = Router()

FACET_VALUES = 100

Name = Annotated[rest.Text, StringConstraints(strip_whitespace=True, max_length=128)]
Limit = Annotated[float, Field(allow_inf_nan=False)]
Tag = Annotated[rest.Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class DeviceOut(Schema):
    """expected_interval_s: its own interval_s, else that of its site, else that of all sites; interval_from: which."""

    id: int
    site_id: int
    serial: str
    status: Presence
    status_since: datetime
    offline_reason: OfflineReason | Literal[""]
    last_seen_at: datetime | None
    interval_s: float | None
    expected_interval_s: float
    interval_from: IntervalFrom
    firmware: str
    metadata: dict[str, Any]
    first_seen_at: datetime


class GatewayOut(DeviceOut):
    """name: what people call it. muted_until: till then its silence rings nobody."""

    addresses: dict[str, str]
    name: str
    muted_until: datetime | None


class GatewayChange(Schema):
    """What is left out stays. muted_until: till then it rings nobody; null ends it."""

    name: Name = ""
    muted_until: rest.Moment | None = None


class LatestOut(Schema):
    """One latest value per component.

    label: what people call it. own_unit: shown instead of `unit`, which the device says.
    """

    id: int
    key: str
    label: str
    kind: str
    unit: str
    own_unit: str
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
    name: str
    tags: list[str]
    muted_until: datetime | None
    latest: list[LatestOut]

    @staticmethod
    def resolve_gateway_serial(row: Datalogger) -> str | None:
        return row.gateway.serial if row.gateway else None


class FacetsOut(Schema):
    """How many dataloggers there are of each status, kind, firmware, tag; of the latter three the commonest."""

    status: dict[str, int]
    kind: dict[str, int]
    firmware: dict[str, int]
    tags: dict[str, int]


class DataloggersChange(Schema):
    """What is changed of several dataloggers at once; what is left out stays. names: by id, "" to have none again.

    interval_s holds until the device itself declares one. muted_until: till then it rings nobody; null ends it.
    """

    dataloggers: Annotated[list[int], Field(min_length=1, max_length=naming.AT_ONCE)]
    names: dict[int, Name] = {}
    add_tags: Annotated[list[Tag], Field(max_length=naming.TAGS)] = []
    remove_tags: Annotated[list[Tag], Field(max_length=naming.TAGS)] = []
    interval_s: Annotated[float, Field(gt=0, le=31_536_000)] | None = None
    muted_until: rest.Moment | None = None


class SensorOut(LatestOut):
    """latest_time is the device's clock, latest_received_at ours. Limits are in the unit that is shown."""

    site_id: int = Field(alias="datalogger.site_id")
    datalogger_id: int
    lower_limit: float | None
    upper_limit: float | None


class SensorChange(Schema):
    """What is left out stays; null takes a limit away, "" a label or a unit."""

    label: Name = ""
    own_unit: Annotated[rest.Text, StringConstraints(strip_whitespace=True, max_length=32)] = ""
    lower_limit: Limit | None = None
    upper_limit: Limit | None = None


class GatewayFilter(FilterSchema):
    site: int | None = None
    status: Presence | None = None
    search: Annotated[rest.Text | None, FilterLookup(["serial__icontains", "name__icontains"])] = None


class DataloggerFilter(GatewayFilter):
    """new_since: seen for the first time since then."""

    gateway: int | None = None
    kind: rest.Text | None = None
    firmware: rest.Text | None = None
    offline_reason: OfflineReason | None = None
    tag: rest.Text | None = None
    new_since: Annotated[rest.Moment | None, FilterLookup("first_seen_at__gte")] = None
    search: Annotated[
        rest.Text | None,
        FilterLookup(["serial__icontains", "name__icontains", "kind__icontains", "site__name__icontains"]),
    ] = None

    def filter_tag(self, value: str | None) -> Q:
        return Q() if value is None else Q(tags__contains=[value])


class SensorFilter(FilterSchema):
    site: Annotated[int | None, FilterLookup("datalogger__site")] = None
    datalogger: int | None = None
    kind: rest.Text | None = None
    search: Annotated[rest.Text | None, FilterLookup(["key__icontains", "label__icontains"])] = None


DeviceSort = Literal["serial", "-serial", "last_seen_at", "-last_seen_at", "status_since", "-status_since"]
DataloggerSort = (
    DeviceSort
    | Literal[
        "status", "-status", "kind", "-kind", "firmware", "-firmware", "interval_s", "-interval_s",
        "expected_interval_s", "-expected_interval_s",
        "first_seen_at", "-first_seen_at", "site_name", "-site_name", "name", "-name",
    ]
)  # fmt: skip
SensorSort = Literal["key", "-key", "latest_time", "-latest_time"]


@router.get("/gateways/", response=rest.Page[GatewayOut], summary="Gateways")
def list_gateways(
    request: HttpRequest, filters: Query[GatewayFilter], paging: Query[rest.Paging], sort: DeviceSort = "serial"
) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Gateway.objects.select_related("site"))), paging, sort)


@router.get("/gateways/{gateway_id}/", response=GatewayOut, summary="One gateway")
def get_gateway(request: HttpRequest, gateway_id: int) -> Gateway:
    return rest.find(rest.visible(request, Gateway.objects.select_related("site")), pk=gateway_id)


@router.patch("/gateways/{gateway_id}/", response=GatewayOut, summary="Name or mute a gateway (operator)")
def change_gateway(request: HttpRequest, gateway_id: int, data: GatewayChange) -> Gateway:
    rest.require(request, get_gateway(request, gateway_id).site_id, Role.OPERATOR)
    said = data.dict(exclude_unset=True)
    names = {gateway_id: said.pop("name")} if "name" in said else None
    with transaction.atomic():
        naming.change(naming.lock(Gateway.objects.filter(pk=gateway_id)), names=names, **said)
    return get_gateway(request, gateway_id)


@router.get("/dataloggers/", response=rest.Page[DataloggerOut], summary="Dataloggers, each with a few latest values")
def list_dataloggers(
    request: HttpRequest, filters: Query[DataloggerFilter], paging: Query[rest.Paging], sort: DataloggerSort = "serial"
) -> dict[str, Any]:
    rows = filters.filter(rest.visible(request, Datalogger.objects.select_related("site", "gateway")))
    expected = Coalesce("interval_s", "site__interval_s", float(settings.DEFAULT_INTERVAL_S))
    column = sort.replace("site_name", "site__name").replace("expected_interval_s", "expected")
    found = rest.page(rows.alias(expected=expected), paging, column)
    return found | {"items": described(found["items"])}


def described(dataloggers: list[Datalogger]) -> list[Datalogger]:
    """The same, each with its `latest` sensors."""
    latest = headlines.of_dataloggers(datalogger.pk for datalogger in dataloggers)
    for datalogger in dataloggers:
        datalogger.latest = latest.get(datalogger.pk, [])  # type: ignore[attr-defined]
    return dataloggers


@router.patch("/dataloggers/", response=list[DataloggerOut], summary="Name, tag or mute several dataloggers (operator)")
def change_dataloggers(request: HttpRequest, data: DataloggersChange) -> list[Datalogger]:
    """All of them, or none: one that is not there or not yours refuses everything."""
    with transaction.atomic():
        rows = naming.lock(rest.visible(request, Datalogger.objects.filter(pk__in=data.dataloggers)))
        if len(rows) < len(set(data.dataloggers)) or not data.names.keys() <= {row.pk for row in rows}:
            raise rest.Refused(404, "not_found", "There is no such datalogger, or you may not see it.")
        for site_id in {row.site_id for row in rows}:
            rest.require(request, site_id, Role.OPERATOR)
        said = data.dict(exclude_unset=True, exclude={"dataloggers"})
        try:
            naming.change(rows, **said)
        except naming.TooManyTags as error:
            raise rest.Refused(422, "too_many_tags", str(error)) from error
    again = Datalogger.objects.select_related("site", "gateway").filter(pk__in=data.dataloggers)
    return described(list(again.order_by("serial", "pk")))


@router.get("/dataloggers/facets/", response=FacetsOut, summary="How many dataloggers of each status, kind, firmware")
def datalogger_facets(request: HttpRequest, filters: Query[DataloggerFilter]) -> dict[str, dict[str, int]]:
    rows = filters.filter(rest.visible(request, Datalogger.objects.all())).order_by()
    columns = {name: F(name) for name in FacetsOut.model_fields} | {"tags": Func(F("tags"), function="unnest")}
    counts = {
        name: rows.annotate(one=column).values_list("one").annotate(many=Count("pk")).order_by("-many", "one")
        for name, column in columns.items()
    }
    return {name: dict(found[:FACET_VALUES]) for name, found in counts.items()}


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


@router.patch("/sensors/{sensor_id}/", response=SensorOut, summary="Label, unit and limits of a sensor (operator)")
def change_sensor(request: HttpRequest, sensor_id: int, data: SensorChange) -> Sensor:
    sensor = sensor_seen(request, sensor_id)
    rest.require(request, sensor.datalogger.site_id, Role.OPERATOR)
    rest.change(sensor, data.dict(exclude_unset=True))
    return sensor


def sensor_seen(request: HttpRequest, sensor_id: int) -> Sensor:
    """The sensor, or Refused (404)."""
    sensors = Sensor.objects.select_related("datalogger")
    return rest.find(rest.visible(request, sensors, "datalogger__site"), pk=sensor_id)
