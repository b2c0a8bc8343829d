"""What people are told of: once for each change, when it has lasted, and when they want to hear it."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from mqtt_app.alerting import notices, problems
from mqtt_app.models import Incident, LedgerMinute, Maintenance, MqttConnection, Notice, NoticeRule
from sites.models import Datalogger, Gateway, Site
from tests.telling import CONNECTED, Service, fall, listening, pass_time, sound, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as server:
        yield server


@pytest.fixture
def field() -> SimpleNamespace:
    return sound()


@pytest.fixture
def rule(field: SimpleNamespace, service: Service) -> NoticeRule:
    return watch(field, service)


def test_a_fall_and_a_return_are_each_told_once(field, rule, service) -> None:
    fall(field)
    notices.tick()
    assert service.told == []
    pass_time(61)
    for _ in range(3):
        notices.tick()
    [said] = service.told
    assert "Broker broker.example:1883: not connected" in said["message"]
    MqttConnection.objects.update(status=CONNECTED)
    notices.tick()
    pass_time(61)
    notices.tick()
    notices.tick()
    assert [one["title"].partition(": ")[2].split()[0] for one in service.told] == ["Broker", "Well"]
    assert Notice.objects.count() == 2


def test_who_mends_a_wrong_address_reads_of_the_right_one_that_it_is_well(field, rule, service) -> None:
    fall(field)
    notices.tick()
    pass_time(61)
    notices.tick()
    MqttConnection.objects.update(status=CONNECTED, broker_host="mended.example", broker_port=8883)
    notices.tick()
    pass_time(61)
    notices.tick()
    fallen, well = service.told
    assert "Broker broker.example:1883: not connected" in fallen["message"]
    assert "Well again: broker mended.example:8883 (it lasted" in well["message"]


def test_a_gateway_explains_its_dataloggers_and_all_is_one_message(field, rule, service) -> None:
    silent = {"status": "offline", "offline_reason": "silent", "last_seen_at": timezone.now()}
    Gateway.objects.update(**silent, status_since=timezone.now())
    Datalogger.objects.update(status="offline", offline_reason="gateway", status_since=timezone.now())
    alone = Datalogger.objects.create(site=field.site, serial="ALONE", **silent)
    notices.tick()
    pass_time(61)
    notices.tick()
    [said] = service.told
    assert said["title"] == f"{field.site.name}: 2 wrong"
    assert "gateway_1" in said["message"]
    assert alone.serial in said["message"]
    assert field.datalogger.serial not in said["message"]


def test_failures_above_the_rate_and_a_ledger_that_does_not_balance_are_found(field, rule, service) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    book = {"connection": field.connection, "epoch": 1, "qos": 1}
    LedgerMinute.objects.create(**book, minute=now - timedelta(minutes=1), received=100, stored=80, failed=20)
    LedgerMinute.objects.create(**book, minute=now - timedelta(minutes=30), received=10, stored=7, is_closed=True)
    assert {(one.problem, one.percent) for one in problems.find(timezone.now())} == {("failures", 20), ("ledger", 100)}
    notices.tick()
    pass_time(61)
    notices.tick()
    assert "20 % of the messages" in service.told[0]["message"]
    assert "3 messages are unaccounted for" in service.told[0]["message"]


def test_a_stopped_connection_is_no_problem(field, rule, service) -> None:
    MqttConnection.objects.update(status="disconnected", is_active=False)
    assert problems.find(timezone.now()) == []


def test_during_maintenance_nothing_is_told_and_afterwards_what_is_still_wrong(field, rule, service) -> None:
    now = timezone.now()
    Maintenance.objects.create(site=field.site, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    fall(field)
    notices.tick()
    pass_time(600)
    notices.tick()
    assert service.told == []
    Maintenance.objects.update(ends_at=now - timedelta(seconds=1))
    notices.tick()
    assert len(service.told) == 1


def test_in_quiet_hours_it_waits(field, rule, service) -> None:
    here = timezone.now()
    NoticeRule.objects.update(
        quiet_from=(here - timedelta(hours=1)).time(), quiet_to=(here + timedelta(hours=1)).time()
    )
    fall(field)
    notices.tick()
    pass_time(120)
    notices.tick()
    assert service.told == []
    NoticeRule.objects.update(quiet_from=None)
    notices.tick()
    assert len(service.told) == 1


def work(hours_from: float, hours_to: float) -> None:
    """The site works from so many hours after now to so many."""
    now = timezone.now()
    start, end = (now + timedelta(hours=hours) for hours in (hours_from, hours_to))
    Site.objects.update(timezone="UTC", works_from=start.time(), works_to=end.time())


def fall_silent(seconds_ago: float) -> None:
    since = timezone.now() - timedelta(seconds=seconds_ago)
    Gateway.objects.update(status="offline", offline_reason="silent", last_seen_at=since, status_since=since)


def test_a_device_out_of_its_working_hours_does_not_ring(field, rule, service) -> None:
    work(1, 2)
    fall_silent(3_600)
    notices.tick()
    assert not Incident.objects.exists()
    fall(field)
    notices.tick()
    pass_time(61)
    notices.tick()
    assert [one["title"].partition(": ")[2].split()[0] for one in service.told] == ["Broker"]


def test_in_the_morning_a_device_has_its_interval_to_be_heard_before_it_rings(field, rule, service) -> None:
    Gateway.objects.update(interval_s=120)
    work(-0.05, 2)
    fall_silent(36_000)
    notices.tick()
    assert not Incident.objects.exists(), "180 s of the day have gone, and it may take 300"
    work(-0.1, 2)
    notices.tick()
    [said] = service.told
    assert "(6 min)" in said["message"], "its time runs from the morning"


def test_what_fell_before_the_evening_waits_for_the_morning_and_is_not_well_meanwhile(field, rule, service) -> None:
    Gateway.objects.update(interval_s=10)
    work(-2, 1)
    fall_silent(30)
    notices.tick()
    work(-2, -1 / 3600)
    pass_time(300)
    notices.tick()
    notices.tick()
    assert service.told == []
    assert Incident.objects.get().ended_at is None
    work(-0.05, 2)
    notices.tick()
    assert "offline" in service.told[0]["message"]


def test_a_datalogger_that_is_muted_rings_nobody_until_then(field, rule, service) -> None:
    since = timezone.now() - timedelta(minutes=5)
    Datalogger.objects.update(status="offline", offline_reason="silent", last_seen_at=since, status_since=since)
    Gateway.objects.update(status="online")
    Datalogger.objects.update(muted_until=timezone.now() + timedelta(hours=1))
    notices.tick()
    assert service.told == []
    Datalogger.objects.update(muted_until=timezone.now() - timedelta(seconds=1))
    notices.tick()
    assert len(service.told) == 1


def test_what_was_told_and_is_heard_at_night_is_well_again(field, rule, service) -> None:
    fall_silent(120)
    notices.tick()
    work(1, 2)
    Gateway.objects.update(status="online", offline_reason="")
    notices.tick()
    pass_time(61)
    notices.tick()
    assert [one["title"].partition(": ")[2].split()[0] for one in service.told] == ["Gateway", "Well"]


def test_a_hidden_site_and_a_rule_that_is_off_say_nothing(field, rule, service) -> None:
    fall(field)
    notices.tick()
    pass_time(61)
    Site.objects.update(is_active=False)
    notices.tick()
    Site.objects.update(is_active=True)
    NoticeRule.objects.update(is_active=False)
    notices.tick()
    assert service.told == []
