"""{site}/gateway/{n}/datalogger/{kind}[/{m}]/output: what the acquisition of one datalogger has to say of its work."""

from pydantic import AliasChoices, ConfigDict, Field

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document, bounded
from mqtt_app.parsers.fields import MESSAGE_PARTS, Identifier, Label, Message
from mqtt_app.parsers.metadata import keep, told
from mqtt_app.parsers.names import availability, datalogger_of, gateway_serial
from sites.reports import Availability, DataloggerReport, Report


class Output(Message):
    """The whole message. session_id, error_code, error_message, details and all else are kept as they are."""

    model_config = ConfigDict(extra="allow")

    serial: Identifier | None = Field(default=None, validation_alias=AliasChoices("serial_number", "device_name"))
    status: Label | None = None


class DataloggerOutput:
    """No readings, and no presence but the sender's own: running and stopped tell of the acquisition."""

    name = "datalogger_output"
    patterns = ("+/gateway/+/datalogger/+/+/output", "+/gateway/+/datalogger/+/output")
    document = Document(Output, parts=(*MESSAGE_PARTS, "status"))

    def parse(self, envelope: Envelope, context: Context) -> Report:
        message, problems = self.document.read(envelope, context)
        declared = availability(message.status)
        further, unfit = keep(message.model_extra)
        datalogger = DataloggerReport(
            serial=message.serial or datalogger_of(envelope.topic),
            kind=envelope.topic.split("/")[4],
            gateway=gateway_serial(envelope.topic),
            availability=declared,
            interval=message.message_interval_seconds,
            metadata=further | told(status=message.status, mqtt_api_version=message.api_version),
            alive=declared is not Availability.OFFLINE,
        )
        return Report(dataloggers=(datalogger,), problems=bounded([*problems, *unfit]))
