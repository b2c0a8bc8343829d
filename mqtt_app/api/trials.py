"""REST for trying a parser: on a message that is pasted or kept, and on the last ones of a topic."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from mqtt_app.api.topics import known_parser
from mqtt_app.exploring.discovery import sample
from mqtt_app.judging import catalogue, trials
from mqtt_app.judging.trials import Specimen, Trial
from mqtt_app.models import DiscoveredTopic, MqttParsingLog
from mqtt_app.parsers.base import Parser
from mqtt_app.topics import is_filter
from sites import rest
from sites.models import Role, Site

router = Router()

SHOWN_ROWS = 500  # of one message's readings
SHOWN_BYTES = 64 * 1024  # of one message's payload
Body = Annotated[str, StringConstraints(max_length=400_000)]


class MessageIn(Schema):
    """A message: pasted (topic, and text or payload in base64), or kept (parsing_log, or discovered_topic's newest
    sample; sample: the slot of another). parser_name: empty takes the one that would be chosen."""

    site: int
    topic: rest.Text | None = None
    text: Body | None = None
    payload: Body | None = None
    retain: bool = False
    received_at: rest.Moment | None = None
    parsing_log: int | None = None
    discovered_topic: int | None = None
    sample: int | None = None
    parser_name: rest.Text = ""


class FaultOut(Schema):
    """path: in the document, empty for the message as a whole. reason: a stable code."""

    path: str
    reason: str
    words: str


class TriedReading(Schema):
    """One reading that the message would make. time: at which it would count; claimed_time: the device's own claim,
    where that is not believed. effect: add, change (before: the values that stand there) or same.
    """

    device: str
    sensor: str
    kind: str
    components: list[str]
    values: list[float]
    unit: str
    time: datetime
    claimed_time: datetime | None
    quality: str
    effect: str
    before: list[float] | None


class TrialOut(Schema):
    """What would become of the message if its topic were parsed: fate is stored, ignored, unrecognised or failed.

    passes: stored without any fault, and not for nothing: something is read, or somebody is shown alive or described.
    took_ms: in the parser. origin: pasted, sample, failure, raw or case, and id its
    row or slot. is_cut: only the beginning of the message was kept. payload: base64, null beyond 64 kB; with it, topic,
    retain and received_at the same message can be tried again, or kept as a test case. readings: the first 500.
    """

    origin: str
    id: int | None
    topic: str
    retain: bool
    received_at: datetime
    is_cut: bool
    payload: str | None
    shown: Any
    fate: str
    passes: bool
    parser: str
    pattern: str
    reason: str
    faults: list[FaultOut]
    trace: str
    took_ms: float
    new_gateways: list[str]
    new_devices: list[str]
    gateways: list[str]
    devices: list[str]
    readings: list[TriedReading]
    readings_in_all: int


class TopicTrialIn(Schema):
    """discovered_topic, or filter: an MQTT filter over the site's topics. limit: the last so many messages."""

    site: int
    discovered_topic: int | None = None
    filter: rest.Text | None = None
    parser_name: rest.Text = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class UnreadOut(Schema):
    """sensor: its name, or where its name stands. value: its expression."""

    sensor: str
    value: str


class TopicTrialOut(Schema):
    """Of the last messages that are kept: so many pass, these fail. skipped: cut ones, which cannot be judged.

    readings: of all messages together; with_readings: how many messages gave at least one. unread: of a mapping, the
    sensors of which no message has a reading.
    """

    tried: int
    passed: int
    failed: int
    skipped: int
    readings: int
    with_readings: int
    unread: list[UnreadOut] = []
    took_ms: float
    items: list[TrialOut]


def described(trial: Trial) -> dict[str, Any]:
    one, verdict, found = trial.specimen, trial.verdict, trial.preview
    report = verdict.report
    return {
        "origin": one.origin,
        "id": one.id,
        "topic": one.topic,
        "retain": one.retain,
        "received_at": one.received_at,
        "is_cut": one.is_cut,
        "payload": base64.b64encode(one.payload).decode() if len(one.payload) <= SHOWN_BYTES else None,
        "shown": sample(one.payload),
        "fate": str(verdict.fate),
        "passes": trial.passes,
        "parser": verdict.parser,
        "pattern": verdict.pattern,
        "reason": verdict.reason,
        "faults": [fault._asdict() for fault in trial.faults],
        "trace": verdict.trace,
        "took_ms": trial.took_ms,
        "new_gateways": [serial for _, serial in found.new_gateways],
        "new_devices": [serial for _, serial in found.new_dataloggers],
        "gateways": sorted({gateway.serial for gateway in report.gateways}) if report else [],
        "devices": sorted({datalogger.serial for datalogger in report.dataloggers}) if report else [],
        "readings": [_reading(row) for row in found.rows[:SHOWN_ROWS]],
        "readings_in_all": len(found.rows),
    }


def _reading(row: Any) -> dict[str, Any]:
    return {
        "device": row.datalogger,
        "sensor": row.sensor.key,
        "kind": row.sensor.kind,
        "components": list(row.sensor.components),
        "values": list(row.sensor.values),
        "unit": row.sensor.unit,
        "time": row.time,
        "claimed_time": row.claimed_time,
        "quality": row.quality,
        "effect": str(row.effect),
        "before": list(row.before) if row.before else None,
    }


def operated(request: HttpRequest, site_id: int) -> Site:
    """The site. Raises Refused (404, 403)."""
    site = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=site_id)
    rest.require(request, site.pk, Role.OPERATOR)
    return site


def invalid(**fields: str) -> rest.Refused:
    return rest.Refused(422, "invalid", "The request is not valid.", fields)


def chosen(name: str, site: Site) -> Parser | None:
    known_parser(name, site.pk)
    return catalogue.named(site.pk, name)


def specimen(data: MessageIn, site: Site) -> Specimen:
    """The message that a request speaks of. Raises Refused (404, 422)."""
    if data.parsing_log is not None:
        return trials.of_failure(rest.find(MqttParsingLog.objects.filter(site=site), pk=data.parsing_log))
    if data.discovered_topic is not None:
        topic = rest.find(DiscoveredTopic.objects.filter(site=site), pk=data.discovered_topic)
        kept = topic.samples.select_related("topic").order_by("-received_at")
        return trials.of_sample(rest.find(kept, **({} if data.sample is None else {"slot": data.sample})))
    if not data.topic or (data.text is None) == (data.payload is None):
        raise invalid(body="Give a topic, and either text or payload; or parsing_log; or discovered_topic.")
    return Specimen(data.topic, _payload(data), data.received_at or timezone.now(), data.retain)


def _payload(data: MessageIn) -> bytes:
    if data.text is not None:
        return data.text.encode(errors="surrogatepass")
    try:
        return base64.b64decode(data.payload or "", validate=True)
    except binascii.Error as error:
        raise invalid(payload="This is not base64.") from error


@router.post(
    "/parsers/try/", response=TrialOut, summary="What would become of a message; nothing is written (operator)"
)
def try_message(request: HttpRequest, data: MessageIn) -> dict[str, Any]:
    site = operated(request, data.site)
    [trial] = trials.try_all([specimen(data, site)], trials.route_of(site), chosen(data.parser_name, site))
    return described(trial)


@router.post("/parsers/try-topic/", response=TopicTrialOut, summary="The same of a topic's last messages (operator)")
def try_topic(request: HttpRequest, data: TopicTrialIn) -> dict[str, Any]:
    """Of what is kept: samples, failures, and raw messages where the connection keeps them."""
    site = operated(request, data.site)
    pattern = data.filter
    if data.discovered_topic is not None:
        pattern = rest.find(DiscoveredTopic.objects.filter(site=site), pk=data.discovered_topic).topic_path
    if not pattern or not is_filter(pattern):
        raise invalid(filter="Give a discovered_topic, or an MQTT filter with + and #.")
    return counted(trials.recent(site, pattern, data.limit), site, chosen(data.parser_name, site))


def counted(found: list[Specimen], site: Site, parser: Parser | None) -> dict[str, Any]:
    """How these messages fare together."""
    whole = [one for one in found if not one.is_cut]
    tried = trials.try_all(whole, trials.route_of(site), parser)
    passed = sum(trial.passes for trial in tried)
    made = [len(trial.preview.rows) for trial in tried]
    return {
        "tried": len(tried),
        "passed": passed,
        "failed": len(tried) - passed,
        "skipped": len(found) - len(whole),
        "readings": sum(made),
        "with_readings": sum(map(bool, made)),
        "took_ms": round(sum(trial.took_ms for trial in tried), 3),
        "items": [described(trial) for trial in tried],
    }
