"""What people write when they make a parser without code: a topic template and the expressions of its quantities."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mqtt_app import topic_templates
from mqtt_app.parsers.expressions import EXPRESSION_CHARACTERS, parsed
from mqtt_app.parsers.fields import LONGEST_VECTOR, Interval
from mqtt_app.topics import is_filter


def _expression(text: str) -> str:
    parsed(text)
    return text


def _template(text: str) -> str:
    topic_templates.pattern(text)
    if not is_filter(topic_templates.as_filter(text)):
        raise ValueError("+ and # stand for no level of a template; name it: {place}.")
    if len(text.encode()) > 512 or not topic_templates.as_filter(text).strip("/+"):
        raise ValueError("A template has at least one level that is not open, and 512 bytes at most.")
    return text


Expression = Annotated[str, Field(min_length=1, max_length=EXPRESSION_CHARACTERS), AfterValidator(_expression)]
Template = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_template)]
Words = Annotated[str, Field(max_length=128)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Strict(BaseModel):
    """What people write: a key that is not known is a mistake, and is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SensorMapping(Strict):
    """One quantity. key: its name, with {levels} of the topic; or key_from: an expression. value: a number, a list of
    numbers (then components may name them) or a word of the enumeration. each: of what list; key_from, value and the
    others are looked up in each of its items. The value stored is value × scale + offset.
    """

    key: Words = ""
    key_from: Expression | None = None
    value: Expression
    each: Expression | None = None
    unit: Annotated[str, Field(max_length=32)] = ""
    unit_from: Expression | None = None
    kind: Annotated[str, Field(max_length=64)] = ""
    time: Expression | None = None
    scale: Finite = 1.0
    offset: Finite = 0.0
    enumeration: Annotated[dict[Words, Finite], Field(max_length=100)] = Field(default_factory=dict)
    components: Annotated[tuple[Annotated[str, Field(max_length=32)], ...], Field(max_length=LONGEST_VECTOR)] = ()

    @model_validator(mode="after")
    def _has_one_key(self) -> "SensorMapping":
        if bool(self.key) == bool(self.key_from):
            raise ValueError("Give either key or key_from.")
        return self


class Definition(Strict):
    """A mapping. template: {site}/weather/{device}/state; its open levels can be used in device, gateway and keys.

    format: json, or text for a message that is one number or word (its expression is @). each: of what list in the
    message each item is a device. device or device_from: its serial. text_numbers: "12.5" is a number, too.
    """

    template: Template
    format: Literal["json", "text"] = "json"
    each: Expression | None = None
    device: Words = ""
    device_from: Expression | None = None
    gateway: Words = ""
    gateway_from: Expression | None = None
    kind: Annotated[str, Field(max_length=64)] = ""
    time: Expression | None = None
    interval: Interval | None = None
    text_numbers: bool = False
    sensors: Annotated[tuple[SensorMapping, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _names_what_there_is(self) -> "Definition":
        if bool(self.device) == bool(self.device_from):
            raise ValueError("Give either device or device_from.")
        if self.gateway and self.gateway_from:
            raise ValueError("Give either gateway or gateway_from.")
        there = set(topic_templates.fields(self.template))
        for text in (self.device, self.gateway, *(sensor.key for sensor in self.sensors)):
            if missing := set(topic_templates.fields(text)) - there:
                raise ValueError(f"The template has no level named {', '.join(sorted(missing))}.")
        return self
