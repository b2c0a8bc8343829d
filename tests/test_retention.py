"""Housekeeping: what is older than it is kept goes, a site may keep its readings shorter, and one run is enough."""

from datetime import datetime, timedelta

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mqtt_app import assignments, ingest, silence
from mqtt_app.models import Batch, LedgerMinute, MqttConnectionLog, MqttParsingLog, Pulse
from mqtt_app.upkeep import housekeeping
from sites import history
from sites.models import Datalogger, Reading, Role, Sensor, Site
from tests import rows
from tests.field import batch, connect, message, telemetry

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def days(number: float) -> datetime:
    """So many days ago."""
    return NOW - timedelta(days=number)


def sensor(slug: str, keep: int | None) -> Sensor:
    device = Datalogger.objects.create(site=rows.site(slug, readings_keep_days=keep), serial="MNA000123")
    return Sensor.objects.create(datalogger=device, key="t")


def fill(*sensors: Sensor) -> None:
    """One reading of each sensor at four ages, in partitions that are there."""
    history.make_partitions(NOW, timedelta(days=400))
    Reading.objects.bulk_create([rows.reading(one, days(age), age) for one in sensors for age in (1, 29, 31, 200)])


def ages(one: Sensor) -> list[float]:
    return sorted(value for (value,) in Reading.objects.filter(sensor=one).values_list("values", flat=True))


def test_a_site_keeps_its_readings_shorter_and_the_others_keep_theirs() -> None:
    short, shorter, long = sensor("short", 30), sensor("shorter", 2), sensor("long", None)
    fill(short, shorter, long)
    gone = housekeeping.clean()
    assert gone
    assert gone["readings of sites that keep them shorter"] == 5
    assert (ages(short), ages(shorter), ages(long)) == ([1, 29], [1], [1, 29, 31, 200])
    assert Pulse.objects.get(name="housekeeping").detail == gone


def test_readings_go_in_slices_and_all_of_them_go() -> None:
    one = sensor("short", 30)
    history.make_partitions(NOW, timedelta(days=400))
    Reading.objects.bulk_create([rows.reading(one, days(40 + n / 10), n) for n in range(25)])
    assert history.trim(NOW, 4) == 25
    assert history.trim(NOW, 4) == 0


def test_readings_beyond_the_partitions_go_too() -> None:
    one = sensor("short", 30)
    Reading.objects.bulk_create([rows.reading(one, days(3_000), 1.0)])
    assert history.trim(NOW, 4) == 1


def test_a_device_time_older_than_the_sites_retention_is_believed_until_the_next_cleaning() -> None:
    held = connect()
    Site.objects.update(readings_keep_days=30)
    ingest.ingest(batch(held, message(payload=telemetry(1.0, 2.0, 3.0, at=days(31).isoformat()))))
    assert list(Reading.objects.values_list("time", "quality")) == [(days(31), "good")]
    housekeeping.clean()
    assert not Reading.objects.exists()
    assert Sensor.objects.get().latest_values == [1.0, 2.0, 3.0]


def test_what_is_older_than_it_is_kept_goes() -> None:
    held = connect()
    for age in (1, 1_000):
        Batch.objects.create(size=1, begun_at=days(age))
        MqttConnectionLog.objects.create(connection=held, message="x", timestamp=days(age))
        MqttParsingLog.objects.create(
            site=held.site,
            topic="t",
            received_at=NOW,
            timestamp=days(age),
            error_type="e",
            payload=b"",
            error_message="",
        )
        LedgerMinute.objects.create(connection=held, epoch=1, qos=1, minute=days(age))
    gone = housekeeping.clean()
    assert gone
    assert {name: count for name, count in gone.items() if count} == {
        "batches": 1, "connection logs": 1, "parsing logs": 1, "ledger minutes": 1
    }  # fmt: skip


def test_a_second_run_leaves_the_work_to_the_first() -> None:
    one = sensor("short", 30)
    fill(one)
    arguments = {name: value for name, value in connection.get_connection_params().items() if name in ADDRESS}
    with psycopg.connect(**arguments, autocommit=True) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s)", [housekeeping.LOCK])
        assert housekeeping.clean() is None
        assert len(ages(one)) == 4
        elsewhere.execute("SELECT pg_advisory_unlock(%s)", [housekeeping.LOCK])
    assert housekeeping.clean() is not None
    assert len(ages(one)) == 2
    assert housekeeping.clean() is not None  # the lock was given back
    with psycopg.connect(**arguments, autocommit=True) as elsewhere:
        assert elsewhere.execute("SELECT pg_try_advisory_lock(%s)", [housekeeping.LOCK]).fetchone() == (True,)


def test_three_that_run_once_at_a_time_do_not_wait_for_each_other() -> None:
    assert len({assignments.LOCK, housekeeping.LOCK, silence.LOCK}) == 3


ADDRESS = ("host", "port", "user", "password", "dbname")


@pytest.mark.parametrize("wrong", [0, 401])
def test_a_site_keeps_readings_at_least_a_day_and_no_longer_than_all_sites(wrong: int) -> None:
    place = rows.site()
    place.readings_keep_days = wrong
    with pytest.raises(ValidationError, match="Between 1 and 400 days"):
        place.full_clean()


def test_a_sites_retention_is_read_and_written_in_rest_and_admin() -> None:
    place = rows.site()
    ada: Client = rows.browser(rows.person("ada", Role.ADMIN, place))
    path = f"/api/v1/sites/{place.pk}/"
    assert ada.get(path).json()["readings_keep_days"] is None
    for value, status in ((30, 200), (401, 422), (0, 422), (None, 200), (7, 200)):
        answer = ada.patch(path, {"readings_keep_days": value}, content_type="application/json")
        assert (answer.status_code, status == 422 or answer.json()["readings_keep_days"] == value) == (status, True)
    root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    made = {"name": "Dam", "slug": "dam", "readings_keep_days": 9}
    assert root.post("/api/v1/sites/", made, content_type="application/json").json()["readings_keep_days"] == 9
    form = {"name": place.name, "slug": place.slug, "site_type": "dam", "timezone": "UTC", "readings_keep_days": ""}
    form |= {"unknown_devices": "accept"}
    assert root.post(reverse("admin:sites_site_change", args=[place.pk]), form).status_code == 302
    place.refresh_from_db()
    assert place.readings_keep_days is None
