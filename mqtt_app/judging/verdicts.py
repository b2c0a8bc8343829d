"""What is to become of one message: gate it, parse it, name its fate. Pure: no database, no clock."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from billiard.exceptions import SoftTimeLimitExceeded

from mqtt_app.messages import Fate, Message
from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Context, Envelope, Ignored, ParseError, Parser, Reason, Taught, Unrecognised
from mqtt_app.parsers.mapping import MappingParser
from mqtt_app.records.failures import HELD, trace
from mqtt_app.topics import matches
from sites.admission import Screened
from sites.reports import Report

logger = logging.getLogger(__name__)

TOPIC_LIMIT = 512  # bytes; longer ones do not fit an index, and no device needs them


class Rule(NamedTuple):
    """One MqttTopic, as the gate sees it."""

    pattern: str
    is_active: bool
    parser: str
    is_muted: bool = False
    template: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """What a connection says about its messages: their site, what is parsed, and its own beacon."""

    connection_id: int
    site_id: int
    context: Context
    rules: Sequence[Rule]
    beacon: frozenset[tuple[bytes, bytes]] = frozenset()
    keeps_raw: bool = False
    has_templates: bool = False
    mappings: Sequence[MappingParser] = ()
    screens: bool = False

    def mapping(self, topic: str) -> MappingParser | None:
        """The first mapping whose template the topic belongs to."""
        return next((one for one in self.mappings if one.reads(topic)), None)

    def named(self, name: str) -> Parser | None:
        """The parser or mapping of that name."""
        return registry.get(name) or next((one for one in self.mappings if one.name == name), None)

    def version(self, name: str) -> str:
        """The version of the parser or mapping of that name."""
        found = next((one for one in self.mappings if one.name == name), None)
        return str(found.version) if found else registry.version(name)

    def gate(self, topic: str) -> Rule | None:
        """The rule under which a topic is parsed; None when no active one matches, or an inactive one does.

        A muted topic's is the one that mutes it.
        """
        return _gate(tuple(self.rules), topic)


@lru_cache(maxsize=10_000)  # about what one worker meets again and again
def _gate(rules: tuple[Rule, ...], topic: str) -> Rule | None:
    matching = [rule for rule in rules if matches(rule.pattern, topic)]
    if any(not rule.is_active for rule in matching):
        return next((rule for rule in matching if rule.is_muted), None)
    return max(matching, key=lambda rule: (bool(rule.parser), len(rule.pattern)), default=None)


class Verdict(NamedTuple):
    """A message's fate, and what led to it. topic is None when the bytes are no topic.

    held: in words, who of it waits to be let in.
    """

    fate: Fate
    topic: str | None = None
    parser: str = ""
    pattern: str = ""
    report: Report | None = None
    reason: str = ""
    detail: str = ""
    trace: str = ""
    held: str = ""


def judge(message: Message, route: Route) -> Verdict:
    """Decide one message's fate. Raises nothing but the worker's own time limit."""
    if (message.topic, message.payload) in route.beacon:
        return Verdict(Fate.IGNORED)
    try:
        topic = read_topic(message.topic)
    except ParseError as error:
        return Verdict(Fate.FAILED, reason=error.reason, detail=error.detail)
    rule = route.gate(topic)
    if rule and rule.is_muted:
        return Verdict(Fate.IGNORED)
    found = reader(topic, route, rule, message.payload)
    if found is None:
        fate = Fate.UNRECOGNISED if rule else Fate.IGNORED
        return Verdict(fate, topic)
    parser, pattern = found
    known = Verdict(Fate.IGNORED, topic, parser.name, pattern)
    return read(parser, topic, message, route, known) if rule else known


def reader(topic: str, route: Route | None, rule: Rule | None, payload: bytes | None) -> tuple[Parser, str] | None:
    """Who reads a message, and the filter that its topic meets: the parser that its rule names, else a mapping of the
    site, else the first parser that recognises it. Without a payload, those who want to see it are passed over.
    """
    if route is not None:
        named = rule.parser if rule else ""
        parser = route.named(named) if named else route.mapping(topic)
        if parser is not None or named:
            return (parser, registry.pattern(parser, topic)) if parser else None
    return registry.choose(registry.way(topic, route.context.site_slug if route else ""), payload)


def recognise(topic: str, route: Route | None, payload: bytes | None = None) -> Parser | None:
    """Who would read a topic, whether or not it is switched on; a site without connection has no route."""
    found = reader(topic, route, route.gate(topic) if route else None, payload)
    return found[0] if found else None


def learned(verdict: Verdict, route: Route) -> Verdict:
    """The verdict; what its message taught is known to the messages after it."""
    if isinstance(verdict.report, Taught):
        route.context.known.learn(source(verdict, route), verdict.report.lessons)
    return verdict


def let_in(verdict: Verdict, screened: Screened) -> Verdict:
    """The verdict when only a part of its devices is let in: what is held fails or is told, what is refused is not."""
    if not screened.held and not screened.refused:
        return verdict
    words = f"Waits to be let in: {', '.join(screened.held)}."[:1_000] if screened.held and screened.is_kept else ""
    if not screened.is_empty:
        return verdict._replace(report=screened.report, held=words)
    if words:
        return verdict._replace(fate=Fate.FAILED, report=None, reason=HELD, detail=words)
    return verdict._replace(fate=Fate.IGNORED, report=None)


def source(verdict: Verdict, route: Route) -> str:
    """The topic of a message as its family publishes it: what the message teaches is kept by it."""
    return registry.way(verdict.topic or "", route.context.site_slug).topic


def read(parser: Parser, topic: str, message: Message, route: Route, known: Verdict) -> Verdict:
    """Parse, and turn whatever the parser does into a verdict. `known`: the verdict on a message that is ignored."""
    is_mapped = isinstance(parser, MappingParser)  # a template names the whole topic
    inner = topic if is_mapped else registry.way(topic, route.context.site_slug).topic
    envelope = Envelope(inner, message.payload, message.retain, message.received)
    context = route.context
    if route.has_templates and (rule := route.gate(topic)) and rule.template:
        context = replace(context, template=rule.template)
    try:
        report = parser.parse(envelope, context)
    except Ignored:
        return known
    except Unrecognised:
        return Verdict(Fate.UNRECOGNISED, known.topic)
    except ParseError as error:
        return known._replace(fate=Fate.FAILED, reason=error.reason, detail=error.detail)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # a parser's own fault must not cost its neighbours
        if not is_mapped and not registry.pattern(parser, inner):
            words = f"The topic meets no filter of the parser {parser.name}, which cannot read it. Choose another one."
            return known._replace(fate=Fate.FAILED, reason=Reason.UNKNOWN_FORM, detail=words, trace=trace(error))
        logger.exception("Parser %s raised on a message", parser.name)
        return known._replace(
            fate=Fate.FAILED,
            reason="parser_raised",
            detail=f"The parser {parser.name} raised {type(error).__name__}. The message is kept and can be replayed.",
            trace=trace(error),
        )
    return known._replace(fate=Fate.STORED, report=report)


def read_topic(raw: bytes) -> str:
    """A topic as text. Raises ParseError bad_topic for what no index or page could hold."""
    try:
        topic = raw.decode()
    except UnicodeDecodeError as error:
        raise ParseError("bad_topic", f"The topic is not UTF-8 (byte {error.start}).") from error
    if len(raw) > TOPIC_LIMIT:
        raise ParseError("bad_topic", f"The topic has {len(raw)} bytes; at most {TOPIC_LIMIT} are taken.")
    if not topic.strip("/") or not topic.isprintable():
        raise ParseError("bad_topic", "The topic is empty or holds control characters.")
    if "+" in topic or "#" in topic:
        raise ParseError("bad_topic", "The topic holds a wildcard, which only filters may.")  # [MQTT-3.3.2-2]
    return topic


def context(slug: str, timezone: str) -> Context:
    return Context(site_slug=slug, timezone=ZoneInfo(timezone))
