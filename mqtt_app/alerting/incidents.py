"""Problems over time: when one begins, comes back, and is really over; and what of it is worth a word to whom.

Something that was wrong must be well for a minute before it counts as over; something that keeps coming back, for a
quarter of an hour, and is told of once meanwhile.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mqtt_app.alerting.problems import Found
from mqtt_app.models import Incident, Notice, NoticeRule, Problem
from sites.hours import within

SETTLED, STEADY = timedelta(minutes=1), timedelta(minutes=15)
MEMORY = timedelta(minutes=30)  # so long an incident that is over makes the next one of its kind a return
FLAPPING = 2  # returns

Key = tuple[int, str, str]


def key(one: Incident | Found) -> Key:
    return one.site_id, str(one.problem), one.subject


def calm(incident: Incident) -> timedelta:
    """How long it must be well before it is over."""
    return STEADY if incident.flaps >= FLAPPING else SETTLED


def follow(incident: Incident, found: Found | None, now: datetime) -> None:
    """What has become of an open incident."""
    if found is not None:
        if incident.good_since is not None:
            incident.flaps, incident.bad_since, incident.good_since = incident.flaps + 1, now, None
        incident.label, incident.percent = found.label, found.percent
    elif incident.good_since is None:
        incident.good_since = now
    elif now - incident.good_since >= calm(incident):
        incident.ended_at = incident.good_since


def begin(found: Found, recent: Mapping[Key, int], now: datetime) -> Incident:
    """recent: how often the incidents of each kind that are over since MEMORY had come back."""
    flaps = recent[key(found)] + 1 if key(found) in recent else 0
    return Incident(
        site_id=found.site_id,
        problem=found.problem,
        subject=found.subject,
        label=found.label[:255],
        percent=found.percent,
        began_at=min(found.since, now),
        bad_since=min(found.since, now),
        flaps=flaps,
    )


def word(rule: NoticeRule, incident: Incident, told: Collection[str], now: datetime) -> str | None:
    """What this rule has yet to say of an incident, or None."""
    Word = Notice.Word
    if incident.problem not in rule.problems:
        return None
    if incident.problem == Problem.FAILURES and incident.percent <= rule.failure_percent and not told:
        return None
    if incident.ended_at is not None:
        return Word.ENDED if rule.tells_recovery and told and Word.ENDED not in told else None
    if incident.flaps >= FLAPPING:
        return None if Word.FLAPS in told else Word.FLAPS
    lasting = incident.good_since is None and now - incident.bad_since >= timedelta(seconds=rule.delay_s)
    return Word.BEGAN if lasting and Word.BEGAN not in told else None


def is_quiet(rule: NoticeRule, zone: str, now: datetime) -> bool:
    """Whether these are the rule's quiet hours, which may pass midnight."""
    start, end = rule.quiet_from, rule.quiet_to
    if start is None or end is None or start == end:
        return False
    return within(start, end, zone, now)


def compose(site: str, changes: Sequence[tuple[Incident, str]], now: datetime, zone: str) -> tuple[str, str]:
    """Title and body of one message that tells all these changes."""
    lines = [_line(incident, said, now, zone) for incident, said in changes[:LINES]]
    if len(changes) > LINES:
        lines.append(f"… and {len(changes) - LINES} more.")
    began = [one for one, said in changes if said != Notice.Word.ENDED]
    ended = len(changes) - len(began)
    parts = [f"{len(began)} wrong"] * bool(began) + [f"{ended} well again"] * bool(ended)
    title = lines[0].rstrip(".") if len(changes) == 1 else ", ".join(parts)
    return f"{site}: {title}"[:255], "\n".join(lines)


LINES = 20  # of one message


def _line(incident: Incident, said: str, now: datetime, zone: str) -> str:
    what = f"{incident.label[0].upper()}{incident.label[1:]}: {WORDS[Problem(incident.problem)]}"
    since = incident.began_at.astimezone(ZoneInfo(zone))
    if said == Notice.Word.ENDED:
        assert incident.ended_at is not None
        lasted = _lasted(incident.ended_at - incident.began_at)
        return f"Well again: {incident.label} (it lasted {lasted})."
    if said == Notice.Word.FLAPS:
        return f"{what} again and again; nothing more is said until it is steady."
    return f"{what} since {since:%Y-%m-%d %H:%M} ({_lasted(now - incident.began_at)})."


WORDS = {
    Problem.CONNECTION: "not connected",
    Problem.DEVICE: "offline",
    Problem.FAILURES: "cannot be read",
    Problem.LEDGER: "the ledger does not balance",
}


def _lasted(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
