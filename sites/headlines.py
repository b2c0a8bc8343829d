"""The few values that stand for many: one for a site, three for a datalogger."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import BooleanField, Case, ExpressionWrapper, F, Max, Q, QuerySet, Sum, When, Window
from django.db.models.functions import Abs, Greatest, RowNumber

from sites.models import Sensor, Site

FRESH = timedelta(minutes=10)  # a sum of which a part is older says nothing
VALUES_PER_DATALOGGER = 3
SHOWN_UNIT = Case(When(own_unit="", then=F("unit")), default=F("own_unit"))


class Headline(NamedTuple):
    """name: ac_power, the sum of a plant, or tilt, the greatest of a structure. at: when its newest part came."""

    name: str
    value: float
    unit: str
    at: datetime


def name_of(site: Site) -> str:
    """Which value tells of a site of this type."""
    return "ac_power" if site.site_type == Site.Type.PLANT else "tilt"


def telling(site: Site) -> QuerySet[Sensor]:
    """The sensors that it is made of, by the unit that is shown."""
    sensors = Sensor.objects.filter(datalogger__site=site).order_by(SHOWN_UNIT, "pk")
    return sensors.filter(key="ac_power") if name_of(site) == "ac_power" else sensors.filter(kind="inclinometer")


def of_sites(sites: QuerySet[Site], now: datetime) -> dict[int, Headline]:
    """By site. Sites whose devices measure neither, or have not lately, have none."""
    fresh = Sensor.objects.filter(
        datalogger__site__in=sites, latest_received_at__gte=now - FRESH, latest_values__isnull=False
    ).order_by()
    plants = fresh.filter(datalogger__site__site_type=Site.Type.PLANT, key="ac_power")
    structures = fresh.filter(kind="inclinometer").exclude(datalogger__site__site_type=Site.Type.PLANT)
    tilt = Greatest(Abs("latest_values__0"), Abs("latest_values__1"))
    return _found("ac_power", plants, Sum("latest_values__0")) | _found("tilt", structures, Max(tilt))


def _found(name: str, sensors: QuerySet[Sensor], value: Sum | Max) -> dict[int, Headline]:
    """Values of another unit than the first found are not mixed in."""
    rows = (
        sensors.annotate(shown=SHOWN_UNIT)
        .values_list("datalogger__site", "shown")
        .annotate(total=value, at=Max("latest_received_at"))
        .order_by("shown")
    )
    found: dict[int, Headline] = {}
    for site_id, unit, number, at in rows:
        if number is not None:
            found.setdefault(site_id, Headline(name, number, unit, at))
    return found


def of_dataloggers(ids: Iterable[int]) -> dict[int, list[Sensor]]:
    """The first sensors of each that have a value; those that say what they are go before those that do not."""
    rank = Window(RowNumber(), partition_by="datalogger", order_by=["has_no_kind", "key"])
    sensors = Sensor.objects.filter(datalogger__in=list(ids), latest_values__isnull=False).annotate(
        has_no_kind=ExpressionWrapper(Q(kind=""), BooleanField())
    )
    found: defaultdict[int, list[Sensor]] = defaultdict(list)
    for sensor in sensors.annotate(rank=rank).filter(rank__lte=VALUES_PER_DATALOGGER).order_by("datalogger", "rank"):
        found[sensor.datalogger_id].append(sensor)
    return found
