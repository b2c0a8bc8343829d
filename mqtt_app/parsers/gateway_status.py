"""{site}/gateway/{n}/status and …/heartbeat: a gateway tells of itself, and lists what is behind it."""

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document, bounded
from mqtt_app.parsers.fields import MESSAGE_PARTS, Identifier, Label, Message, Shape
from mqtt_app.parsers.metadata import keep, told
from mqtt_app.parsers.names import availability, bare_word, device_kind, gateway_serial
from sites.reports import Availability, DataloggerReport, GatewayReport, Report

_MACHINE = ("ip_address", "hostname", "mac_address", "firmware_version", "status")


class Machine(Shape):
    """What a gateway says of its machine, at the top or in a `system` object; load and disks are kept as they are."""

    model_config = ConfigDict(extra="allow")

    serial_number: Identifier | None = None
    ip_address: Label | None = None
    hostname: Label | None = None
    mac_address: Label | None = None
    firmware_version: Label | None = None
    status: Label | None = None


class Listed(Shape):
    """A datalogger that the gateway names. Being named is no sign of life."""

    serial: Identifier = Field(
        validation_alias=AliasChoices("serial_number", "device_name", "serial_number_datalogger")
    )
    status: Label | None = None


class Counts(Shape):
    """How many dataloggers there are, where the gateway does not name them."""

    total: int | None = Field(default=None, ge=0, le=1_000_000)
    online: int | None = Field(default=None, ge=0, le=1_000_000)


def _form(value: object) -> str:
    return "array" if isinstance(value, list) else "object"


def _named(value: object) -> object:
    return {"serial_number": value} if isinstance(value, str) else value


class GatewayMessage(Machine, Message):
    """The whole message."""

    model_config = ConfigDict(extra="allow")

    system: Machine | None = None
    dataloggers: (
        Annotated[
            Annotated[list[Annotated[Listed, BeforeValidator(_named)]], Tag("array")]
            | Annotated[Counts, Tag("object")],
            Discriminator(_form),
        ]
        | None
    ) = None


class GatewayStatus:
    """What stands at the top of the message wins over its `system` object."""

    name = "gateway_status"
    patterns = ("+/gateway/+/status", "+/gateway/+/heartbeat")
    document = Document(
        GatewayMessage,
        parts=(
            *MESSAGE_PARTS,
            *_MACHINE,
            "system",
            *(f"system/{word}" for word in _MACHINE),
            "dataloggers",
            "dataloggers/*",
        ),
    )

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if word := bare_word(envelope.payload):
            return Report((_gateway(gateway_serial(envelope.topic), {"status": word}, GatewayMessage(), {}),))
        message, problems = self.document.read(envelope, context)
        system = message.system or Machine()
        serial = message.serial_number or system.serial_number or gateway_serial(envelope.topic)
        words = {word: getattr(message, word) or getattr(system, word) for word in _MACHINE}
        outer, unfit = keep(message.model_extra)
        inner, unfit_inside = keep(system.model_extra, "system")
        gateway = _gateway(serial, words, message, inner | outer)
        listed = message.dataloggers if isinstance(message.dataloggers, list) else ()
        dataloggers = tuple(_listed(datalogger, serial) for datalogger in listed)
        return Report((gateway,), dataloggers, bounded([*problems, *unfit, *unfit_inside]))


def _gateway(
    serial: str, words: dict[str, str | None], message: GatewayMessage, further: dict[str, object]
) -> GatewayReport:
    declared = availability(words["status"])
    counts = message.dataloggers if isinstance(message.dataloggers, Counts) else Counts()
    return GatewayReport(
        serial=serial,
        firmware=words.get("firmware_version") or "",
        addresses={key: words[key] or "" for key in ("ip_address", "hostname", "mac_address") if words.get(key)},
        availability=declared,
        interval=message.message_interval_seconds,
        metadata=further
        | told(
            status=words["status"],
            mqtt_api_version=message.api_version,
            dataloggers_total=counts.total,
            dataloggers_online=counts.online,
        ),
        alive=declared is not Availability.OFFLINE,
    )


def _listed(datalogger: Listed, gateway: str) -> DataloggerReport:
    return DataloggerReport(
        serial=datalogger.serial,
        kind=device_kind("", datalogger.serial),
        gateway=gateway,
        availability=availability(datalogger.status),
        metadata=told(status=datalogger.status),
        alive=False,
    )
