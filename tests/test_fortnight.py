"""GET sites/{id}/days/: a site's one telling value by day over two weeks."""

from datetime import UTC, datetime, timedelta

import pytest

from sites import fortnight
from sites.models import Datalogger, Reading, Rollup, RollupEdge, Sensor, Site
from tests import rows

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sensor(site: Site, serial: str, key: str, kind: str = "", unit: str = "kW") -> Sensor:
    datalogger, _ = Datalogger.objects.get_or_create(site=site, serial=serial)
    return Sensor.objects.create(datalogger=datalogger, key=key, kind=kind, unit=unit)


def stored(sensor: Sensor, *readings: tuple[datetime, list[float]]) -> None:
    Reading.objects.bulk_create([rows.reading(sensor, time, *values) for time, values in readings])


def days(site: Site) -> fortnight.Fortnight:
    found = fortnight.of_site(site, NOW)
    assert found is not None
    return found


def test_a_plants_day_is_the_energy_of_its_hours_and_the_running_hour_counts_as_far_as_it_has_come() -> None:
    plant = rows.site(site_type="plant")
    one, other = sensor(plant, "A", "ac_power"), sensor(plant, "B", "ac_power")
    stored(one, (NOW - HOUR, [10]), (NOW - HOUR + timedelta(minutes=5), [20]), (NOW - timedelta(minutes=1), [8]))
    stored(other, (NOW - HOUR, [5]), (NOW - timedelta(days=1), [7]))
    found = days(plant)
    assert (found.name, found.unit, len(found.day), found.day[-1].isoformat()) == ("ac_power", "kWh", 14, "2026-03-20")
    assert found.value[-1] == pytest.approx(15 + 5 + 8 / 2)
    assert (found.value[-2], found.value[-3]) == (7, None)


def test_a_structures_day_is_the_greatest_whichever_way_and_a_day_begins_by_the_clocks_of_the_site() -> None:
    dam = rows.site(site_type="dam", timezone="Asia/Tokyo")  # 19:30 there
    stored(sensor(dam, "A", "inclinometer", "inclinometer", "°"), (NOW - timedelta(hours=19), [0.1, -2.5]))
    stored(sensor(dam, "B", "inclinometer", "inclinometer", "°"), (NOW - timedelta(hours=20), [9, 0]), (NOW, [99, 0]))
    found = days(dam)
    assert (found.name, found.unit, found.value[-1], found.value[-2]) == ("tilt", "°", 2.5, 9)


@pytest.mark.parametrize(("is_stale", "energy"), [(False, 30), (True, 4)])
def test_hours_that_are_rolled_up_are_not_added_up_again_unless_readings_came_since(is_stale, energy) -> None:
    plant = rows.site(site_type="plant")
    power = sensor(plant, "A", "ac_power")
    yesterday = (NOW - timedelta(days=1)).replace(minute=0)
    stored(power, (yesterday, [4]))
    RollupEdge.objects.update_or_create(pk=1, defaults={"announced": NOW, "rolled": NOW.replace(minute=0)})
    Rollup.objects.create(
        sensor=power, time=yesterday, readings=2, minima=[1], sums=[60], maxima=[50], counts=[2], is_stale=is_stale
    )
    assert days(plant).value[-2] == energy


def test_the_greatest_numbers_do_not_overflow() -> None:
    plant = rows.site(site_type="plant")
    for serial in "AB":
        stored(sensor(plant, serial, "ac_power"), (NOW - HOUR, [1.7e308]), (NOW - HOUR * 2, [1.7e308]))
    assert days(plant).value[-1] == 4e290


def test_a_site_that_measures_neither_has_none_and_another_persons_site_is_not_there() -> None:
    site = rows.site()
    client = rows.browser(rows.person("root", is_superuser=True))
    assert client.get(f"/api/v1/sites/{site.pk}/days/").json()["name"] is None
    assert rows.browser(rows.person("eve")).get(f"/api/v1/sites/{site.pk}/days/").status_code == 404


def test_its_unit_is_the_one_that_people_chose_and_another_is_not_mixed_in() -> None:
    plant = rows.site(site_type="plant")
    for serial, own_unit, power in (("A", "MW", 3), ("B", "MW", 4), ("C", "", 900)):
        one = sensor(plant, serial, "ac_power", unit="VA")
        Sensor.objects.filter(pk=one.pk).update(own_unit=own_unit)
        stored(one, (NOW - HOUR, [power]))
    found = days(plant)
    assert (found.unit, found.value[-1]) == ("MWh", 7)
