"""Problems over time, decided without a database: when one is told, held, called flapping, and over."""

from datetime import UTC, datetime, time, timedelta

import pytest

from mqtt_app.alerting import incidents
from mqtt_app.alerting.problems import Found
from mqtt_app.models import Incident, Notice, NoticeRule, Problem

T0 = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FOUND = Found(1, Problem.DEVICE, "gateway:7", "gateway G7", T0)
BEGAN, FLAPS, ENDED = Notice.Word.BEGAN, Notice.Word.FLAPS, Notice.Word.ENDED


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def rule(**fields: object) -> NoticeRule:
    return NoticeRule(**{"name": "r", "problems": list(Problem.values), "delay_s": 120, "failure_percent": 10} | fields)


def live(*bad: bool, one: Incident | None = None, every: float = 30.0, start: float = 0.0) -> Incident:
    """An incident that was looked at every so many seconds, and was bad or not."""
    incident = one or incidents.begin(FOUND, {}, at(start))
    for number, wrong in enumerate(bad, 1):
        incidents.follow(incident, FOUND if wrong else None, at(start + every * number))
    return incident


def told_by(one: NoticeRule, pattern: str, every: float = 30.0) -> list[str]:
    """What a rule says while a device goes up and down: `x` is bad, `.` is well, one look each."""
    said: list[str] = []
    told: dict[int, set[str]] = {}
    open_: Incident | None = None
    past: list[Incident] = []
    for number, look in enumerate(pattern):
        now = at(every * number)
        found = FOUND._replace(since=now) if look == "x" else None
        if open_ is not None:
            incidents.follow(open_, found, now)
        elif found:
            over = [each for each in past if each.ended_at and each.ended_at > now - incidents.MEMORY]
            recent = {incidents.key(each): each.flaps for each in over}
            open_ = incidents.begin(found, recent, now)
            past.append(open_)
        if open_ is not None and open_.ended_at is not None:
            open_ = None
        for incident in past:
            seen = told.setdefault(id(incident), set())
            if word := incidents.word(one, incident, seen, now):
                seen.add(word)
                said.append(word)
    return said


def test_what_is_over_before_the_delay_is_never_told() -> None:
    assert told_by(rule(), "xxx......") == []


def test_what_lasts_is_told_once_and_its_end_once() -> None:
    assert told_by(rule(), "xxxxxxxxxxxxxxx.......") == [BEGAN, ENDED]


def test_an_end_is_told_only_to_who_wants_it() -> None:
    assert told_by(rule(tells_recovery=False), "xxxxxxxx.......") == [BEGAN]


def test_a_short_good_moment_is_no_end() -> None:
    assert told_by(rule(), "xxxxxx.xxxxxxx.......") == [BEGAN, ENDED]


def test_what_comes_back_again_and_again_is_told_once_and_then_left_alone_until_it_is_steady() -> None:
    flapping = "xxxxxx..." * 10
    assert told_by(rule(), flapping) == [BEGAN, ENDED, BEGAN, ENDED, FLAPS]
    assert told_by(rule(), flapping + "." * 40) == [BEGAN, ENDED, BEGAN, ENDED, FLAPS, ENDED]


def test_short_falls_that_each_would_be_too_short_are_told_when_there_are_many() -> None:
    assert told_by(rule(), "x.x.x.x.x.x.") == [FLAPS]


def test_after_a_quiet_half_hour_it_counts_as_new() -> None:
    assert told_by(rule(), "xxxxxx" + "." * 80 + "xxxxxx") == [BEGAN, ENDED, BEGAN]


@pytest.mark.parametrize(("percent", "told"), [(10, False), (11, True), (100, True)])
def test_failures_are_told_above_the_rules_own_share(percent: int, told: bool) -> None:
    one = incidents.begin(Found(1, Problem.FAILURES, "connection:1", "x", T0, percent), {}, T0)
    assert bool(incidents.word(rule(delay_s=0), one, set(), T0)) is told


def test_a_rule_says_only_what_it_is_for() -> None:
    assert incidents.word(rule(problems=["ledger"], delay_s=0), live(True), set(), at(600)) is None


@pytest.mark.parametrize(
    ("start", "end", "zone", "hour", "quiet"),
    [
        (None, None, "UTC", 3, False),
        (time(22), time(6), "UTC", 23, True),
        (time(22), time(6), "UTC", 5, True),
        (time(22), time(6), "UTC", 6, False),
        (time(22), time(6), "UTC", 12, False),
        (time(12), time(14), "UTC", 13, True),
        (time(22), time(6), "Europe/Rome", 20, True),
        (time(22), time(6), "Europe/Rome", 4, False),
        (time(8), time(8), "UTC", 8, False),
    ],
)
def test_quiet_hours_are_the_sites_own_and_may_pass_midnight(
    start: time | None, end: time | None, zone: str, hour: int, quiet: bool
) -> None:
    now = datetime(2026, 5, 4, hour, 0, tzinfo=UTC)
    assert incidents.is_quiet(rule(quiet_from=start, quiet_to=end), zone, now) is quiet


def test_one_message_tells_many_changes_and_says_when_there_are_more() -> None:
    one, gone = live(True), live(True, False, False, False, False)
    assert gone.ended_at
    title, body = incidents.compose("Diga", [(one, BEGAN)], at(600), "Europe/Rome")
    assert title == "Diga: Gateway G7: offline since 2026-05-04 14:00 (10 min)"
    title, body = incidents.compose("Diga", [(one, BEGAN), (one, FLAPS), (gone, ENDED)], at(600), "UTC")
    assert title == "Diga: 2 wrong, 1 well again"
    assert body.splitlines()[1:] == [
        "Gateway G7: offline again and again; nothing more is said until it is steady.",
        "Well again: gateway G7 (it lasted 1 min).",
    ]
    _, body = incidents.compose("Diga", [(one, BEGAN)] * 30, at(600), "UTC")
    assert body.splitlines()[-1] == "… and 10 more."
