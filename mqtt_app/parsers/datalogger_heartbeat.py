"""{site}/gateway/{n}/datalogger/{kind}[/{m}]/heartbeat: one datalogger is there, and what its sensors last read."""

from datetime import datetime
from typing import Annotated

from pydantic import AliasChoices, Discriminator, Field, Tag

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document
from mqtt_app.parsers.fields import MESSAGE_PARTS, Identifier, Label, Measured, Message, Time, Values
from mqtt_app.parsers.metadata import told
from mqtt_app.parsers.names import availability, components, datalogger_of, gateway_serial
from sites.reports import Availability, DataloggerReport, Report, SensorReport


class Last(Measured):
    """The last reading of the sensor that is its key."""

    value: Values
    timestamp: Time | None = Field(default=None, validation_alias=AliasChoices("ts", "timestamp"))


class NamedLast(Last):
    """The same from older firmware, where a list holds the readings."""

    serial: Identifier = Field(validation_alias=AliasChoices("serial_number", "device_name"))


def _form(value: object) -> str:
    return "array" if isinstance(value, list) else "object"


class Heartbeat(Message):
    """The whole message."""

    serial: Identifier | None = Field(default=None, validation_alias=AliasChoices("serial_number", "device_name"))
    ip_address: Label | None = None
    firmware_version: Label | None = None
    status: Label | None = None
    sensors_last_data: (
        Annotated[
            Annotated[dict[Identifier, Last], Tag("object")] | Annotated[list[NamedLast], Tag("array")],
            Discriminator(_form),
        ]
        | None
    ) = None

    def sensors(self) -> tuple[SensorReport, ...]:
        last = self.sensors_last_data or {}
        if isinstance(last, dict):
            return tuple(_sensor(key, reading, self.timestamp) for key, reading in last.items())
        return tuple(_sensor(reading.serial, reading, self.timestamp) for reading in last)


class DataloggerHeartbeat:
    """Only the datalogger speaks: that the topic names its gateway is no sign of the gateway's life."""

    name = "datalogger_heartbeat"
    patterns = ("+/gateway/+/datalogger/+/+/heartbeat", "+/gateway/+/datalogger/+/heartbeat")
    document = Document(
        Heartbeat,
        parts=(*MESSAGE_PARTS, "ip_address", "firmware_version", "status", "sensors_last_data", "sensors_last_data/*"),
    )

    def parse(self, envelope: Envelope, context: Context) -> Report:
        """A heartbeat stays a sign of life when none of its readings can be read."""
        message, problems = self.document.read(envelope, context)
        declared = availability(message.status)
        datalogger = DataloggerReport(
            serial=message.serial or datalogger_of(envelope.topic),
            kind=envelope.topic.split("/")[4],
            gateway=gateway_serial(envelope.topic),
            firmware=message.firmware_version or "",
            availability=declared,
            interval=message.message_interval_seconds,
            metadata=told(ip_address=message.ip_address, status=message.status, mqtt_api_version=message.api_version),
            sensors=message.sensors(),
            alive=declared is not Availability.OFFLINE,
        )
        return Report(dataloggers=(datalogger,), problems=problems)


def _sensor(key: str, reading: Last, time: datetime | None) -> SensorReport:
    return SensorReport(
        key=key,
        values=reading.value,
        components=components("", len(reading.value)),
        unit=reading.unit or "",
        time=reading.timestamp or time,
        quality=reading.quality,
    )
