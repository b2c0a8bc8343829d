"""The data path: one batch in, one transaction out — discover, gate, parse, store, log, count, announce."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from django.db import transaction

from mqtt_app import connection_events, context
from mqtt_app.browsers import announcements, live
from mqtt_app.downlink import births, commands
from mqtt_app.exploring import discovery
from mqtt_app.exploring.overflow import Sighting
from mqtt_app.judging import memory, routes
from mqtt_app.judging.isolation import judge_apart
from mqtt_app.judging.verdicts import Route, Verdict, judge, learned, let_in, source
from mqtt_app.messages import Batch, Fate, Message
from mqtt_app.parsers.base import Taught
from mqtt_app.records import batches, failures, hints, latency, ledger, rawstore, receipts
from mqtt_app.records.batches import Standing
from mqtt_app.records.failures import HELD, Failure
from mqtt_app.records.rawstore import Kept
from mqtt_app.records.transactions import DB_ERRORS, is_absence, is_refusal, patiently
from sites import admission, conflicts, devices
from sites.devices import Stored
from sites.heard import Heard
from sites.models import Site

FULL = "This site has as many discovered topics as are kept; new ones are not listed, but still stored."
ELSEWHERE = "Serial {} is known at another site, too. Nothing was moved: it is a device of its own here."
UNTEACHABLE = "This site has as many lessons as are kept; names, units and announcements beyond them are not learned."
DATABASE_PATIENCE_S = 20.0
"""How long an attempt waits for an absent database before it gives up and leaves the batch to the next dispatch."""


@dataclass(slots=True)
class Outcome:
    """What one batch came to, for those who are to be told after the commit."""

    verdicts: list[Verdict]
    stored: Stored = field(default_factory=Stored)
    failed: list[Failure] = field(default_factory=list)
    topics: list[Sighting] = field(default_factory=list)

    @property
    def fates(self) -> list[Fate]:
        return [verdict.fate for verdict in self.verdicts]


def ingest(batch: Batch) -> Outcome | None:
    """Give every message of a batch its fate, once, however often and wherever the batch is run.

    Returns None when there was nothing to do: done before, or another worker is at it.
    Raises the database's error when it stays away; the listener still owns the batch and dispatches it again.
    """
    with context.about(batch=batch.id):
        return _ingest(batch)


def _ingest(batch: Batch) -> Outcome | None:
    standing = patiently(partial(batches.begin, batch), DATABASE_PATIENCE_S)
    if standing is Standing.DONE:
        hints.give(batch.listener_id, str(batch.id))
    if standing in (Standing.DONE, Standing.BUSY):
        return None
    try:
        verdicts = judge_all(batch, isolated=standing is Standing.SUSPECT)
        outcome = patiently(partial(_store, batch, *verdicts), DATABASE_PATIENCE_S)
    except DB_ERRORS as error:
        if is_absence(error):
            batches.report(batch)
        if standing is Standing.FIRST or not is_refusal(error):
            raise  # a row that went away meanwhile, perhaps: the next attempt sees
        outcome = store(batch, verdicts[0], [_refused(verdict, error) for verdict in verdicts[1]])
    took = latency.counts((message.received_at for message in batch.messages), time.time())
    hints.give(batch.listener_id, str(batch.id), took)  # first of all: what arrived meanwhile waits for it
    if outcome:
        _speak(outcome)
    return outcome


def judge_all(batch: Batch, *, isolated: bool) -> tuple[Sequence[Route | None], list[Verdict]]:
    """The route and verdict of each message; a message whose connection is gone has no route and is ignored."""
    found = routes.load({link.connection_id for link in batch.links})
    ways = [found.get(batch.links[message.link].connection_id) for message in batch.messages]

    routes.remember([message.topic for message in batch.messages], ways)

    def one(message: Message) -> Verdict:
        way = found.get(batch.links[message.link].connection_id)
        return learned(judge(message, way), way) if way else Verdict(Fate.IGNORED)

    def again(message: Message, verdict: Verdict) -> None:
        """What a child process learned before it died is learned here for the next one."""
        if way := found.get(batch.links[message.link].connection_id):
            learned(verdict, way)

    return ways, judge_apart(batch.messages, one, again) if isolated else [one(message) for message in batch.messages]


def _store(batch: Batch, ways: Sequence[Route | None], judged: Sequence[Verdict]) -> Outcome | None:
    """Without savepoints, which most batches need not; once more with them where the database refuses something."""
    try:
        return store(batch, ways, judged, halving=False)
    except DB_ERRORS as error:
        if not is_refusal(error):
            raise
        return store(batch, ways, judged)


def store(
    batch: Batch, ways: Sequence[Route | None], judged: Sequence[Verdict], *, halving: bool = True
) -> Outcome | None:
    """Write everything a batch came to, in one transaction. May be run again.

    halving: find the reports that the database refuses, and store the others; without it, refusing one refuses all.
    """
    verdicts = list(judged)
    with transaction.atomic():
        if not batches.finish(batch):
            return None
        for index in receipts.take(batch.links, batch.messages):
            verdicts[index] = verdicts[index]._replace(fate=Fate.DUPLICATE, report=None)
        outcome = Outcome(verdicts)
        rows = list(range(len(verdicts)))
        _screen(batch, ways, verdicts)
        store_reports = _store_reports if halving else _store_heard
        outcome.stored = store_reports(batch, ways, verdicts, [i for i in rows if verdicts[i].report])
        _flag(ways, outcome.stored)
        _teach(batch, ways, verdicts)
        for i in commands.answer(_answers(batch, ways, verdicts)):
            verdicts[i] = verdicts[i]._replace(fate=Fate.STORED)  # history that its asker has read into gaps
        births.record(births.heard(batch, ways, verdicts))
        outcome.failed = [one for i in rows for one in _failures(batch.messages[i], ways[i], verdicts[i])]
        failures.record(outcome.failed)
        rawstore.keep(_kept(batch, ways, verdicts))
        outcome.topics = _discover(batch, ways, verdicts)
        ledger.enter(batch, outcome.fates)
    return outcome


def _screen(batch: Batch, ways: Sequence[Route | None], verdicts: list[Verdict]) -> None:
    """Hold back who is not let in, at the sites that look; what they say is kept until they are."""
    rows = [i for i, way in enumerate(ways) if way and way.screens and verdicts[i].report]
    if rows:
        screened = admission.screen([_heard(batch, ways[i], batch.messages[i], verdicts[i]) for i in rows])
        for i, one in zip(rows, screened, strict=True):
            verdicts[i] = let_in(verdicts[i], one)


def _flag(ways: Sequence[Route | None], stored: Stored) -> None:
    """Say, once a day, that a serial is known at another site."""
    found = conflicts.flag("gateway", stored.new_gateways) + conflicts.flag("datalogger", stored.new_dataloggers)
    if found:
        by_site = {way.site_id: way.connection_id for way in ways if way}
        connection_events.warn_daily([(by_site[site], ELSEWHERE.format(serial)) for site, serial in found])


def _store_reports(batch: Batch, ways: Sequence[Route | None], verdicts: list[Verdict], rows: Sequence[int]) -> Stored:
    """Store the reports of these rows. What the database refuses is found by halving, and fails alone."""
    if not rows:
        return Stored()
    try:
        with transaction.atomic():
            return _store_heard(batch, ways, verdicts, rows)
    except DB_ERRORS as error:
        if not is_refusal(error):
            raise
        if len(rows) == 1:
            verdicts[rows[0]] = _refused(verdicts[rows[0]], error)
            return Stored()
    middle = len(rows) // 2
    stored = _store_reports(batch, ways, verdicts, rows[:middle])
    stored.extend(_store_reports(batch, ways, verdicts, rows[middle:]))
    return stored


def _store_heard(batch: Batch, ways: Sequence[Route | None], verdicts: list[Verdict], rows: Sequence[int]) -> Stored:
    return devices.store([_heard(batch, ways[i], batch.messages[i], verdicts[i]) for i in rows])


def _refused(verdict: Verdict, error: Exception) -> Verdict:
    """The database would not take what this message says: the message itself is kept."""
    return Verdict(
        Fate.FAILED,
        parser=verdict.parser,
        reason="database_refused",
        detail=str(error),
        trace=failures.trace(error),
    )


def _heard(batch: Batch, way: Route | None, message: Message, verdict: Verdict) -> Heard:
    assert way is not None
    assert verdict.report is not None
    connected_at = datetime.fromtimestamp(batch.links[message.link].connected_at, UTC)
    return Heard(way.site_id, verdict.report, message.received, message.retain, connected_at)


def _teach(batch: Batch, ways: Sequence[Route | None], verdicts: Sequence[Verdict]) -> None:
    """Keep what the stored messages taught; say once a day when a site has no room for more."""
    taught = [
        memory.Taught(way.site_id, source(verdict, way), verdict.parser, message.received, verdict.report.lessons)
        for message, way, verdict in zip(batch.messages, ways, verdicts, strict=True)
        if way and isinstance(verdict.report, Taught)
    ]
    if over_cap := memory.record(taught):
        by_site = {way.site_id: way.connection_id for way in ways if way}
        connection_events.warn_daily([(by_site[site], UNTEACHABLE) for site in over_cap])


def _failures(message: Message, way: Route | None, verdict: Verdict) -> list[Failure]:
    """One failure for a message that failed whole; one that names the bad paths where it was stored in part."""
    if way is None or verdict.fate not in (Fate.FAILED, Fate.STORED):
        return []
    problems = verdict.report.problems if verdict.report else ()
    if verdict.fate is Fate.STORED and not problems and not verdict.held:
        return []  # nearly all
    about = (way.site_id, message.topic, message.payload, message.received, verdict.parser)
    by = (way.version(verdict.parser), message.retain)
    if verdict.fate is Fate.FAILED:
        return [Failure(*about, verdict.reason, verdict.detail, verdict.trace, *by)]
    held = [Failure(*about, HELD, verdict.held, "", *by)] if verdict.held else []
    words = "; ".join(f"{one.path}: {one.reason}" for one in problems)
    return [*held, Failure(*about, "bad_readings", words, "", *by)] if problems else held


def _answers(batch: Batch, ways: Sequence[Route | None], verdicts: Sequence[Verdict]) -> list[commands.Answer]:
    """What devices answered to commands; a retained message answers nothing that was asked now."""
    return [
        commands.Answer(row, way.site_id, verdict.topic, message.payload, message.received)
        for row, (message, way, verdict) in enumerate(zip(batch.messages, ways, verdicts, strict=True))
        if way and verdict.topic and commands.is_answer(verdict.topic)
        if verdict.fate is not Fate.DUPLICATE and not message.retain
    ]


def _kept(batch: Batch, ways: Sequence[Route | None], verdicts: Sequence[Verdict]) -> list[Kept]:
    """The messages that are kept as they came, where their connection wishes so."""
    return [
        Kept(
            way.connection_id,
            message.received,
            message.qos,
            message.retain,
            verdict.fate,
            verdict.parser,
            verdict.topic,
            message.payload,
        )
        for message, way, verdict in zip(batch.messages, ways, verdicts, strict=True)
        if way and way.keeps_raw and verdict.topic and verdict.fate in rawstore.FATES
    ]


def _discover(batch: Batch, ways: Sequence[Route | None], verdicts: Sequence[Verdict]) -> list[Sighting]:
    """Count the topics of a batch; say once a day when one bears another site's name, or when a site has too many."""
    sightings = [
        Sighting(
            way.site_id,
            verdict.topic,
            message.received,
            message.payload,
            verdict.parser,
            verdict.pattern,
            message.qos,
            message.retain,
        )
        for message, way, verdict in zip(batch.messages, ways, verdicts, strict=True)
        if way and verdict.topic and verdict.fate is not Fate.DUPLICATE
    ]
    found = discovery.record(sightings)
    by_site = {way.site_id: way for way in ways if way}
    connection_events.warn_daily(
        [(by_site[site].connection_id, FULL) for site in found.over_cap] + _strangers(sightings, by_site)
    )
    return found.new


def _strangers(sightings: Sequence[Sighting], by_site: Mapping[int, Route]) -> list[tuple[int, str]]:
    """Topics that bear another site's name. They stay under the connection's site: a topic moves no device."""
    firsts = {(one.site_id, one.topic): one.topic.split("/", 1)[0] for one in sightings}
    foreign = {key: first for key, first in firsts.items() if first != by_site[key[0]].context.site_slug}
    slugs = set(Site.objects.filter(slug__in=foreign.values()).values_list("slug", flat=True)) if foreign else set()
    return [
        (by_site[site].connection_id, f"Topic {topic} begins with another site's name; it is kept under this one.")
        for (site, topic), first in sorted(foreign.items())
        if first in slugs
    ]


def _speak(outcome: Outcome) -> None:
    failures.tell(outcome.failed)
    live.announce(announcements.of_batch(outcome.stored, outcome.failed, outcome.topics))
