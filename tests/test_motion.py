"""GET sites/{id}/motion/: how a structure shakes axis by axis, and which of its values went beyond their limits."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from sites import motion as motion_of
from sites import rollups
from sites.models import Datalogger, Reading, Role, Rollup, RollupEdge, Sensor, Site
from tests import rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
THIS_HOUR = rollups.hour(timezone.now())  # should it end meanwhile, the rest is read as it was stored


def sensor(site: Site, key: str, **more: object) -> Sensor:
    datalogger, _ = Datalogger.objects.get_or_create(site=site, serial="MAS1")
    return Sensor.objects.create(datalogger=datalogger, key=key, **more)


def stored(sensor: Sensor, *values: list[float], every: timedelta = MINUTE) -> None:
    """The last of them a minute ago."""
    begin = timezone.now() - MINUTE - every * (len(values) - 1)
    Reading.objects.bulk_create([rows.reading(sensor, begin + every * n, *one) for n, one in enumerate(values)])


def motion(site: Site) -> dict:
    answer = rows.browser(rows.person("ada", Role.VIEWER, site)).get(f"/api/v1/sites/{site.pk}/motion/")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_shaking_is_the_root_mean_square_of_each_axis_about_its_mean_and_gravity_is_none() -> None:
    site = rows.site(site_type="bridge")
    weak = sensor(site, "weak", kind="accelerometer", unit="m/s²", components=["x", "y", "z"])
    strong = sensor(site, "strong", kind="accelerometer", unit="m/s²", own_unit="g", label="Pier 3")
    sensor(site, "silent", kind="accelerometer")
    stored(sensor(site, "tilt", kind="inclinometer"), [5.0, 5.0])
    stored(weak, [1.0, 0.0, 9.81], [-1.0, 0.0, 9.81])
    stored(weak, [90.0, 0, 0], [0, 0, 0], every=timedelta(hours=2))  # the first of them too long ago
    Reading.objects.filter(sensor=weak, values=[0, 0, 0]).delete()
    stored(strong, [3.0], [-3.0], [3.0], [-3.0])
    found = motion(site)["shaking"]
    assert [(one["key"], one["readings"], one["unit"]) for one in found] == [("strong", 4, "g"), ("weak", 2, "m/s²")]
    assert found[0]["rms"] == pytest.approx([3.0])
    assert found[1]["rms"] == pytest.approx([1.0, 0.0, 0.0])
    assert (found[0]["label"], found[1]["components"], found[1]["serial"]) == ("Pier 3", ["x", "y", "z"], "MAS1")


def test_an_excursion_is_counted_once_however_many_readings_it_lasts() -> None:
    site = rows.site(site_type="dam")
    crack = sensor(site, "crack", lower_limit=-1.0, upper_limit=2.0, latest_time=timezone.now())
    sensor(site, "calm", upper_limit=9.0, latest_time=timezone.now() - timedelta(hours=23))
    sensor(site, "silent", upper_limit=9.0, latest_time=timezone.now() - timedelta(hours=25))
    stored(sensor(site, "free"), [1e9])
    stored(crack, [0.0], [2.5], [2.6], [2.0], [0.0, -1.5], [1.0])
    found = motion(site)
    assert found["limited"] == 2
    [one] = found["excursions"]
    assert (one["key"], one["times"], one["lower_limit"], one["upper_limit"]) == ("crack", 2, -1.0, 2.0)
    beyond = Reading.objects.filter(sensor=crack, values__in=[[2.5], [0.0, -1.5]]).order_by("time")
    assert [one["first"], one["last"]] == [
        each.time.isoformat(timespec="milliseconds").replace("+00:00", "Z") for each in beyond
    ]


def test_a_site_that_measures_neither_has_neither() -> None:
    found = motion(rows.site())
    assert (found["shaking"], found["excursions"], found["limited"]) == ([], [], 0)


def test_of_a_single_reading_there_is_no_shaking_and_the_greatest_numbers_do_not_overflow() -> None:
    site = rows.site(site_type="bridge")
    stored(sensor(site, "new", kind="accelerometer"), [3.0, 4.0])
    stored(sensor(site, "odd", kind="accelerometer"), [1.7e308], [-1.7e308])
    odd, new = motion(site)["shaking"]
    assert (odd["key"], odd["rms"]) == ("odd", [1e145])
    assert (new["key"], new["readings"], new["rms"]) == ("new", 1, [])
    assert new["last"].startswith(f"{Reading.objects.get(sensor=new['sensor']).time:%Y-%m-%dT%H:%M:%S}")


@pytest.mark.parametrize("quality", ["bad", "calibrating", "offline"])
def test_readings_that_say_that_they_are_none_do_not_count(quality: str) -> None:
    site = rows.site(site_type="bridge")
    both = sensor(site, "acc", kind="accelerometer", upper_limit=5.0, latest_time=timezone.now())
    stored(both, [1.0], [-1.0], [99.0])
    Reading.objects.filter(values=[99.0]).update(quality=quality)
    found = motion(site)
    assert (found["shaking"][0]["readings"], found["shaking"][0]["rms"]) == (2, [1.0])
    assert found["excursions"] == []


def hours_ago(number: int) -> datetime:
    return THIS_HOUR - timedelta(hours=number)


def rolled(sensor: Sensor, start: datetime, least: float, most: float, readings: int = 6, **more: bool) -> None:
    RollupEdge.objects.update_or_create(pk=1, defaults={"announced": timezone.now(), "rolled": hours_ago(0)})
    Rollup.objects.create(
        sensor=sensor, time=start, readings=readings, minima=[least], sums=[0], maxima=[most], counts=[readings], **more
    )


def test_an_excursion_of_hours_ago_is_found_in_its_hour_and_goes_on_into_the_next() -> None:
    site = rows.site(site_type="dam")
    crack = sensor(site, "crack", upper_limit=2.0, latest_time=timezone.now())
    for age, values in ((9, [0, 3]), (8, [3, 0]), (5, [3, 3]), (4, [0, 0]), (3, [3, 0])):
        rolled(crack, hours_ago(age), min(values), max(values))
        halves = ((hours_ago(age) + n * timedelta(minutes=30), value) for n, value in enumerate(values))
        Reading.objects.bulk_create(rows.reading(crack, at, value) for at, value in halves)
    found = motion(site)
    assert [one["times"] for one in found["excursions"]] == [3]
    assert parse_datetime(found["since"]) < hours_ago(22)


def test_hours_whose_rollup_keeps_the_limits_are_not_read_unless_readings_came_since() -> None:
    site = rows.site(site_type="dam")
    calm, late = (sensor(site, key, lower_limit=-2.0, latest_time=timezone.now()) for key in ("calm", "late"))
    for each, is_stale in ((calm, False), (late, True)):
        rolled(each, hours_ago(3), 0, 0, is_stale=is_stale)
        Reading.objects.bulk_create([rows.reading(each, hours_ago(3), -9.0)])
    assert [one["key"] for one in motion(site)["excursions"]] == ["late"]


def test_of_more_than_can_be_read_the_newest_is_told_and_since_when() -> None:
    site = rows.site(site_type="dam")
    crack = sensor(site, "crack", upper_limit=2.0, latest_time=timezone.now())
    for age in (3, 2):
        rolled(crack, hours_ago(age), 0, 9, readings=motion_of.READINGS - 1)
        Reading.objects.bulk_create([rows.reading(crack, hours_ago(age), 9.0)])
    found = motion(site)
    assert [one["times"] for one in found["excursions"]] == [1]
    assert parse_datetime(found["since"]) == hours_ago(2)


def test_where_nothing_is_rolled_up_two_hours_are_looked_at() -> None:
    site = rows.site(site_type="dam")
    crack = sensor(site, "crack", upper_limit=2.0, latest_time=timezone.now())
    stored(crack, [9.0], [9.0], every=timedelta(hours=3))
    asked = timezone.now()
    found = motion(site)
    assert [one["times"] for one in found["excursions"]] == [1]
    assert parse_datetime(found["since"]) > asked - timedelta(hours=2, seconds=1)
