"""What a datalogger did lately: trends, the hours of two weeks, and the message that a reading came with."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from mqtt_app.models import DiscoveredTopic, MqttConnection, RawMessage, TopicSample
from sites import lately
from sites.models import Datalogger, Reading, Role
from tests import rows

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)


@pytest.fixture
def field():
    there = rows.furnished()
    Reading.objects.all().delete()
    return there


def read(field, *ages: timedelta, now: datetime = NOW) -> None:
    Reading.objects.bulk_create(rows.reading(field.sensor, now - age, float(n), 0.5, 0.0) for n, age in enumerate(ages))


def test_a_trend_holds_the_last_readings_oldest_first(field):
    read(field, *(timedelta(seconds=n) for n in range(lately.LATEST + 5)), timedelta(days=3))
    [trend] = lately.trends(field.datalogger, NOW)
    assert (trend.sensor, len(trend.value), trend.value[-1]) == (field.sensor.pk, lately.LATEST, 0.0)
    assert trend.since == NOW - timedelta(seconds=lately.LATEST - 1)


def test_one_reading_is_no_trend(field):
    read(field, timedelta(seconds=5))
    assert lately.trends(field.datalogger, NOW) == []


def test_a_day_tells_the_hours_in_which_it_was_heard_by_the_clocks_of_the_site(field):
    field.site.timezone = "Asia/Tokyo"
    field.site.save()
    Datalogger.objects.update(first_seen_at=NOW - timedelta(days=30))
    read(field, timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=5), timedelta(days=1))
    days = lately.availability(Datalogger.objects.select_related("site").get(), NOW)
    assert (len(days), days[-1].day.isoformat()) == (14, "2026-03-20")
    assert (days[-1].heard, days[-1].hours) == (2, 20)  # 19:30 there
    assert (days[-2].heard, days[-2].hours, days[0].hours) == (1, 24, 24)


def test_before_it_was_first_seen_there_are_no_hours_to_be_heard_in(field):
    Datalogger.objects.update(first_seen_at=NOW - timedelta(hours=3))
    read(field, timedelta(minutes=1))
    days = lately.availability(Datalogger.objects.select_related("site").get(), NOW)
    assert [(day.heard, day.hours) for day in days[-2:]] == [(0, 0), (1, 4)]


def origin(field, at: datetime) -> dict:
    client = rows.browser(rows.person("vera", Role.VIEWER, field.site))
    return client.get(f"/api/v1/sensors/{field.sensor.pk}/origin/", {"at": at.isoformat(), "width_s": 10}).json()


def test_a_point_leads_to_the_very_message_where_that_is_kept(field):
    now = timezone.now()
    read(field, timedelta(0), now=now)
    received = Reading.objects.get().received_at
    MqttConnection.objects.update(keep_raw_days=3)
    for age, serial in ((0, field.datalogger.serial), (0, "somebody else"), (2, field.datalogger.serial)):
        RawMessage.objects.create(
            connection=field.connection, received_at=received - timedelta(seconds=age), qos=1, retain=False,
            fate="stored", topic="a/b", payload=f'{{"serial": "{serial}", "age": {age}}}'.encode(),
        )  # fmt: skip
    answer = origin(field, now)
    assert answer["message"]["shown"] == {"json": {"serial": field.datalogger.serial, "age": 0}}
    assert (answer["message"]["is_exact"], answer["keeps_raw_days"]) == (True, 3)
    assert answer["reading"]["values"] == [0.0, 0.5, 0.0]


def test_where_it_is_not_kept_the_nearest_sample_stands_for_it_and_says_so(field):
    now = timezone.now()
    read(field, timedelta(0), now=now)
    received = Reading.objects.get().received_at
    topic = DiscoveredTopic.objects.get()
    TopicSample.objects.create(
        topic=topic, slot=0, received_at=received + timedelta(seconds=4), qos=1, retain=False, size=9,
        payload=field.datalogger.serial.encode(),
    )  # fmt: skip
    answer = origin(field, now)
    assert (answer["message"]["is_exact"], answer["message"]["topic_id"]) == (False, topic.pk)
    assert answer["keeps_raw_days"] == 0


def test_without_a_reading_there_is_nothing_to_come_from(field):
    assert origin(field, timezone.now()) == {"reading": None, "message": None, "keeps_raw_days": 0}
