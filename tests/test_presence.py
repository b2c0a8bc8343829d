"""Who is there: what a message proves, and silence judged only while we listened."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from mqtt_app.browsers import announcements
from sites import devices, presence
from sites.heard import Heard
from sites.models import Datalogger, Gateway, OfflineReason, Presence, Site
from sites.presence import Declaration, Ear, State, after
from sites.reports import Availability, DataloggerReport, Report

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONLINE, OFFLINE, UNKNOWN = Presence.ONLINE, Presence.OFFLINE, Presence.UNKNOWN
DECLARED, SILENT, GATEWAY = OfflineReason.DECLARED, OfflineReason.SILENT, OfflineReason.GATEWAY


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("what", "before", "seen", "declared", "expected"),
    [
        ("a first message is a sign of life", State(UNKNOWN, "", None), 0, None, State(ONLINE, "", minutes(0))),
        (
            "a message brings a silent device back",
            State(OFFLINE, SILENT, minutes(-9)),
            0,
            None,
            State(ONLINE, "", NOON),
        ),
        (
            "an older message proves nothing new",
            State(OFFLINE, SILENT, minutes(0)),
            -5,
            None,
            State(OFFLINE, SILENT, NOON),
        ),
        (
            "a declared offline applies at once",
            State(ONLINE, "", minutes(-1)),
            None,
            (0, None),
            State(OFFLINE, DECLARED, minutes(-1)),
        ),
        (
            "life after the declaration outweighs it",
            State(ONLINE, "", minutes(1)),
            None,
            (0, None),
            State(ONLINE, "", minutes(1)),
        ),
        (
            "retained words count while no life was seen",
            State(UNKNOWN, "", minutes(-60)),
            None,
            (0, -1),
            State(OFFLINE, DECLARED, minutes(-60)),
        ),
        (
            "retained words are old once life was seen",
            State(ONLINE, "", minutes(-0.5)),
            None,
            (0, -1),
            State(ONLINE, "", minutes(-0.5)),
        ),
        ("retained words make nobody alive", State(UNKNOWN, "", None), None, None, State(UNKNOWN, "", None)),
    ],
)
def test_what_a_message_says_of_its_sender(
    what: str, before: State, seen: float | None, declared: tuple[float, float | None] | None, expected: State
) -> None:
    said = None
    if declared is not None:
        at, since = declared
        said = Declaration(Availability.OFFLINE, minutes(at), None if since is None else minutes(since))
    assert after(before, None if seen is None else minutes(seen), said) == expected, what


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.create(name="The dam", slug="dam")


def device(site: Site, seen: float, serial: str = "d", **fields: object) -> Datalogger:
    values = {"status": ONLINE, "interval_s": 60.0, "last_seen_at": minutes(seen), **fields}
    return Datalogger.objects.create(site=site, serial=serial, **values)


def status(of: Datalogger | Gateway) -> tuple[str, str]:
    of.refresh_from_db()
    return of.status, of.offline_reason


def test_a_device_is_offline_after_two_and_a_half_intervals_of_silence(site: Site) -> None:
    late, quiet = device(site, -2.4, "late"), device(site, -2.6, "quiet")
    falls = presence.judge(NOON, {site.pk: Ear(minutes(-60))})
    assert [fall.device.serial for fall in falls] == ["quiet"]
    assert (status(late), status(quiet)) == ((ONLINE, ""), (OFFLINE, SILENT))


def test_a_device_that_was_never_heard_is_unknown_and_cannot_fall_silent(site: Site) -> None:
    named = device(site, 0, "only named", status=UNKNOWN, last_seen_at=None)
    assert presence.judge(NOON, {site.pk: Ear(minutes(-60))}) == []
    assert status(named) == (UNKNOWN, "")


def test_a_fall_is_told_once(site: Site) -> None:
    device(site, -10)
    ears = {site.pk: Ear(minutes(-60))}
    assert len(presence.judge(NOON, ears)) == 1
    assert presence.judge(minutes(1), ears) == []


def test_a_device_without_a_declared_interval_has_the_default_one(site: Site, settings: Settings) -> None:
    settings.DEFAULT_INTERVAL_S = 300
    quiet = device(site, -13, "quiet", interval_s=None)
    late = device(site, -12, "late", interval_s=None)
    presence.judge(NOON, {site.pk: Ear(minutes(-60))})
    assert (status(quiet), status(late)) == ((OFFLINE, SILENT), (ONLINE, ""))


def test_a_site_says_what_is_expected_of_those_who_promise_nothing(site: Site, settings: Settings) -> None:
    settings.DEFAULT_INTERVAL_S = 300
    Site.objects.filter(pk=site.pk).update(interval_s=3600)
    silent = device(site, -151, "silent", interval_s=None)
    quiet = device(site, -149, "quiet", interval_s=None)
    promised = device(site, -13, "promised", interval_s=300)
    gateway = Gateway.objects.create(site=site, serial="g", status=ONLINE, last_seen_at=minutes(-149))
    falls = presence.judge(NOON, {site.pk: Ear(minutes(-600))})
    assert [status(one)[0] for one in (silent, quiet, promised, gateway)] == [OFFLINE, ONLINE, OFFLINE, ONLINE]
    [told] = announcements.of_silence(falls, [])
    assert {one.serial: one.expected_interval_s for one in told.dataloggers} == {"silent": 3600, "promised": 300}
    Site.objects.filter(pk=site.pk).update(interval_s=60)
    Datalogger.objects.filter(serial="quiet").update(last_seen_at=minutes(-3))
    assert [fall.device.serial for fall in presence.judge(NOON, {site.pk: Ear(minutes(-600))})] == ["g", "quiet"]


def test_what_is_heard_is_told_with_the_interval_that_the_site_expects(site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(interval_s=3600)
    report = Report(dataloggers=(DataloggerReport(serial="d"),))
    stored = devices.store([Heard(site.pk, report, NOON, False, NOON)])
    assert [change.interval_s for change in stored.dataloggers] == [3600]


def test_who_says_once_that_it_comes_does_not_fall_silent_unless_it_promised_to_speak(site: Site) -> None:
    link = device(site, -600, "link", kind="connection", interval_s=None)
    server = device(site, -600, "server", kind="backend", interval_s=None)
    promised = device(site, -600, "promised", kind="connection", interval_s=60)
    presence.judge(NOON, {site.pk: Ear(minutes(-900))})
    assert [status(one) for one in (link, server, promised)] == [(ONLINE, ""), (ONLINE, ""), (OFFLINE, SILENT)]


def test_silence_counts_from_our_own_return(site: Site) -> None:
    one = device(site, -30)
    assert presence.judge(NOON, {site.pk: Ear(minutes(-2))}) == []
    assert status(one) == (ONLINE, "")


def test_while_we_are_deaf_devices_are_unknown_and_then_judged_anew(site: Site) -> None:
    one = device(site, -30)
    assert presence.deafen(NOON, []) == [one]
    assert status(one) == (UNKNOWN, "")
    assert presence.judge(NOON, {site.pk: Ear(minutes(-1))}) == []
    assert len(presence.judge(minutes(2), {site.pk: Ear(minutes(-1))})) == 1


def test_nobody_is_judged_while_an_older_message_is_not_committed(site: Site) -> None:
    one = device(site, -10)
    assert presence.judge(NOON, {site.pk: Ear(minutes(-60), pending=minutes(-9))}) == []
    assert status(one) == (ONLINE, "")
    assert len(presence.judge(NOON, {site.pk: Ear(minutes(-60), pending=minutes(-1))})) == 1


def test_a_site_of_which_nothing_sure_is_known_is_left_as_it_is(site: Site) -> None:
    one = device(site, -30)
    assert presence.deafen(NOON, [site.pk]) == []
    assert presence.judge(NOON, {}) == []
    assert status(one) == (ONLINE, "")


def test_a_fallen_gateway_explains_its_dataloggers(site: Site) -> None:
    gateway = Gateway.objects.create(site=site, serial="g", status=ONLINE, interval_s=60, last_seen_at=minutes(-10))
    behind = device(site, -10, "behind", gateway=gateway)
    alone = device(site, -10, "alone")
    falls = {fall.device.serial: fall.reason for fall in presence.judge(NOON, {site.pk: Ear(minutes(-60))})}
    assert falls == {"g": SILENT, "alone": SILENT, "behind": GATEWAY}
    assert (status(behind), status(alone)) == ((OFFLINE, GATEWAY), (OFFLINE, SILENT))


def test_a_device_that_is_heard_while_it_is_judged_stays_online(site: Site) -> None:
    one = device(site, -10)
    stale = Datalogger.objects.get(pk=one.pk)
    Datalogger.objects.filter(pk=one.pk).update(last_seen_at=NOON)
    assert presence._mark(stale, OfflineReason.SILENT, NOON) is None
    assert status(one) == (ONLINE, "")
