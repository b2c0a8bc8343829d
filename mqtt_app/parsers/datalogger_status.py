"""{site}/gateway/{n}/datalogger/all/status: all dataloggers of a gateway in one message, with their last readings."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AliasChoices, Field, model_validator

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document, nothing_read
from mqtt_app.parsers.fields import MESSAGE_PARTS, Identifier, Label, Measured, Message, Shape, Values
from mqtt_app.parsers.metadata import told
from mqtt_app.parsers.names import availability, components, device_kind, gateway_of, gateway_serial
from sites.reports import Availability, DataloggerReport, GatewayReport, Report, SensorReport

_SERIAL = AliasChoices("serial_number", "device_name")


class Channel(Measured):
    """One channel of a device that has several."""

    channel: Identifier
    value: Values


class SensorData(Measured):
    """A device with channels (data), or one sensor of the datalogger that lists it (value)."""

    serial: Identifier = Field(validation_alias=_SERIAL)
    data: list[Channel] | None = None
    value: Values | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "SensorData":
        if self.data is None and self.value is None:
            raise ValueError("either data or value is needed")
        return self


class Entry(Shape):
    """One datalogger. Stopped ones list no sensors; that does not make them absent."""

    serial: Identifier = Field(validation_alias=_SERIAL)
    status: Label | None = None
    sensors_data: list[SensorData] = []


class Status(Message):
    """The whole message."""

    serial: Identifier | None = Field(default=None, validation_alias=_SERIAL)
    dataloggers: list[Entry]


class DataloggerStatusAggregated:
    """Each entry is a datalogger, and so is each thing with channels that an entry lists."""

    name = "datalogger_status_aggregated"
    patterns = ("+/gateway/+/datalogger/all/status", "+/gateway/+/datalogger/all/telemetry")
    document = Document(
        Status,
        parts=(
            *MESSAGE_PARTS,
            "dataloggers/*",
            "dataloggers/*/status",
            "dataloggers/*/sensors_data",
            "dataloggers/*/sensors_data/*",
            "dataloggers/*/sensors_data/*/data/*",
        ),
    )

    def parse(self, envelope: Envelope, context: Context) -> Report:
        """A message of whose dataloggers none can be read fails whole."""
        message, problems = self.document.read(envelope, context)
        gateway = gateway_of(message.serial) if message.serial else gateway_serial(envelope.topic)
        dataloggers = tuple(
            report for entry in message.dataloggers for report in _reports(entry, gateway, message, bool(problems))
        )
        if problems and not dataloggers:
            raise nothing_read(problems)
        metadata = told(mqtt_api_version=message.api_version)
        report = GatewayReport(gateway, interval=message.message_interval_seconds, metadata=metadata)
        return Report((report,), dataloggers, problems)


def _reports(entry: Entry, gateway: str, message: Status, has_problems: bool) -> Iterator[DataloggerReport]:
    declared = availability(entry.status)
    yield DataloggerReport(
        serial=entry.serial,
        kind=device_kind("", entry.serial),
        gateway=gateway,
        availability=declared,
        interval=message.message_interval_seconds,
        metadata=told(status=entry.status),
        sensors=tuple(
            _sensor(sensor.serial, sensor.value, sensor, sensor.timestamp or message.timestamp)
            for sensor in entry.sensors_data
            if sensor.value is not None
        ),
        alive=declared is not Availability.OFFLINE,
    )
    for device in entry.sensors_data:
        if device.data is not None:
            yield DataloggerReport(
                serial=device.serial,
                kind=device_kind("", device.serial),
                gateway=gateway,
                interval=message.message_interval_seconds,
                metadata=told(datalogger=entry.serial),
                sensors=tuple(
                    _sensor(
                        channel.channel,
                        channel.value,
                        channel,
                        channel.timestamp or device.timestamp or message.timestamp,
                    )
                    for channel in device.data
                ),
                alive=bool(device.data) or has_problems,  # as in telemetry: left-out readings may have been its own
            )


def _sensor(key: str, values: tuple[float, ...], measured: Measured, time: datetime | None) -> SensorReport:
    return SensorReport(
        key=key,
        values=values,
        components=components("", len(values)),
        unit=measured.unit or "",
        time=time,
        quality=measured.quality,
    )
