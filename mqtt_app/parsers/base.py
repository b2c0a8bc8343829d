"""What a parser is: bytes of one message in, one Report out, no database, no clock of its own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sites.reports import Report


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as a parser sees it. topic is valid UTF-8 by now; payload is what the device sent, untouched."""

    topic: str
    payload: bytes
    retain: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a message teaches about how to read others: the names of a birth, a unit, an announced sensor.

    about: what has to be known when it is used, mostly a topic. body: JSON, of the family's own making.
    """

    about: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taught(Report):
    """A report that teaches. Its lessons replace all that its topic taught before; none at all takes that back."""

    lessons: tuple[Lesson, ...] = ()


class Known:
    """What a site's messages have taught so far, as far as the messages at hand need it."""

    def __init__(self) -> None:
        self._bodies: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._abouts: dict[str, set[str]] = {}

    def about(self, key: str) -> list[Mapping[str, Any]]:
        """Every lesson about `key`, in the order of the topics that taught them."""
        bodies = self._bodies.get(key)
        return [bodies[source] for source in sorted(bodies)] if bodies else []

    def learn(self, source: str, lessons: Iterable[Lesson]) -> None:
        """Take what `source` teaches now in place of what it taught before."""
        for about in self._abouts.pop(source, ()):
            del self._bodies[about][source]
        for lesson in lessons:
            self.add(source, lesson)

    def add(self, source: str, lesson: Lesson) -> None:
        self._bodies.setdefault(lesson.about, {})[source] = lesson.body
        self._abouts.setdefault(source, set()).add(lesson.about)


@dataclass(frozen=True, slots=True)
class Context:
    """What the message cannot say of itself: the site that its connection belongs to, and what is known there.

    template: how the levels of a plain topic are read, where a person said so (docs/parsers.md).
    """

    site_slug: str
    timezone: ZoneInfo
    known: Known = field(default_factory=Known, compare=False)
    template: str = ""


class Reason(StrEnum):
    """The stable codes of why a message, or a part of one, could not be read; docs/parsers.md lists them."""

    EMPTY_PAYLOAD = "empty_payload"
    RETAINED_CLEAR = "retained_clear"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_UTF8 = "not_utf8"
    NUL_CHAR = "nul_char"
    JSON_INVALID = "json_invalid"
    SCHEMA_TOP_LEVEL = "schema_top_level"
    SCHEMA = "schema"
    NUMBER_RANGE = "number_range"
    BAD_IDENTIFIER = "bad_identifier"
    BAD_TS = "bad_ts"
    NOT_YET_KNOWN = "not_yet_known"
    UNKNOWN_FORM = "unknown_form"
    PROTOBUF_INVALID = "protobuf_invalid"


class ParseError(Exception):
    """The message could not be read. `reason` is a stable code, mostly a Reason; `detail` says where and why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Ignored(Exception):
    """The parser knows this message and rightly does nothing with it (a cleared retained message, a command)."""


class Unrecognised(Exception):
    """The message is not of this family after all, nor of a later one: nobody reads it."""


class Parser(Protocol):
    """One message family. Instances are shared by all messages of a worker and hold no state.

    What only some families need stands in `Family`; the registry gives a parser without it the same defaults.
    """

    name: str
    """Stable name, kept in DiscoveredTopic.processor_name, MqttTopic.parser_name and MqttParsingLog.parser_name."""

    patterns: tuple[str, ...]
    """MQTT filters of the topics that this family uses; the registry takes the first parser that matches."""

    def parse(self, envelope: Envelope, context: Context) -> Report:
        """Read one message.

        Raises ParseError when the envelope of the message is bad; single bad readings become Report.problems instead.
        Raises Ignored when the message calls for nothing.
        """
        ...


class Family:
    """Base of a family that is told by more than MQTT filters, or that needs what other messages taught."""

    version: str = "1"
    """Grows when the same bytes come to be read differently."""

    is_last: bool = False
    """Asked after all others, wherever it stands in the settings: it takes what nobody else does."""

    topics: re.Pattern[str] | None = None
    """Topics that filters cannot describe, such as one that ends in a certain way. Found by `search`."""

    def fits(self, payload: bytes) -> bool:  # noqa: ARG002
        """Whether the payload has the family's form, where the topic alone does not tell. Cheap: asked each time."""
        return True

    def asks(self, topic: str) -> tuple[str, ...]:
        """What has to be known to read a message on `topic`: the `about` of lessons. Asked once for each topic."""
        return (topic,)

    def sender(self, topic: str) -> str | None:  # noqa: ARG002
        """The serial of the device that publishes on `topic`, where the topic says it."""
        return None
