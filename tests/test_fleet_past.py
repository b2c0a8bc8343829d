"""A new fleet has a day behind it: told once, always the same, with its silences as gaps and its dead as dead."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from mqtt_app.models import DiscoveredTopic, LedgerMinute, MqttConnectionLog
from mqtt_app.records import origins
from project.local import past, plant, seed
from project.local.ports import free_port
from sites import charts, rollups
from sites.models import Datalogger, OfflineReason, Presence, Reading, Sensor
from sites.upsert import query

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 6, 1, 12, tzinfo=UTC)
INTERVAL = 60.0
DAY = timedelta(days=1)


@pytest.fixture
def specs() -> list[plant.SiteSpec]:
    """The fleet's sites, which have heard nothing yet."""
    seed.fleet("mqtt://127.0.0.1:1883")
    return [plant.site(f"{place.slug}:{place.kind.value}", 1, BEGIN.timestamp()) for place in seed.FLEET]


def tell(specs: list[plant.SiteSpec]) -> int:
    return sum(past.tell(spec, INTERVAL) for spec in specs)


def readings() -> list[tuple[str, str, datetime, list[float]]]:
    """All of history, by what it was read with."""
    names = ("sensor__datalogger__serial", "sensor__datalogger__site__slug", "sensor__key", "time", "values")
    return list(Reading.objects.order_by(*names[:4]).values_list(*names))


def sensor(serial: str, key: str, slug: str) -> Sensor:
    return Sensor.objects.get(datalogger__serial=serial, datalogger__site__slug=slug, key=key)


def gaps(one: Sensor, since: datetime, until: datetime) -> list[datetime]:
    """The buckets of a chart in which nothing was read."""
    chart = charts.thin(one, since, until, 1_500)
    return [
        datetime.fromtimestamp(at, UTC) for at, count in zip(chart["time"], chart["count"], strict=True) if not count
    ]


def test_every_device_has_a_day_of_readings_and_the_topics_are_known(specs: list[plant.SiteSpec]) -> None:
    assert tell(specs) > 20_000
    empty = [one for one in Sensor.objects.all() if one.readings.filter(time__lt=BEGIN - DAY / 2).count() < 30]
    assert empty == []
    assert Datalogger.objects.filter(first_seen_at__gt=BEGIN - DAY / 2).count() == 0
    telemetry = DiscoveredTopic.objects.get(topic_path="ponte_san_lazzaro/gateway/1/dataloggers/telemetry")
    assert telemetry.message_count == 1 + 24 * 60
    assert (telemetry.first_seen_at, telemetry.last_seen_at) == (BEGIN - DAY, BEGIN)


def test_it_is_told_once(specs: list[plant.SiteSpec]) -> None:
    tell(specs)
    before = Reading.objects.count()
    assert tell(specs) == 0
    assert Reading.objects.count() == before


def test_it_is_always_the_same(specs: list[plant.SiteSpec]) -> None:
    tell(specs[:1])
    first = readings()
    Reading.objects.all().delete()
    Datalogger.objects.all().delete()
    tell(specs[:1])
    assert readings() == first


def test_charts_have_gaps_where_nobody_spoke_and_nowhere_else(specs: list[plant.SiteSpec]) -> None:
    tell(specs)
    silent = specs[1].story.gateway_silences[0]
    begin, end = (datetime.fromtimestamp(at, UTC) for at in silent)
    heard = sensor("MNA001001", "accelerometer", "ponte_san_lazzaro")
    quiet = sensor("MNA002001", "accelerometer", "ponte_san_lazzaro")
    assert gaps(heard, BEGIN - DAY + timedelta(minutes=6), BEGIN - timedelta(minutes=6)) == []
    assert gaps(heard, BEGIN - timedelta(hours=9), BEGIN - timedelta(hours=8)) == []
    found = gaps(quiet, BEGIN - DAY + timedelta(minutes=6), BEGIN - timedelta(minutes=6))
    assert begin - timedelta(minutes=3) < min(found)
    assert max(found) < end


def test_charts_say_the_same_once_the_day_is_rolled_up(specs: list[plant.SiteSpec]) -> None:
    rollups.forget()
    tell(specs)
    one = sensor("MNA001001", "accelerometer", "ponte_san_lazzaro")
    before = charts.thin(one, BEGIN - DAY, BEGIN, 25)
    rollups.announce(BEGIN)
    query("UPDATE sites_rollupedge SET since = since - interval '1 hour'")
    assert rollups.roll(BEGIN, 60)["hours"] >= 23
    query("DELETE FROM sites_reading WHERE time >= %s AND time < %s", [BEGIN - DAY / 2, BEGIN - DAY / 4])
    after = charts.thin(one, BEGIN - DAY, BEGIN, 25)
    assert (before["bucket_s"], after["count"]) == (3_600, before["count"])
    assert [line["avg"] for line in after["series"]] == [pytest.approx(line["avg"]) for line in before["series"]]
    rollups.forget()


def test_the_dead_piezometer_is_offline_since_its_last_words(specs: list[plant.SiteSpec]) -> None:
    tell(specs)
    dead = Datalogger.objects.get(serial="PZ203")
    assert (dead.status, dead.offline_reason) == (Presence.OFFLINE, OfflineReason.SILENT)
    assert dead.last_seen_at is not None
    assert dead.last_seen_at < dead.status_since < BEGIN - timedelta(hours=4)
    assert list(Datalogger.objects.exclude(status=Presence.ONLINE)) == [dead]
    last = sensor("PZ203", "pressure", "diga_valdora")
    assert last.latest_values is not None
    assert last.latest_values[0] < 10
    assert not last.readings.filter(time__gt=dead.last_seen_at + timedelta(seconds=2)).exists()
    words = origins.last_words(dead)
    assert words is not None
    assert b"PZ203" in words.payload
    assert words.received_at == dead.last_seen_at


def test_the_outage_of_the_plant_is_in_the_log_and_in_its_charts(specs: list[plant.SiteSpec]) -> None:
    tell(specs)
    cut = specs[2].story.outage
    lines = MqttConnectionLog.objects.filter(connection__site__slug="campo_colle").order_by("timestamp")
    assert [line.retry_attempt for line in lines] == [0, 1, 2, 3, 4, 0]
    assert lines[1].timestamp.timestamp() == cut.begin
    assert gaps(sensor("field_1", "irradiance", "campo_colle"), *(datetime.fromtimestamp(at, UTC) for at in cut))


def test_the_ledger_counts_nothing_that_never_came_over_mqtt(specs: list[plant.SiteSpec]) -> None:
    tell(specs)
    assert not LedgerMinute.objects.exists()


def test_a_large_fleet_has_a_past_at_its_first_sites_only() -> None:
    places = seed.places(5)
    nobody = f"mqtt://127.0.0.1:{free_port()}"
    assert seed.fleet(nobody, places) == [place.slug for place in places]
    assert len({place.slug for place in places} | {place.name for place in places}) == 10
    call_command("simulate", "--past", "--sites", "5", "--interval", "60", "--duration", "0.1", "--mqtt-url", nobody)
    assert set(Datalogger.objects.values_list("site__slug", flat=True)) == {place.slug for place in seed.FLEET}
