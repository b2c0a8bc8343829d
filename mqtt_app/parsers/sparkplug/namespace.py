"""spBv1.0/{group}/{kind}/{edge node}[/{device}]: births name what later messages number, deaths end it.

An edge node is a gateway, and a datalogger behind itself for metrics of its own. A birth teaches the names, types and
units of its metrics; data that came before it fails as not_yet_known, and can be read again when the birth is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from google.protobuf.message import DecodeError

from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, ParseError, Reason, Taught
from mqtt_app.parsers.documents import MAX_PAYLOAD, bounded, nothing_read
from mqtt_app.parsers.draft import Draft
from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from mqtt_app.parsers.sparkplug.sequence import Arrival, of_payload
from mqtt_app.parsers.sparkplug.values import Known, Metric, Named, flatten, text
from mqtt_app.parsers.times import since_epoch
from sites.reports import Availability, GatewayReport, Problem, Report

MAX_METRICS = 5_000  # of one message
CONTROL = ("Node Control/", "Device Control/")  # commands that a node offers
REBIRTH, BOOLEAN = "Node Control/Rebirth", 11
SESSION = "bdSeq"  # the number of a node's session, which its birth and its last will share


@dataclass(frozen=True, slots=True)
class Birth(Taught):
    """What a birth says. arrival: what it is to the sequence of its node."""

    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Data(Report):
    """What a data message says. arrival: what it is to the sequence of its node."""

    arrival: Arrival | None = None


class Sparkplug(Family):
    """Commands and the state of host applications are ignored: they come from no device."""

    name = "sparkplug"
    patterns = ("spBv1.0/#", "STATE/+")

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        return "/".join((levels[1], *levels[3:5])) if len(levels) > 3 else None

    def asks(self, topic: str) -> tuple[str, ...]:
        """The births of the node and, for a device's data, of the device: a number is unique within its node."""
        levels = topic.split("/")
        if len(levels) < 4 or levels[2] not in ("NDATA", "NDEATH", "DDATA"):
            return ()
        node = _about(levels[1], levels[3])
        return (node, f"{node}/{levels[4]}") if len(levels) > 4 else (node,)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")
        kind = levels[2] if len(levels) > 3 else "STATE"
        if kind in ("NCMD", "DCMD") or "STATE" in (kind, *levels[1:2]):
            raise Ignored("a command, or the state of a host application")
        if len(levels) != (4 if kind[:1] == "N" else 5) or kind[1:] not in ("BIRTH", "DATA", "DEATH"):
            raise ParseError(Reason.UNKNOWN_FORM, "the topic is none of Sparkplug B")
        payload = _decoded(envelope)
        if kind.endswith("DEATH"):
            return _death(payload, envelope, context, levels)
        return _Reading(payload, envelope, context, levels).report(is_birth=kind.endswith("BIRTH"))


def rebirth(now: datetime) -> bytes:
    """The payload of an NCMD that asks a node for its births and those of its devices."""
    metric = Payload.Metric(name=REBIRTH, datatype=BOOLEAN, boolean_value=True)
    return Payload(timestamp=int(now.timestamp() * 1_000), metrics=[metric]).SerializeToString()


def _about(group: str, *names: str) -> str:
    return "/".join(("spBv1.0", group, *names))


def _decoded(envelope: Envelope) -> Payload:
    if len(envelope.payload) > MAX_PAYLOAD:
        raise ParseError(Reason.TOO_LARGE, f"{len(envelope.payload)} bytes; at most {MAX_PAYLOAD} are read")
    if not envelope.payload:
        raise Ignored(Reason.RETAINED_CLEAR) if envelope.retain else ParseError(Reason.EMPTY_PAYLOAD, "no content")
    try:
        payload = Payload.FromString(envelope.payload)
    except DecodeError as error:
        raise ParseError(Reason.PROTOBUF_INVALID, "the payload is no Sparkplug B protobuf") from error
    if not payload.HasField("timestamp") and not payload.metrics:  # nearly anything short decodes to nothing
        raise ParseError(Reason.PROTOBUF_INVALID, "the payload has neither a timestamp nor metrics")
    return payload


def _session(payload: Payload) -> int | None:
    for metric in islice(payload.metrics, MAX_METRICS):
        if metric.name == SESSION:
            return metric.long_value if metric.WhichOneof("value") == "long_value" else metric.int_value
    return None


def _death(payload: Payload, envelope: Envelope, context: Context, levels: list[str]) -> Report:
    """A device's death is its own; a node's takes all its devices with it, unless it ends an earlier session."""
    _, group, _, edge, *device = levels
    node = f"{group}/{edge}"
    draft = Draft("/".join((node, *device)), envelope, context, "sparkplug")
    report = draft.report(Availability.OFFLINE, gateway=node)
    if device:
        return Report(dataloggers=(report,))
    said = [body["session"] for body in context.known.about(_about(group, edge)) if body.get("session") is not None]
    if said and (session := _session(payload)) is not None and session not in said:
        raise Ignored("the last will of an earlier session")
    gateway = GatewayReport(node, availability=Availability.OFFLINE, alive=False, takes_down=True)
    return Report(gateways=(gateway,), dataloggers=(report,))


class _Reading:
    """A birth or data message on its way into a report."""

    def __init__(self, payload: Payload, envelope: Envelope, context: Context, levels: list[str]) -> None:
        _, group, _, edge, *device = levels
        self.payload, self.device = payload, device
        self.arrival = of_payload(levels, payload)
        self.node = f"{group}/{edge}"
        self.about = _about(group, edge, *device)
        self.draft = Draft("/".join((self.node, *device)), envelope, context, "sparkplug", limit=MAX_METRICS)
        self.names: dict[int, str | None] = {}
        self.known: dict[str, Known] = {}
        for about in dict.fromkeys((_about(group, edge), self.about)):  # the device's own birth has the last word
            for body in context.known.about(about):
                self.names |= {int(alias): name for alias, name in body["aliases"].items()}
                self.known |= {name: Known(*said) for name, said in body["metrics"].items()}

    def report(self, *, is_birth: bool) -> Report:
        if is_birth:
            self.names, self.known = self._introduced(), {}
        found = [named for metric in islice(self.payload.metrics, MAX_METRICS) for named in self._named(metric)]
        for named in found:
            self._take(named)
        availability = Availability.ONLINE if is_birth else None
        datalogger = self.draft.report(availability, gateway=self.node)
        problems = bounded(self.draft.problems)
        if problems and not datalogger.sensors and not self.draft.words:
            raise nothing_read(problems)
        gateways = () if self.device else (GatewayReport(self.node, availability=availability),)
        if not is_birth:
            return Data(gateways, (datalogger,), problems, self.arrival)
        return Birth(gateways, (datalogger,), problems, (self._lesson(found),), self.arrival)

    def _introduced(self) -> dict[int, str | None]:
        """Which number stands for which name; one that stands for two stands for none."""
        names: dict[int, str | None] = {}
        for metric in islice(self.payload.metrics, MAX_METRICS):
            if metric.HasField("alias") and text(metric.name):
                names[metric.alias] = text(metric.name) if metric.alias not in names else None
        return names

    def _named(self, metric: Metric) -> Iterator[Named]:
        name = text(metric.name) or (self.names.get(metric.alias) if metric.HasField("alias") else None)
        if name:
            yield from islice(flatten(metric, name, self.known), MAX_METRICS)
        elif metric.HasField("alias"):
            reason = "two metrics have this number" if metric.alias in self.names else "no birth has named it"
            self.draft.problems.append(Problem(f"metrics[alias {metric.alias}]", f"{Reason.NOT_YET_KNOWN}: {reason}"))
        else:
            self.draft.problems.append(Problem("metrics", f"{Reason.BAD_IDENTIFIER}: a metric without name or number"))

    def _take(self, named: Named) -> None:
        if named.value is None or named.name == SESSION or named.name.startswith(CONTROL):
            return
        at = named.timestamp or self.payload.timestamp
        self.draft.time = since_epoch(at, 1_000) if at else None
        self.draft.add(named.name, named.value, named.unit, quality=named.quality)

    def _lesson(self, found: list[Named]) -> Lesson:
        body = {
            "aliases": {str(alias): name for alias, name in self.names.items()},
            "metrics": {named.name: [named.datatype, named.unit] for named in found},
            "session": None if self.device else _session(self.payload),
        }
        return Lesson(self.about, body)
