"""{site}/gateway/{n}/dataloggers/telemetry: what the devices behind one gateway have just measured. The hot path."""

from datetime import datetime

from pydantic import AliasChoices, Field

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document, nothing_read
from mqtt_app.parsers.fields import MESSAGE_PARTS, Identifier, Label, Measured, Message, Shape, Values
from mqtt_app.parsers.metadata import told
from mqtt_app.parsers.names import components, device_kind, gateway_serial, sensor_kind
from sites.reports import DataloggerReport, GatewayReport, Report, SensorReport


class Measurement(Measured):
    """One reading: a list of numbers, or one number."""

    type: Identifier
    value: Values


class Device(Shape):
    """A device that measures; in our words a datalogger. Some firmware writes its key with spaces."""

    serial: Identifier = Field(validation_alias=AliasChoices("serial_number_device", "serial number device"))
    type: Label | None = None
    data: list[Measurement]


class Acquisition(Shape):
    """The process on the gateway that reads the devices; the payload calls it a datalogger."""

    serial_number_datalogger: Label | None = None
    status_datalogger: Label | None = None
    devices: list[Device]


class Telemetry(Message):
    """The whole message."""

    serial_number_gateway: Identifier | None = None
    dataloggers: list[Acquisition]


class DataloggersTelemetry:
    """Every device becomes a datalogger; the process that read it is kept in the device's metadata."""

    name = "dataloggers_telemetry"
    patterns = ("+/gateway/+/dataloggers/telemetry",)
    document = Document(
        Telemetry,
        parts=(
            *MESSAGE_PARTS,
            "dataloggers/*",
            "dataloggers/*/serial_number_datalogger",
            "dataloggers/*/status_datalogger",
            "dataloggers/*/devices/*",
            "dataloggers/*/devices/*/type",
            "dataloggers/*/devices/*/data/*",
        ),
    )

    def parse(self, envelope: Envelope, context: Context) -> Report:
        """A message of whose readings none can be read fails whole."""
        message, problems = self.document.read(envelope, context)
        gateway = message.serial_number_gateway or gateway_serial(envelope.topic)
        dataloggers = tuple(
            _datalogger(device, process, gateway, message, bool(problems))
            for process in message.dataloggers
            for device in process.devices
        )
        if problems and not any(datalogger.sensors for datalogger in dataloggers):
            raise nothing_read(problems)
        metadata = told(mqtt_api_version=message.api_version)
        report = GatewayReport(gateway, interval=message.message_interval_seconds, metadata=metadata)
        return Report((report,), dataloggers, problems)


def _datalogger(
    device: Device, process: Acquisition, gateway: str, message: Telemetry, has_problems: bool
) -> DataloggerReport:
    # A device listed without readings did not speak; but where readings were left out, they may have been its own.
    return DataloggerReport(
        serial=device.serial,
        kind=device_kind(device.type or "", device.serial),
        gateway=gateway,
        interval=message.message_interval_seconds,
        metadata=told(datalogger=process.serial_number_datalogger, datalogger_status=process.status_datalogger),
        sensors=tuple(_sensor(measurement, message.timestamp) for measurement in device.data),
        alive=bool(device.data) or has_problems,
    )


def _sensor(measurement: Measurement, time: datetime | None) -> SensorReport:
    kind = sensor_kind(measurement.type)
    return SensorReport(
        key=measurement.type,
        values=measurement.value,
        components=components(kind, len(measurement.value)),
        kind=kind,
        unit=measurement.unit or "",
        time=measurement.timestamp or time,
        quality=measurement.quality,
    )
