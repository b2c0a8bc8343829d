"""Home Assistant discovery: homeassistant/{component}/[{node}/]{object}/config announces who says what, and where.

An announcement makes its device known and teaches how its topics are read. It is no sign of life: it may be years old.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field

from mqtt_app.parsers import registry, texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Lesson, Reason, Taught
from mqtt_app.parsers.documents import bounded
from mqtt_app.parsers.draft import named
from mqtt_app.parsers.entity_topics import attributes, spoken
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.metadata import keep
from mqtt_app.parsers.units import spelled
from mqtt_app.parsers.value_templates import Unreadable, compiled
from sites.reports import DataloggerReport, Problem, Report

MOST_COMPONENTS = 200  # of one device in one announcement


def _either(*names: str) -> Any:
    return AliasChoices(*names)


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _said(value: object) -> object:
    """A text; what was written as a number or truth value, as it would stand in a payload."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Word = Annotated[str, BeforeValidator(_said)]


class Device(Shape):
    """Who is announced; identifiers is a text or a list of them."""

    identifiers: Annotated[list[Any], BeforeValidator(_listed)] = Field(
        default=[], validation_alias=_either("identifiers", "ids")
    )
    name: Word | None = None
    manufacturer: Word | None = Field(default=None, validation_alias=_either("manufacturer", "mf"))
    model: Word | None = Field(default=None, validation_alias=_either("model", "mdl"))
    software: Word | None = Field(default=None, validation_alias=_either("sw_version", "sw"))


class Presence(Shape):
    """Where a device says whether it is there, and in which words."""

    topic: Word = Field(validation_alias=_either("topic", "t"))
    on: Word | None = Field(default=None, validation_alias=_either("payload_available", "pl_avail"))
    off: Word | None = Field(default=None, validation_alias=_either("payload_not_available", "pl_not_avail"))
    template: Word | None = Field(default=None, validation_alias=_either("value_template", "val_tpl"))


class Entity(Shape):
    """One sensor, switch or the like, in long or short keys; what only some kinds of entities have is kept as it is."""

    model_config = ConfigDict(extra="allow")

    base: Word = Field(default="", validation_alias="~")
    name: Word | None = None
    state_topic: Word | None = Field(default=None, validation_alias=_either("state_topic", "stat_t"))
    template: Word | None = Field(default=None, validation_alias=_either("value_template", "val_tpl"))
    unit: Word | None = Field(default=None, validation_alias=_either("unit_of_measurement", "unit_of_meas"))
    unique_id: Word | None = Field(default=None, validation_alias=_either("unique_id", "uniq_id"))
    availability: Annotated[list[Presence], BeforeValidator(_listed)] = Field(
        default=[], validation_alias=_either("availability", "avty")
    )
    availability_topic: Word | None = Field(default=None, validation_alias=_either("availability_topic", "avty_t"))
    availability_template: Word | None = Field(
        default=None, validation_alias=_either("availability_template", "avty_tpl")
    )
    on: Word = Field(default="online", validation_alias=_either("payload_available", "pl_avail"))
    off: Word = Field(default="offline", validation_alias=_either("payload_not_available", "pl_not_avail"))
    device: Device | None = Field(default=None, validation_alias=_either("device", "dev"))
    components: dict[str, Any] = Field(default={}, validation_alias=_either("components", "cmps"))


class Value(NamedTuple):
    """Where a template finds its value: no steps for the whole payload, None where the template is no plain path.

    template: what is evaluated instead, then; empty where it cannot be read.
    """

    steps: list[str] | None
    scale: float = 1.0
    template: str = ""


class HomeAssistant(Family):
    """An empty announcement takes back what its topic announced."""

    name = "homeassistant"
    version = "2"
    patterns = (*(f"homeassistant/{levels}/config" for levels in ("+/+", "+/+/+", "+/+/+/+")), "homeassistant/status")

    def asks(self, topic: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")
        if levels[-1] == "status":
            raise Ignored("Home Assistant itself")
        if not envelope.payload:
            return Taught()
        document = texts.objects(envelope)
        return _announced(document, levels, context)


def _announced(document: dict[str, Any], levels: list[str], context: Context) -> Report:
    whole = texts.shaped(Entity, document, context)
    shared = {key: value for key, value in document.items() if key not in ("components", "cmps")}
    parts = list(whole.components.items())[:MOST_COMPONENTS]
    entities = [(key, texts.shaped(Entity, shared | part, context)) for key, part in parts if isinstance(part, dict)]
    entities = entities or [(levels[-2], whole)]
    about = whole.device or Device()
    serial = named(_serial(entities, about, levels))
    metadata, _ = keep({"name": about.name, "manufacturer": about.manufacturer, "model": about.model})
    known = {key: value for key, value in metadata.items() if value is not None}
    device = DataloggerReport(serial, firmware=(about.software or "")[:128], metadata=known, alive=False)
    return Taught(dataloggers=(device,), problems=bounded(_unread(entities)), lessons=_lessons(entities, serial))


def _unread(entities: Iterable[tuple[str, Entity]]) -> list[Problem]:
    """The templates that are not read here, and what in them is not."""
    problems = []
    for key, entity in entities:
        for template in filter(None, (entity.template, entity.availability_template)):
            try:
                compiled(template)
            except Unreadable as error:
                problems.append(Problem(f"{key}.value_template"[:128], f"{Reason.UNKNOWN_FORM}: {error} is not read"))
    return problems


def _serial(entities: list[tuple[str, Entity]], about: Device, levels: list[str]) -> str:
    """As the device's own messages call it, where a family reads them; else its first identifier, else its topic."""
    for _, entity in entities:
        parser = registry.find(_topic(entity, entity.state_topic)) if entity.state_topic else None
        if isinstance(parser, Family) and (sender := parser.sender(_topic(entity, entity.state_topic))):
            return sender
    first = about.identifiers[0] if about.identifiers else ""
    if isinstance(first, list):  # as a pair of a kind and an id
        first = first[-1] if first else ""
    return str(first) if first else about.name or levels[2]


def _sayings(key: str, entity: Entity, serial: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each topic of an entity, and what is said there."""
    if topic := _topic(entity, entity.state_topic):
        value, unit = value_of(entity.template), spelled(entity.unit)
        sensor = (".".join(value.steps) if value.steps else key)[:128]
        yield topic, {"is": "state", "device": serial, "sensor": sensor, "unit": unit, **value._asdict()}
    for also in spoken(entity.model_extra or {}):
        value = value_of(also.template)
        sensor = (".".join(value.steps) if value.steps else f"{key}.{also.name}")[:128]
        said = {"is": "state", "device": serial, "sensor": sensor, "unit": also.unit, **value._asdict()}
        yield _topic(entity, also.topic), said
    whole = attributes(entity.model_extra or {}, entity.state_topic)
    if whole and (steps := value_of(whole[1]).steps) is not None:
        yield _topic(entity, whole[0]), {"is": "attributes", "device": serial, "steps": steps}
    wheres = list(entity.availability)
    if entity.availability_topic:
        about = {"topic": entity.availability_topic, "value_template": entity.availability_template}
        wheres.append(Presence.model_validate(about))
    for where in wheres:
        words = {"on": where.on or entity.on, "off": where.off or entity.off}
        value = value_of(where.template)
        said = {"is": "availability", "device": serial, "steps": value.steps, "template": value.template, **words}
        yield _topic(entity, where.topic), said


def _lessons(entities: Iterable[tuple[str, Entity]], serial: str) -> tuple[Lesson, ...]:
    """One lesson about each topic: what is said there, and the units of what is said there as it is."""
    topics: dict[str, list[dict[str, Any]]] = {}
    for key, entity in entities:
        for topic, said in _sayings(key, entity, serial):
            topics.setdefault(topic, []).append(said)
    return tuple(Lesson(topic, {"says": said, "units": _units(said)}) for topic, said in topics.items())


def _units(says: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {
        ".".join(said["steps"]): said["unit"]
        for said in says
        if said.get("unit") and said["steps"] is not None and said["scale"] == 1
    }


def _topic(entity: Entity, topic: str | None) -> str:
    """The topic with ~ at its beginning or end replaced by the base."""
    topic = topic or ""
    if topic.startswith("~"):
        return entity.base + topic[1:]
    return topic[:-1] + entity.base if topic.endswith("~") else topic


_STEP = r"(?:\.[A-Za-z_]\w*|\[\s*(?:'[^']*'|\"[^\"]*\"|\d+)\s*\])"
_TEMPLATE = re.compile(
    rf"\{{\{{-?\s*\(?\s*(?P<value>value_json(?P<steps>{_STEP}*)|value)\s*(?:\|\s*(?:float|int)\s*(?:\([^()]*\))?\s*)?"
    rf"(?:(?P<sign>[*/])\s*(?P<number>\d+(?:\.\d+)?)\s*)?\)?\s*"
    rf"(?:\|\s*(?:float|int|round|default|string|is_defined)\s*(?:\([^()]*\))?\s*)*-?\}}\}}"
)
_STEPS = re.compile(r"\.([A-Za-z_]\w*)|\[\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+))\s*\]")


def _is_readable(template: str) -> bool:
    try:
        compiled(template)
    except Unreadable:
        return False
    return True


def value_of(template: str | None) -> Value:
    """What a value template takes from the payload, if it takes one value, converts and perhaps scales it."""
    if not template or not template.strip():
        return Value([])
    found = _TEMPLATE.fullmatch(template.strip()[:1_000])
    if not found:
        return Value(None, template=template if _is_readable(template) else "")
    steps = [next(filter(None, step), "") for step in _STEPS.findall(found["steps"] or "")]
    factor = float(found["number"] or 1)
    if found["sign"] == "/" and not factor:
        return Value(None, template=template)
    return Value(steps, 1 / factor if found["sign"] == "/" else factor)
