"""What speaks for a whole site, on {site}/{what}/status: a word of presence, often retained, often a last will."""

from pydantic import AliasChoices, ConfigDict, Field

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document, bounded
from mqtt_app.parsers.fields import MESSAGE_PARTS, Identifier, Label, Message
from mqtt_app.parsers.metadata import keep, told
from mqtt_app.parsers.names import availability, bare_word, site_serial
from sites.reports import Availability, DataloggerReport, Problem, Report


class Announcement(Message):
    """The whole message. Without a name of its own, the sender is called as its topic says."""

    model_config = ConfigDict(extra="allow")

    serial: Identifier | None = Field(default=None, validation_alias=AliasChoices("serial_number", "client_id"))
    status: Label


_document = Document(Announcement, parts=MESSAGE_PARTS)


def read(envelope: Envelope, context: Context, kind: str) -> Report:
    """The sender as a datalogger of `kind`, with what it declares of its presence. A bare word is a message too."""
    problems: tuple[Problem, ...] = ()
    if word := bare_word(envelope.payload):
        message = Announcement(status=word)
    else:
        message, problems = _document.read(envelope, context)
    declared = availability(message.status)
    further, unfit = keep(message.model_extra)
    device = DataloggerReport(
        serial=message.serial or site_serial(envelope.topic),
        kind=kind,
        availability=declared,
        interval=message.message_interval_seconds,
        metadata=further
        | told(status=message.status, timestamp=message.timestamp, mqtt_api_version=message.api_version),
        alive=declared is not Availability.OFFLINE,
    )
    return Report(dataloggers=(device,), problems=bounded([*problems, *unfit]))
