"""Who is let in: devices that a site does not know yet are accepted, held until somebody approves them, or refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from sites.binary import arrays
from sites.heard import DEVICE, Heard
from sites.models import Admission, DeviceRule, Newcomer, Site
from sites.reports import Report
from sites.upsert import find, query, unnest

NEWCOMERS_PER_SITE = 1_000  # that are listed; what others say is kept all the same
KEPT = 1_000  # messages of one newcomer that are kept while it waits; further ones are only counted

GATEWAY, DATALOGGER = Newcomer.Post.GATEWAY, Newcomer.Post.DATALOGGER
TABLES = {GATEWAY: "sites_gateway", DATALOGGER: "sites_datalogger"}

Serial = tuple[str, int, str]
"""(role, site id, serial)"""


class Rule(NamedTuple):
    """The serials that match `pattern` (* and ?) are treated so."""

    pattern: str
    action: str


class Known(NamedTuple):
    """What was decided of a newcomer, and how many messages have named it."""

    state: str
    messages: int


@dataclass(slots=True)
class Screened:
    """A message after screening: what may be stored of it, who is held and who refused.

    is_kept: whether it should be kept, to be read again when they are let in.
    """

    report: Report
    held: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    is_kept: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.report.gateways and not self.report.dataloggers


def decide(serial: str, policy: str, rules: Sequence[Rule], state: str | None) -> str:
    """Whether an unknown device is let in: what somebody said of it, then the rules, then the site."""
    if state == Newcomer.Decision.APPROVED:
        return Admission.ACCEPT
    if state == Newcomer.Decision.REFUSED:
        return Admission.REFUSE
    return next((rule.action for rule in rules if fnmatchcase(serial, rule.pattern)), policy)


def foreseen(rows: Collection[Newcomer]) -> dict[int, str]:
    """What becomes of the next message of each of these newcomers, by their ids."""
    sites = {row.site_id for row in rows}
    policies = dict(Site.objects.filter(pk__in=sites).values_list("pk", "unknown_devices"))
    rules = _rules(sites)
    return {row.pk: decide(row.serial, policies[row.site_id], rules.get(row.site_id, ()), row.state) for row in rows}


def screen(heard: Sequence[Heard], counting: bool = True) -> list[Screened]:
    """Take out of each report who is not let in. Needs a transaction. counting: note newcomers and their messages."""
    named = {serial for one in heard for serial in _serials(one)}
    unknown = _unknown(named)
    if not unknown:
        return [Screened(one.report) for one in heard]
    sites = {site for _, site, _ in unknown}
    policies = dict(Site.objects.filter(pk__in=sites).values_list("pk", "unknown_devices"))
    rules = _rules(sites)
    said = _said(sites)
    answers = {
        one: decide(one[2], policies[one[1]], rules.get(one[1], ()), said[one].state if one in said else None)
        for one in unknown
    }
    if counting:
        _count(heard, answers, said)
    return [_screened(one, answers, said) for one in heard]


def _serials(one: Heard) -> set[Serial]:
    """Every device that a message would make."""
    report = one.report
    gateways = {gateway.serial for gateway in report.gateways}
    gateways |= {datalogger.gateway for datalogger in report.dataloggers if datalogger.gateway}
    return {(GATEWAY, one.site_id, serial) for serial in gateways} | {
        (DATALOGGER, one.site_id, datalogger.serial) for datalogger in report.dataloggers
    }


def _unknown(named: Collection[Serial]) -> set[Serial]:
    known: set[Serial] = set()
    for role, table in TABLES.items():
        keys = sorted((site, serial) for kind, site, serial in named if kind == role)
        known |= {(role, site, serial) for site, serial in find(table, DEVICE, keys)}
    return set(named) - known


def _rules(sites: Collection[int]) -> Mapping[int, Sequence[Rule]]:
    found: dict[int, list[Rule]] = {}
    rows = DeviceRule.objects.filter(site__in=sites).order_by("site", "position", "pk")
    for site, pattern, action in rows.values_list("site_id", "pattern", "action"):
        found.setdefault(site, []).append(Rule(pattern, action))
    return found


def _said(sites: Collection[int]) -> dict[Serial, Known]:
    rows = Newcomer.objects.filter(site__in=sites).values_list("role", "site_id", "serial", "state", "message_count")
    return {(role, site, serial): Known(state, count) for role, site, serial, state, count in rows}


def _screened(one: Heard, answers: Mapping[Serial, str], said: Mapping[Serial, Known]) -> Screened:
    report = one.report
    out = {key: answer for key in _serials(one) if (answer := answers.get(key, Admission.ACCEPT)) != Admission.ACCEPT}
    if not out:
        return Screened(report)
    admitted = replace(
        report,
        gateways=tuple(each for each in report.gateways if (GATEWAY, one.site_id, each.serial) not in out),
        dataloggers=tuple(
            replace(each, gateway=None) if each.gateway and (GATEWAY, one.site_id, each.gateway) in out else each
            for each in report.dataloggers
            if (DATALOGGER, one.site_id, each.serial) not in out
        ),
    )
    held = sorted(key for key, answer in out.items() if answer == Admission.HOLD)
    return Screened(
        admitted,
        [serial for _, _, serial in held],
        sorted(serial for (_, _, serial), answer in out.items() if answer == Admission.REFUSE),
        any(key not in said or said[key].messages < KEPT for key in held),
    )


COLUMNS = [
    ("site_id", "bigint"),
    ("role", "text"),
    ("serial", "text"),
    ("message_count", "bigint"),
    ("first_seen_at", "timestamptz"),
    ("last_seen_at", "timestamptz"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)
COUNT = f"""
INSERT INTO sites_newcomer AS n ({NAMES}) SELECT {NAMES} FROM {unnest(COLUMNS)} ORDER BY site_id, role, serial
ON CONFLICT (site_id, role, serial) DO UPDATE SET
    message_count = n.message_count + excluded.message_count,
    last_seen_at = GREATEST(n.last_seen_at, excluded.last_seen_at)
"""  # noqa: S608


def _count(heard: Sequence[Heard], answers: Mapping[Serial, str], said: Mapping[Serial, Known]) -> None:
    """Note who waits or was refused, up to a number for each site."""
    rows: dict[Serial, tuple[int, datetime, datetime]] = {}
    for one in heard:
        for key in _serials(one):
            if answers.get(key, Admission.ACCEPT) != Admission.ACCEPT:
                number, first, last = rows.get(key, (0, one.received_at, one.received_at))
                rows[key] = (number + 1, min(first, one.received_at), max(last, one.received_at))
    taken: dict[int, int] = {}
    for _, site, _ in said:
        taken[site] = taken.get(site, 0) + 1
    listed = []
    for (role, site, serial), counts in sorted(rows.items(), key=lambda row: (row[0][1], row[0][0], row[0][2])):
        if (role, site, serial) not in said:
            if taken.get(site, 0) >= NEWCOMERS_PER_SITE:
                continue
            taken[site] = taken.get(site, 0) + 1
        listed.append((site, str(role), serial, *counts))
    if listed:
        query(COUNT, arrays(listed, COLUMNS))
