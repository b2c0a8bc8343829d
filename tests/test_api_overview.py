"""GET overview/: every site at a glance, with one word for the worst of it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from mqtt_app.models import LedgerMinute, MqttConnection
from mqtt_app.overview import Word, data_word, link_word, worst
from sites.hours import at_work, opened_at
from sites.models import Datalogger, Gateway, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.mark.parametrize(
    ("wanted", "status", "word"),
    [
        (True, "connected", Word.LIVE),
        (True, "connecting", Word.DOWN),
        (True, "error", Word.DOWN),
        (True, "disconnected", Word.APPLYING),
        (False, "connected", Word.APPLYING),
        (False, "disconnected", Word.PAUSED),
    ],
)
def test_a_link_is_judged_by_its_wish_and_its_fact(wanted: bool, status: str, word: Word) -> None:
    assert link_word(MqttConnection(is_active=wanted, status=status)) is word


@pytest.mark.parametrize(
    ("age_s", "word"), [(0, Word.LIVE), (25, Word.LIVE), (26, Word.LATE), (50, Word.LATE), (51, Word.QUIET)]
)
def test_data_is_late_after_two_and_a_half_intervals_and_quiet_after_five(age_s: int, word: Word) -> None:
    assert data_word(NOW - timedelta(seconds=age_s), 10, NOW) is word


def test_a_site_that_never_spoke_waits_and_one_without_connection_is_paused() -> None:
    assert data_word(None, 10, NOW) is Word.WAITING
    assert link_word(None) is Word.PAUSED


def test_a_silent_device_makes_a_live_site_quiet_and_says_nothing_behind_a_closed_link() -> None:
    assert worst(Word.LIVE, Word.LIVE, offline=1) is Word.QUIET
    assert worst(Word.LIVE, Word.LATE, offline=0) is Word.LATE
    assert worst(Word.PAUSED, Word.QUIET, offline=3) is Word.PAUSED


def test_outside_of_its_working_hours_a_silent_site_sleeps() -> None:
    field = rows.furnished()
    MqttConnection.objects.update(status="connected", last_message_at=NOW - timedelta(hours=2))
    client = rows.browser(rows.person("ada", Role.VIEWER, field.site))
    here = timezone.now()
    for until, said in ((here + timedelta(hours=1), "quiet"), (here - timedelta(hours=1), "asleep")):
        Site.objects.update(works_from=(here - timedelta(hours=2)).time(), works_to=until.time())
        [site] = client.get("/api/v1/overview/").json()["sites"]
        assert (site["word"], site["data"]) == (said, said)
    MqttConnection.objects.update(status="error")
    assert client.get("/api/v1/overview/").json()["sites"][0]["word"] == "down"


def test_what_a_device_said_a_moment_ago_counts_before_the_listener_tells_of_the_connection() -> None:
    field, now = rows.furnished(), timezone.now()
    Datalogger.objects.update(status="online", interval_s=60, last_seen_at=now)
    Gateway.objects.update(status="online")
    MqttConnection.objects.update(status="connected", last_message_at=now - timedelta(minutes=20))
    client = rows.browser(rows.person("ada", Role.VIEWER, field.site))
    [site] = client.get("/api/v1/overview/").json()["sites"]
    assert (site["word"], site["data"]) == ("live", "live")
    status = client.get(f"/api/v1/mqtt/site/{field.site.pk}/status/").json()
    assert datetime.fromisoformat(status["last_message_at"]) >= now - timedelta(milliseconds=1)
    assert status["last_message_at"] == site["connection"]["last_message_at"]


@pytest.mark.parametrize(
    ("start", "end", "at", "works"),
    [
        (None, None, "03:00", True),
        ("08:00", "08:00", "03:00", True),
        ("06:00", "20:00", "19:59", True),
        ("06:00", "20:00", "20:00", False),
        ("22:00", "05:00", "23:30", True),
        ("22:00", "05:00", "05:00", False),
    ],
)
def test_working_hours_are_of_the_sites_own_clocks_and_may_pass_midnight(start, end, at, works) -> None:
    hour = time.fromisoformat
    site = Site(timezone="Europe/Rome", works_from=start and hour(start), works_to=end and hour(end))
    assert at_work(site, datetime.combine(date(2026, 1, 5), hour(at), ZoneInfo("Europe/Rome"))) is works


@pytest.mark.parametrize(
    ("start", "end", "at", "opened"),
    [
        ("06:00", "20:00", "05 07:30", "05 06:00"),
        ("06:00", "20:00", "05 05:59", None),
        ("22:00", "05:00", "05 23:30", "05 22:00"),
        ("22:00", "05:00", "05 04:00", "04 22:00"),
    ],
)
def test_the_working_hours_that_one_is_in_began_on_the_day_they_began(start, end, at, opened) -> None:
    def here(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-01-{text}").replace(tzinfo=ZoneInfo("Europe/Rome"))

    site = Site(timezone="Europe/Rome", works_from=time.fromisoformat(start), works_to=time.fromisoformat(end))
    assert opened_at(site, here(at)) == (opened and here(opened))


def test_the_overview_counts_devices_by_state_and_messages_by_minute() -> None:
    field = rows.furnished()
    MqttConnection.objects.update(status="connected", last_message_at=timezone.now())
    Datalogger.objects.update(status="online")
    Gateway.objects.create(site=field.site, serial="second", status="offline")
    LedgerMinute.objects.all().delete()
    this_minute = timezone.now().replace(second=0, microsecond=0)
    for age, count in ((0, 5), (2, 7), (90, 100)):
        minute = this_minute - timedelta(minutes=age)
        LedgerMinute.objects.create(connection=field.connection, epoch=1, qos=1, minute=minute, received=count)
    answer = rows.browser(rows.person("ada", Role.VIEWER, field.site)).get("/api/v1/overview/?minutes=5").json()
    [site] = answer["sites"]
    assert (site["word"], site["link"], site["data"]) == ("quiet", "live", "live")
    assert site["gateways"] == {"online": 0, "offline": 1, "unknown": 1}
    assert site["dataloggers"] == {"online": 1, "offline": 0, "unknown": 0}
    assert sorted(site["received"]) == [0, 0, 0, 5, 7]
    assert (answer["words"], answer["received"]) == ({"quiet": 1}, site["received"])
    assert answer["devices"] == {"online": 1, "offline": 1, "unknown": 1}
    assert site["interval_s"] == 5
    Datalogger.objects.update(interval_s=None)
    Site.objects.update(interval_s=900)
    again = rows.browser(rows.person("eve", Role.VIEWER, field.site)).get("/api/v1/overview/?minutes=5").json()
    assert again["sites"][0]["interval_s"] == 900
    assert site["connection"]["broker_host"] == "broker.example"


def test_without_sites_there_is_nothing_to_see_and_no_error() -> None:
    answer = rows.browser(rows.person("ada")).get("/api/v1/overview/").json()
    assert (answer["sites"], answer["words"], answer["received"]) == ([], {}, [0] * 15)


def test_many_sites_cost_as_many_queries_as_one(django_assert_max_num_queries) -> None:
    for number in range(20):
        rows.furnished(f"site_{number:03}")
    client = rows.browser(rows.person("root", is_superuser=True))
    with django_assert_max_num_queries(12):
        assert len(client.get("/api/v1/overview/").json()["sites"]) == 20
