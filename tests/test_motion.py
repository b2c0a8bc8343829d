"""GET sites/{id}/motion/: how a structure shakes axis by axis, and which of its values went beyond their limits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sites.models import Datalogger, Reading, Role, Sensor, Site
from tests import rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


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
    assert motion(rows.site()) == {"shaking": [], "excursions": [], "limited": 0}
