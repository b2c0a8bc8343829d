"""{site}/gateway/{n}/datalogger/{d}/cmd, cmdres, data: the field's own commands and what is answered to them."""

from pydantic import AliasChoices, ConfigDict, Field

from mqtt_app.parsers.base import Context, Envelope, Ignored
from mqtt_app.parsers.documents import Document, bounded
from mqtt_app.parsers.fields import Identifier, Label, Shape
from mqtt_app.parsers.metadata import told
from mqtt_app.parsers.names import datalogger_of, gateway_serial
from sites.reports import DataloggerReport, Report


class Answer(Shape):
    """The answer to one method. Success says that it was done, and nothing of presence."""

    model_config = ConfigDict(extra="ignore")

    serial: Identifier | None = Field(default=None, validation_alias=AliasChoices("serial_number", "device_name"))
    method: Label
    status: Label
    message: str | None = Field(default=None, max_length=1_000)


class DataloggerAnswer:
    """An answer is a sign of life. A command is none, and the history that `data` brings is read by its asker."""

    name = "datalogger_answer"
    patterns = (
        *(f"+/gateway/+/datalogger/+/{what}" for what in ("cmd", "cmdres", "data")),
        *(f"+/gateway/+/datalogger/+/+/{what}" for what in ("cmd", "cmdres", "data")),
    )
    document = Document(Answer)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if not envelope.topic.endswith("/cmdres"):
            raise Ignored("a command, or history that was asked for")
        answer, problems = self.document.read(envelope, context)
        device = DataloggerReport(
            serial=answer.serial or datalogger_of(envelope.topic),
            gateway=gateway_serial(envelope.topic),
            metadata=told(answered=answer.method, answer=answer.status, answer_message=answer.message),
        )
        return Report(dataloggers=(device,), problems=bounded(list(problems)))
