"""GET sites/{id}/curve/: a site's one telling value over two days."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from sites import curves
from sites.models import Datalogger, Reading, Sensor, Site
from tests import rows

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(minute=7, second=0, microsecond=0)


def sensor(site: Site, serial: str, key: str, kind: str = "", unit: str = "kW") -> Sensor:
    datalogger, _ = Datalogger.objects.get_or_create(site=site, serial=serial)
    return Sensor.objects.create(datalogger=datalogger, key=key, kind=kind, unit=unit)


def stored(sensor: Sensor, *readings: tuple[datetime, list[float]]) -> None:
    Reading.objects.bulk_create([rows.reading(sensor, time, *values) for time, values in readings])


def curve(site: Site) -> curves.Curve:
    found = curves.of_site(site, NOW)
    assert found is not None
    return found


def test_a_plants_power_is_the_sum_of_each_inverters_mean() -> None:
    plant = rows.site(site_type="plant")
    one, other = sensor(plant, "A", "ac_power"), sensor(plant, "B", "ac_power")
    stored(one, (NOW - timedelta(minutes=1), [10]), (NOW - timedelta(minutes=2), [20]))
    stored(other, (NOW - timedelta(minutes=1), [5]))
    found = curve(plant)
    assert (found.name, found.unit, found.value[-1], found.value[-2]) == ("ac_power", "kW", 20, None)
    assert found.time[-1] == NOW.replace(minute=0).timestamp()


def test_a_structures_tilt_is_the_greatest_whichever_way() -> None:
    dam = rows.site(site_type="dam")
    stored(sensor(dam, "A", "inclinometer", "inclinometer", "°"), (NOW - timedelta(minutes=1), [0.1, -2.5]))
    stored(sensor(dam, "B", "inclinometer", "inclinometer", "°"), (NOW - timedelta(minutes=1), [1.5, 0]))
    assert curve(dam).value[-1] == 2.5


def test_it_spans_two_days_and_nothing_before() -> None:
    plant = rows.site(site_type="plant")
    power = sensor(plant, "A", "ac_power")
    stored(power, (NOW - timedelta(hours=47), [1]), (NOW - timedelta(hours=49), [9]))
    found = curve(plant)
    assert len(found.time) == len(found.value) == 288
    assert [value for value in found.value if value is not None] == [1]


def test_the_greatest_numbers_do_not_overflow() -> None:
    plant = rows.site(site_type="plant")
    for serial in "AB":
        stored(sensor(plant, serial, "ac_power"), (NOW - timedelta(minutes=1), [1.7e308]), (NOW, [1.7e308]))
    assert curve(plant).value[-1] == 2e290


def test_a_site_that_measures_neither_has_none_and_another_persons_site_is_not_there() -> None:
    site = rows.site()
    client = rows.browser(rows.person("root", is_superuser=True))
    assert client.get(f"/api/v1/sites/{site.pk}/curve/").json()["name"] is None
    assert rows.browser(rows.person("eve")).get(f"/api/v1/sites/{site.pk}/curve/").status_code == 404


def test_its_unit_is_the_one_that_people_chose_and_another_is_not_mixed_in() -> None:
    plant = rows.site(site_type="plant")
    for serial, own_unit, power in (("A", "MW", 3), ("B", "MW", 4), ("C", "", 900)):
        one = sensor(plant, serial, "ac_power", unit="VA")
        Sensor.objects.filter(pk=one.pk).update(own_unit=own_unit)
        stored(one, (NOW - timedelta(minutes=1), [power]))
    found = curve(plant)
    assert (found.unit, found.value[-1]) == ("MW", 7)
