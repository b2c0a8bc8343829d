"""Read kept messages again: first to see what would come of it, then for good, in small steps that a kill cannot harm.

Replay is not reception: the ledger, presence, live events and whatever watches them see nothing of it. A reading keeps
the times it had, and newer latest values stay.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from mqtt_app.judging import catalogue, memory, routes, trials
from mqtt_app.judging.isolation import judge_apart
from mqtt_app.judging.trials import Specimen
from mqtt_app.judging.verdicts import Route, Verdict, learned, let_in, read, read_topic, reader, source
from mqtt_app.messages import Fate, Message
from mqtt_app.models import MqttParsingLog, RawMessage, Replay
from mqtt_app.parsers.base import ParseError, Parser, Taught
from mqtt_app.records.failures import text
from mqtt_app.records.transactions import DB_ERRORS, is_refusal, patiently
from mqtt_app.topics import regular_expression
from sites import admission, conflicts, devices, previews
from sites.heard import Heard
from sites.previews import Effect

SLICE = 200  # messages read in one transaction
TURN_S = 5.0  # of a worker's time, before other tasks have theirs
COUNTED = 100_000  # messages, beyond which a selection is not counted
SAMPLES = 20  # of what still fails, in a report
REASONS = 50  # that a report tells apart
STALLED = timedelta(seconds=60)  # after which somebody else takes the next step
PATIENCE_S = 20.0  # with a database that is away

Stage = Replay.Stage
ACTIVE = (Stage.CHECKING, Stage.RUNNING)
Outcome = MqttParsingLog.Outcome


class NotNow(Exception):
    """A replay cannot be started, paused or cancelled as it is."""


def selected(replay: Replay) -> QuerySet[Any]:
    """The messages of a replay, without an order."""
    return _failures(replay) if replay.source == Replay.Source.FAILURES else _raw(replay)


def _failures(replay: Replay) -> QuerySet[MqttParsingLog]:
    chosen = replay.selection
    rows = MqttParsingLog.objects.filter(site=replay.site_id)
    if chosen.get("ids"):
        rows = rows.filter(pk__in=chosen["ids"])
    elif not chosen.get("again"):
        rows = rows.exclude(outcome=Outcome.RECOVERED)
    names = ("fingerprint", "parser_name", "error_type")
    rows = rows.filter(**{name: chosen[name] for name in names if chosen.get(name)})
    return _between(rows, chosen)


def _raw(replay: Replay) -> QuerySet[RawMessage]:
    chosen = replay.selection
    rows = RawMessage.objects.filter(connection__site=replay.site_id)
    rows = rows.filter(pk__in=chosen["ids"]) if chosen.get("ids") else rows
    rows = rows.filter(parser_name=chosen["parser_name"]) if chosen.get("parser_name") else rows
    return _between(rows, chosen)


def _between(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    since, until, pattern = chosen.get("from"), chosen.get("to"), chosen.get("topic")
    rows = rows.filter(received_at__gte=since) if since else rows
    rows = rows.filter(received_at__lt=until) if until else rows
    return rows.filter(topic__regex=regular_expression(pattern)) if pattern else rows


def begin(replay: Replay) -> Replay:
    """Save a new replay, which begins with its dry run. What fails from now on is not part of it."""
    rows = selected(replay)
    replay.total = rows.order_by()[: COUNTED + 1].count()
    replay.last = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    replay.save()
    return replay


def start(pk: int) -> None:
    """After its dry run: do it. Raises NotNow."""
    changes = {"state": Stage.RUNNING, "cursor": 0, "tries": 0, "is_paused": False}
    if not Replay.objects.filter(pk=pk, state=Stage.CHECKED).update(**changes, started_at=Now(), touched_at=Now()):
        raise NotNow("A replay is started when its dry run has ended, and once.")


def pause(pk: int, paused: bool) -> None:
    """Stop after the step that is under way, or go on. Raises NotNow."""
    if not Replay.objects.filter(pk=pk, state__in=ACTIVE).update(is_paused=paused, touched_at=Now()):
        raise NotNow("Only a replay that is under way can be paused or go on.")


def cancel(pk: int) -> None:
    """End it after the step that is under way; what is stored stays. Raises NotNow."""
    rows = Replay.objects.filter(pk=pk, state__in=(*ACTIVE, Stage.CHECKED))
    if not rows.update(state=Stage.CANCELLED, finished_at=Now()):
        raise NotNow("It has ended already.")


def stalled() -> list[int]:
    """Replays that are under way and that nobody has moved for a minute."""
    quiet = Replay.objects.filter(state__in=ACTIVE, is_paused=False, touched_at__lt=Now() - STALLED)
    return list(quiet.values_list("pk", flat=True))


def advance(pk: int, turn_s: float = TURN_S) -> bool:
    """Take steps for a turn; returns whether there is more to do. Safe to run twice, at once, late or never."""
    deadline = time.monotonic() + turn_s
    while patiently(partial(step, pk), PATIENCE_S):
        if time.monotonic() > deadline:
            return True
    return False


def step(pk: int) -> bool:
    """Read the next slice and write what comes of it, and how far we are, in one transaction."""
    tries = _try(pk)
    if tries is None:
        return False
    with transaction.atomic():
        replay = _claim(pk)
        if replay is None:
            return False
        rows = list(selected(replay).filter(pk__gt=replay.cursor, pk__lte=replay.last).order_by("pk")[:SLICE])
        work = Slice(replay, rows, trials.route_of(replay.site))
        work.judge(isolated=tries > 1)
        if replay.state == Stage.RUNNING:
            work.store()
        else:
            work.compare()
        _note(replay, work, is_last=len(rows) < SLICE)
    return len(rows) == SLICE


def _try(pk: int) -> int | None:
    """Note, in a transaction of its own, that a step begins: one that is tried again may hold what kills a worker."""
    with transaction.atomic():
        replay = _claim(pk)
        if replay is None:
            return None
        Replay.objects.filter(pk=pk).update(tries=F("tries") + 1, touched_at=Now())
        return replay.tries + 1


def _claim(pk: int) -> Replay | None:
    """The replay, ours until the transaction ends; None when it rests, or another worker has it."""
    free = Replay.objects.select_for_update(skip_locked=True, of=("self",)).select_related("site")
    return free.filter(pk=pk, state__in=ACTIVE, is_paused=False).first()


@dataclass(slots=True)
class Slice:
    """Some messages of a replay, and what becomes of them."""

    replay: Replay
    rows: Sequence[Any]
    route: Route
    verdicts: list[Verdict] = field(default_factory=list)
    effects: Counter[Effect] = field(default_factory=Counter)
    new_devices: int = 0

    def judge(self, *, isolated: bool) -> None:
        parser = catalogue.named(self.route.site_id, self.replay.parser_name)
        messages = [specimen(row).message() for row in self.rows]
        routes.remember([message.topic for message in messages], [self.route] * len(messages))
        one = partial(judge, route=self.route, parser=parser)
        self.verdicts = judge_apart(messages, one) if isolated else [one(message) for message in messages]
        if self.route.screens and (readable := self.readable()):
            screened = admission.screen([self.heard(index) for index in readable], counting=False)
            for index, found in zip(readable, screened, strict=True):
                self.verdicts[index] = let_in(self.verdicts[index], found)

    def heard(self, index: int) -> Heard:
        report, row = self.verdicts[index].report, self.rows[index]
        assert report is not None
        return Heard(self.route.site_id, report, row.received_at, row.retain, row.received_at)

    def readable(self) -> list[int]:
        return [index for index, verdict in enumerate(self.verdicts) if verdict.report]

    def compare(self) -> None:
        found = previews.preview([self.heard(index) for index in self.readable()])
        self.effects.update(found.effects())
        self.new_devices += len(found.new_gateways) + len(found.new_dataloggers)

    def store(self) -> None:
        self._store(self.readable())
        self._teach()
        if self.replay.source == Replay.Source.FAILURES:
            self._mark()

    def _store(self, indexes: Sequence[int]) -> None:
        """What the database refuses is found by halving, and fails alone."""
        if not indexes:
            return
        try:
            with transaction.atomic():
                heard = [self.heard(index) for index in indexes]
                found = previews.preview(heard)
                stored = devices.refill(heard)
        except DB_ERRORS as error:
            if not is_refusal(error):
                raise
            if len(indexes) == 1:
                refused = Verdict(Fate.FAILED, reason="database_refused", detail=str(error))
                self.verdicts[indexes[0]] = refused
                return
            middle = len(indexes) // 2
            self._store(indexes[:middle])
            self._store(indexes[middle:])
            return
        conflicts.flag("gateway", stored.new_gateways)
        conflicts.flag("datalogger", stored.new_dataloggers)
        self.effects.update(found.effects())
        self.new_devices += len(found.new_gateways) + len(found.new_dataloggers)

    def _teach(self) -> None:
        """What these messages teach counts from when they were received: what was taught since stays."""
        told = [(row, verdict) for row, verdict in zip(self.rows, self.verdicts, strict=True) if verdict.report]
        memory.record(
            memory.Taught(self.route.site_id, source(one, self.route), one.parser, row.received_at, one.report.lessons)
            for row, one in told
            if isinstance(one.report, Taught)
        )

    def _mark(self) -> None:
        """Say of each failure what its replay came to."""
        of_outcome: dict[str, list[int]] = {}
        for row, verdict in zip(self.rows, self.verdicts, strict=True):
            of_outcome.setdefault(outcome(verdict), []).append(row.pk)
        for name, ids in of_outcome.items():
            MqttParsingLog.objects.filter(pk__in=ids).update(outcome=name, replayed_at=Now())


def judge(message: Message, route: Route, parser: Parser | None) -> Verdict:
    """As at reception: what is switched off stays ignored; `parser` reads instead of the one that would be chosen."""
    try:
        topic = read_topic(message.topic)
    except ParseError as error:
        return Verdict(Fate.FAILED, reason=error.reason, detail=error.detail)
    rule = route.gate(topic)
    if rule is None or rule.is_muted:
        return Verdict(Fate.IGNORED, topic)
    found = reader(topic, route, rule, message.payload)
    chosen = parser or (found[0] if found else None)
    if chosen is None:
        return Verdict(Fate.UNRECOGNISED, topic)
    return learned(read(chosen, topic, message, route, Verdict(Fate.IGNORED, topic, chosen.name)), route)


def outcome(verdict: Verdict) -> str:
    if verdict.fate is Fate.STORED:
        has_rest = bool(verdict.held or (verdict.report and verdict.report.problems))
        return Outcome.PARTLY if has_rest else Outcome.RECOVERED
    return Outcome.FAILED if verdict.fate is Fate.FAILED else Outcome.IGNORED


def specimen(row: MqttParsingLog | RawMessage) -> Specimen:
    return trials.of_failure(row) if isinstance(row, MqttParsingLog) else trials.of_raw(row)


def _note(replay: Replay, work: Slice, *, is_last: bool) -> None:
    """Add a slice to the report, and move the cursor, in the transaction that stored it."""
    name = "applied" if replay.state == Stage.RUNNING else "checked"
    report = summed(getattr(replay, name), work)
    changes: dict[str, Any] = {name: report, "tries": 0, "touched_at": Now()}
    if work.rows:
        changes["cursor"] = work.rows[-1].pk
    if is_last:
        done = replay.state == Stage.RUNNING
        changes |= {"state": Stage.DONE, "finished_at": Now()} if done else {"state": Stage.CHECKED}
    Replay.objects.filter(pk=replay.pk).update(**changes)


def summed(report: dict[str, Any], work: Slice) -> dict[str, Any]:
    """A report with one more slice in it."""
    counts = Counter(report.get("messages", {}))
    counts.update(str(outcome(verdict)) for verdict in work.verdicts)
    readings = Counter(report.get("readings", {}))
    readings.update({str(effect): number for effect, number in work.effects.items()})
    failing = [(row, one) for row, one in zip(work.rows, work.verdicts, strict=True) if one.fate is Fate.FAILED]
    reasons = Counter(report.get("reasons", {}))
    for _, one in failing:
        reasons[one.reason if one.reason in reasons or len(reasons) < REASONS else "…"] += 1
    samples = report.get("samples", []) + [
        {"id": row.pk, "topic": row.topic[:512], "reason": one.reason, "detail": text(one.detail)[:500]}
        for row, one in failing[:SAMPLES]
    ]
    return {
        "read": report.get("read", 0) + len(work.rows),
        "messages": dict(counts),
        "readings": dict(readings),
        "new_devices": report.get("new_devices", 0) + work.new_devices,
        "reasons": dict(reasons),
        "samples": samples[:SAMPLES],
    }
