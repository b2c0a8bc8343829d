"""What a parser is: bytes of one message in, one Report out, no database, no clock of its own."""

from dataclasses import dataclass
from datetime import datetime
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


class ParseError(Exception):
    """The message could not be read. `reason` is a stable code (docs/parsers.md lists them); `detail` says where and why."""

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
    """MQTT filters of the topics that this family uses; the registry asks parsers in order and takes the first match."""

    def parse(self, envelope: Envelope, context: Context) -> Report:
        """Read one message.

        Raises ParseError when the envelope of the message is bad; single bad readings become Report.problems instead.
        Raises Ignored when the message calls for nothing.
        """
        ...
