"""Some kept messages, read again: what becomes of each, and what storing it changes, or would change."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from mqtt_app.judging import catalogue, memory, routes, trials
from mqtt_app.judging.isolation import judge_apart
from mqtt_app.judging.trials import Specimen
from mqtt_app.judging.verdicts import Route, Verdict, learned, let_in, read, read_topic, reader, source
from mqtt_app.messages import Fate, Message
from mqtt_app.models import MqttParsingLog, RawMessage, Replay
from mqtt_app.parsers.base import ParseError, Parser, Taught
from mqtt_app.records.failures import text
from mqtt_app.records.transactions import DB_ERRORS, is_refusal
from sites import admission, conflicts, devices, previews
from sites.heard import Heard
from sites.previews import Effect, Preview

SAMPLES = 20  # of what still fails, in a report
REASONS = 50  # that a report tells apart
NEW_KNOWN = 5_000
"""New devices that a report knows by name, and counts once. Beyond it one counts in each slice that it is in."""

Outcome = MqttParsingLog.Outcome


@dataclass(slots=True)
class Slice:
    """Some messages of a replay, and what becomes of them."""

    replay: Replay
    rows: Sequence[Any]
    route: Route
    verdicts: list[Verdict] = field(default_factory=list)
    effects: Counter[Effect] = field(default_factory=Counter)
    new_devices: list[str] = field(default_factory=list)

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
        self._count(previews.preview([self.heard(index) for index in self.readable()]))

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
        self._count(found)

    def _count(self, found: Preview) -> None:
        self.effects.update(found.effects())
        self.new_devices += [f"gateway {serial}" for _, serial in found.new_gateways]
        self.new_devices += [f"datalogger {serial}" for _, serial in found.new_dataloggers]

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


def summed(report: dict[str, Any], work: Slice) -> dict[str, Any]:
    """A report with one more slice in it. A device that was new to an earlier slice of this run is not new again."""
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
    named = report.get("new", [])
    new = [name for name in work.new_devices if name not in set(named)]
    return {
        "read": report.get("read", 0) + len(work.rows),
        "messages": dict(counts),
        "readings": dict(readings),
        "new_devices": report.get("new_devices", 0) + len(new),
        "new": (named + new)[:NEW_KNOWN],
        "reasons": dict(reasons),
        "samples": samples[:SAMPLES],
    }
