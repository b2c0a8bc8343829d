"""What people call a sensor, the unit they see it in, and the limits that its values should keep."""

import pytest
from django.utils import timezone

from sites import devices
from sites.heard import Heard
from sites.models import AuditEntry, Role, Sensor
from sites.reports import DataloggerReport, Report, SensorReport
from tests import rows

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def field():
    found = rows.furnished()
    found.path = f"/api/v1/sensors/{found.sensor.pk}/"
    found.ada = rows.browser(rows.person("ada", Role.OPERATOR, found.site))
    return found


def test_an_operator_labels_a_sensor_and_says_its_limits_and_the_trail_tells_who(field) -> None:
    said = {"label": " Pier 2 ", "own_unit": "bar", "lower_limit": -1.5, "upper_limit": 4}
    answer = field.ada.patch(field.path, said, content_type=JSON)
    assert answer.status_code == 200, answer.content
    assert said | {"label": "Pier 2"} == {name: answer.json()[name] for name in said}
    entry = AuditEntry.objects.filter(kind="sensor").latest("id")
    assert (entry.actor, entry.site_id, entry.label) == ("ada", field.site.pk, field.sensor.key)
    assert entry.changes["upper_limit"] == [None, 4]
    chart = field.ada.get(f"{field.path}readings").json()
    assert chart["unit"] == "bar"


def test_a_label_and_a_chosen_unit_go_wherever_the_sensor_is_shown(field) -> None:
    Sensor.objects.filter(pk=field.sensor.pk).update(latest_values=[2.4])
    field.ada.patch(field.path, {"label": "Pier 2", "own_unit": "bar"}, content_type=JSON)
    [device] = field.ada.get("/api/v1/dataloggers/").json()["items"]
    [shown] = [one for one in device["latest"] if one["id"] == field.sensor.pk]
    assert (shown["label"], shown["own_unit"], shown["key"]) == ("Pier 2", "bar", field.sensor.key)
    [found] = field.ada.get("/api/v1/sensors/?search=pier").json()["items"]
    assert found["id"] == field.sensor.pk
    page = rows.browser(rows.person("root", is_superuser=True, is_staff=True)).get("/admin/sites/sensor/").content
    assert b"Pier 2" in page
    assert b">bar<" in page


def test_what_is_left_out_stays_and_null_takes_a_limit_away(field) -> None:
    field.ada.patch(field.path, {"label": "Pier 2", "lower_limit": 1, "upper_limit": 4}, content_type=JSON)
    answer = field.ada.patch(field.path, {"lower_limit": None}, content_type=JSON).json()
    assert (answer["label"], answer["lower_limit"], answer["upper_limit"]) == ("Pier 2", None, 4)


def test_an_upper_limit_below_the_lower_one_is_refused_whichever_comes_last(field) -> None:
    assert field.ada.patch(field.path, {"upper_limit": 4}, content_type=JSON).status_code == 200
    answer = field.ada.patch(field.path, {"lower_limit": 5}, content_type=JSON)
    assert answer.status_code == 422
    assert Sensor.objects.get(pk=field.sensor.pk).lower_limit is None


def test_a_message_changes_nothing_of_what_people_said(field) -> None:
    field.ada.patch(field.path, {"label": "Pier 2", "own_unit": "bar", "upper_limit": 4}, content_type=JSON)
    trail = AuditEntry.objects.count()
    sensor = Sensor.objects.get(pk=field.sensor.pk)
    now = timezone.now()
    reading = SensorReport(key=sensor.key, values=(77.0,), components=("value",), unit="kPa", time=now)
    report = Report(dataloggers=(DataloggerReport(serial=field.datalogger.serial, sensors=(reading,)),))
    devices.store([Heard(field.site.pk, report, now, False, now)])
    after = Sensor.objects.get(pk=field.sensor.pk)
    assert (after.latest_values, after.unit) == ([77.0], "kPa")
    assert (after.label, after.own_unit, after.upper_limit) == ("Pier 2", "bar", 4)
    assert AuditEntry.objects.count() == trail
