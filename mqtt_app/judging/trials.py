"""Try a parser: what would become of a message, the rows it would make, and where it goes wrong. Nothing is written."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from mqtt_app.judging import routes
from mqtt_app.judging.verdicts import Route, Rule, Verdict, context, learned, read, read_topic, recognise
from mqtt_app.messages import Fate, Message
from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttParsingLog, RawMessage, TopicSample
from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Envelope, ParseError, Parser, Taught
from mqtt_app.records import kinds
from mqtt_app.topics import matches, regular_expression
from sites import previews
from sites.heard import Heard
from sites.models import Site
from sites.previews import Preview
from sites.reports import DataloggerReport, GatewayReport

SEARCHED = 20_000  # raw messages of a site, the newest, in which those of a topic are looked for


class Specimen(NamedTuple):
    """A message to be tried. origin: pasted, sample, failure or raw; id: of the row that it comes from."""

    topic: str
    payload: bytes
    received_at: datetime
    retain: bool = False
    origin: str = "pasted"
    id: int | None = None
    is_cut: bool = False

    def envelope(self) -> Envelope:
        return Envelope(self.topic, self.payload, self.retain, self.received_at)

    def message(self) -> Message:
        return Message(0, 0, 0, 0, False, self.retain, self.topic.encode(), self.payload, self.received_at.timestamp())


class Fault(NamedTuple):
    """What could not be read, and where in the document; path is empty for the message as a whole."""

    path: str
    reason: str
    words: str


@dataclass(slots=True)
class Trial:
    """What one message would come to. took_ms: in the parser alone."""

    specimen: Specimen
    verdict: Verdict
    took_ms: float
    faults: list[Fault]
    preview: Preview = field(default_factory=Preview)

    @property
    def passes(self) -> bool:
        """Whether all of it would be stored, and that is anything at all."""
        return self.verdict.fate is Fate.STORED and not self.faults and self.says_something

    @property
    def says_something(self) -> bool:
        """Whether the message gives a reading, shows somebody alive, describes them, or teaches how to read others.

        A mapping whose expressions find nothing merely names its device.
        """
        report = self.verdict.report
        if report is None:
            return False
        named: list[GatewayReport | DataloggerReport] = [*report.gateways, *report.dataloggers]
        return isinstance(report, Taught) or any(
            one.alive or one.availability or one.metadata or one.firmware or one.interval for one in named
        )


def route_of(site: Site) -> Route:
    """How messages of this site are read; of one without a connection, everything is."""
    pk = MqttConnection.objects.filter(site=site).values_list("pk", flat=True).first()
    if pk is not None and (found := routes.load([pk]).get(pk)):
        return found
    return Route(0, site.pk, context(site.slug, site.timezone), [Rule("#", True, "")])


def try_all(specimens: Iterable[Specimen], route: Route, parser: Parser | None = None) -> list[Trial]:
    """Read each message as if its topic were parsed; parser: instead of the one that would be chosen."""
    wanted = list(specimens)
    routes.remember([one.topic.encode() for one in wanted], [route] * len(wanted))
    trials = [_read(one, route, parser) for one in wanted]
    stored = [trial for trial in trials if trial.verdict.report]
    heard = [_heard(trial, route) for trial in stored]
    found = previews.preview(heard) if heard else Preview()
    for row in found.rows:
        stored[row.message].preview.rows.append(row)
    for index, trial in enumerate(stored):
        report = heard[index].report
        gateways = {gateway.serial for gateway in report.gateways}
        gateways |= {one.gateway for one in report.dataloggers if one.gateway}
        dataloggers = {datalogger.serial for datalogger in report.dataloggers}
        trial.preview.new_gateways = [key for key in found.new_gateways if key[1] in gateways]
        trial.preview.new_dataloggers = [key for key in found.new_dataloggers if key[1] in dataloggers]
    return trials


def _read(specimen: Specimen, route: Route, parser: Parser | None) -> Trial:
    message = specimen.message()
    begun = time.perf_counter()
    verdict = _judge(message, route, parser)
    took = (time.perf_counter() - begun) * 1_000
    return Trial(specimen, verdict, round(took, 3), faults(verdict))


def _judge(message: Message, route: Route, parser: Parser | None) -> Verdict:
    try:
        topic = read_topic(message.topic)
    except ParseError as error:
        return Verdict(Fate.FAILED, reason=error.reason, detail=error.detail)
    chosen = parser or recognise(topic, route, message.payload)
    if chosen is None:
        return Verdict(Fate.UNRECOGNISED, topic)
    known = Verdict(Fate.IGNORED, topic, chosen.name, registry.pattern(chosen, topic))
    return learned(read(chosen, topic, message, route, known), route)


def faults(verdict: Verdict) -> list[Fault]:
    """Each bad place of a message, with its reason code."""
    if verdict.fate is Fate.FAILED:
        place = kinds.PLACE.match(verdict.detail)
        path = place[1] if place else ""
        return [Fault(path, verdict.reason, verdict.detail[place.end() :] if place else verdict.detail)]
    problems = verdict.report.problems if verdict.report else ()
    split = ((one.path, one.reason.partition(": ")) for one in problems)
    return [Fault(path, reason, words) for path, (reason, _, words) in split]


def _heard(trial: Trial, route: Route) -> Heard:
    assert trial.verdict.report is not None
    at = trial.specimen.received_at
    return Heard(route.site_id, trial.verdict.report, at, trial.specimen.retain, at)


def outcome(trial: Trial) -> dict[str, Any]:
    """What a message came to in plain values that do not depend on what is stored: what a test case expects."""
    report = trial.verdict.report
    readings = [
        {
            "device": row.datalogger,
            "sensor": row.sensor.key,
            "values": list(row.sensor.values),
            "unit": row.sensor.unit,
            "time": row.sensor.time.isoformat() if row.sensor.time else None,
            "quality": str(row.sensor.quality),
        }
        for row in trial.preview.rows
    ]
    return {
        "fate": str(trial.verdict.fate),
        "faults": [{"path": one.path, "reason": one.reason} for one in trial.faults],
        "gateways": sorted({one.serial for one in report.gateways}) if report else [],
        "devices": sorted({one.serial for one in report.dataloggers}) if report else [],
        "readings": readings,
    }


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """In words, where an outcome is not as expected; none where it is."""
    told = [
        f"{name}: expected {expected.get(name)!r}, found {found[name]!r}"
        for name in ("fate", "faults", "gateways", "devices")
        if expected.get(name) != found[name]
    ]
    wanted = {(one["device"], one["sensor"], one["time"]): one for one in expected.get("readings", [])}
    got = {(one["device"], one["sensor"], one["time"]): one for one in found["readings"]}
    for key in sorted({*wanted, *got}, key=str):
        if wanted.get(key) != got.get(key):
            told.append(f"{key[0]} {key[1]}: expected {_value(wanted.get(key))}, found {_value(got.get(key))}")
    return told


def _value(reading: dict[str, Any] | None) -> str:
    return f"{reading['values']} {reading['unit']} ({reading['quality']})" if reading else "no reading"


def of_failure(row: MqttParsingLog) -> Specimen:
    return Specimen(row.topic, bytes(row.payload), row.received_at, row.retain, "failure", row.pk)


def of_raw(row: RawMessage) -> Specimen:
    return Specimen(row.topic, bytes(row.payload), row.received_at, row.retain, "raw", row.pk)


def of_sample(row: TopicSample) -> Specimen:
    payload = bytes(row.payload)
    is_cut = row.size > len(payload)
    return Specimen(row.topic.topic_path, payload, row.received_at, row.retain, "sample", row.slot, is_cut)


def recent(site: Site, pattern: str, limit: int) -> list[Specimen]:
    """The last messages on topics of this filter that are kept anywhere, newest first, each once."""
    topics = DiscoveredTopic.objects.filter(site=site, topic_path__regex=regular_expression(pattern))
    samples = TopicSample.objects.filter(topic__in=topics).select_related("topic").order_by("-received_at")[:limit]
    failures = MqttParsingLog.objects.filter(site=site, topic__regex=regular_expression(pattern)).order_by("-id")
    newest_raw = RawMessage.objects.filter(connection__site=site).order_by("-id").values("pk")[:SEARCHED]
    raw = RawMessage.objects.filter(pk__in=newest_raw, topic__regex=regular_expression(pattern)).order_by("-id")
    found = [*map(of_sample, samples), *map(of_failure, failures[:limit]), *map(of_raw, raw[:limit])]
    return newest(one for one in found if matches(pattern, one.topic))[:limit]


def newest(specimens: Iterable[Specimen]) -> list[Specimen]:
    """Newest first; of a message that is kept in several places the whole one."""
    once: dict[tuple[str, datetime], Specimen] = {}
    for one in specimens:
        key = (one.topic, one.received_at)
        if key not in once or once[key].is_cut:
            once[key] = one
    return sorted(once.values(), key=lambda one: one.received_at, reverse=True)
