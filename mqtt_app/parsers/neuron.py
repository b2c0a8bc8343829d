"""Neuron: values, tags or ECP tags of one driver node and group, on any topic; and the state of its drivers."""

from typing import Any

from pydantic import AliasChoices, Field

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, ParseError, Reason
from mqtt_app.parsers.draft import Draft, several
from mqtt_app.parsers.fields import Identifier, Shape
from mqtt_app.parsers.times import since_epoch
from sites.reports import Availability, DataloggerReport, Report

_MARKS = (b'"values"', b'"tags"', b'"errors"', b'"states"')
LOOKED_AT = 4_096  # bytes of a payload in which its form is told


class Tag(Shape):
    """One tag: a value, or the number of an error instead. Its `type` (1 boolean, 2 integer, …) is not needed."""

    name: Identifier
    value: Any = None
    error: int | None = None


class Values(Shape):
    """What one group of a node read. Errors stand apart from values."""

    node: Identifier = Field(validation_alias=AliasChoices("node", "node_name"))
    group: str = Field(default="", validation_alias=AliasChoices("group", "group_name"))
    timestamp: int | None = None
    values: dict[str, Any] = Field(default={})
    errors: dict[str, Any] = Field(default={})
    tags: list[Tag] | dict[str, Any] = []  # a format that people made may have an object


class State(Shape):
    """One driver: link 1 is connected; running 3 is at work, which is no presence."""

    node: Identifier
    link: int | None = None
    running: int | None = None


class Neuron(Family):
    """A node is a device; a sensor keeps its group before its name."""

    name = "neuron"
    patterns = ("/neuron/#", "neuron/#", "#")

    def fits(self, payload: bytes) -> bool:
        head = payload[:LOOKED_AT]
        return (b'"node"' in head or b'"node_name"' in head) and any(mark in head for mark in _MARKS)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        document = texts.objects(envelope)
        if isinstance(document.get("states"), list):
            return several([_state(entry, envelope, context) for entry in document["states"][:1_000]])
        found = texts.shaped(Values, document, context)
        draft = Draft(found.node, envelope, context, "neuron")
        draft.time = since_epoch(found.timestamp, 1_000) if found.timestamp else None
        group = (found.group,) if found.group else ()
        draft.tree(found.values, place=group)
        tags = found.tags
        if isinstance(tags, dict):
            draft.tree(tags, place=group)
            tags = []
        for tag in tags:
            draft.tree({tag.name: tag.value}, place=group)
        errors = {tag.name: tag.error for tag in tags if tag.error} | found.errors
        if draft.is_empty and not errors and not found.tags and "values" not in document:
            raise ParseError(Reason.UNKNOWN_FORM, "neither values nor tags")
        return several([(draft, draft.report(errors={name: str(code) for name, code in errors.items()} or None))])


def _state(entry: Any, envelope: Envelope, context: Context) -> tuple[Draft, DataloggerReport]:
    state = texts.shaped(State, entry, context)
    draft = Draft(state.node, envelope, context, "neuron")
    linked = {1: Availability.ONLINE, 0: Availability.OFFLINE}
    availability = linked.get(state.link) if state.link is not None else None
    return draft, draft.report(availability, link=str(state.link), running=str(state.running))
