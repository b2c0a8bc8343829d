"""What a parser is: bytes of one message in, one Report out, no database, no clock of its own."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
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
class Context:
    """What the message cannot say of itself: the site that its connection belongs to."""

    site_slug: str
    timezone: ZoneInfo


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


class ParseError(Exception):
    """The message could not be read. `reason` is a stable code, mostly a Reason; `detail` says where and why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Ignored(Exception):
    """The parser knows this message and rightly does nothing with it (a cleared retained message, a command)."""


class Parser(Protocol):
    """One message family. Instances are shared by all messages of a worker and hold no state."""

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
