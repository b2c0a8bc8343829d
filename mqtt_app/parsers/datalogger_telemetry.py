"""{site}/gateway/{n}/datalogger/{kind}[/{m}]/telemetry: the readings of one datalogger, from older firmware.

They stand as a list of entries that name themselves, or as an object by name, in one of several places.
"""

from collections.abc import Iterator
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, ParseError, Reason
from mqtt_app.parsers.documents import bounded
from mqtt_app.parsers.draft import Draft
from mqtt_app.parsers.fields import Message
from mqtt_app.parsers.metadata import told
from mqtt_app.parsers.names import availability, datalogger_of, device_kind, gateway_serial
from mqtt_app.parsers.times import moment
from sites.reports import Report

PLACES = ("data", "sensors_data", "sensors_last_data", "sensors", "readings", "values")
NAMES = ("channel", "type", "serial_number", "device_name", "name", "sensor")


class DataloggerTelemetry:
    """A message in which nothing can be read fails: this topic exists for readings."""

    name = "datalogger_telemetry"
    patterns = ("+/gateway/+/datalogger/+/telemetry", "+/gateway/+/datalogger/+/+/telemetry")

    def parse(self, envelope: Envelope, context: Context) -> Report:
        document = texts.objects(envelope)
        about = texts.shaped(Message, {key: document.get(key) for key in Message.model_fields}, context)
        serial = document.get("serial_number") or document.get("device_name")
        draft = Draft(serial if isinstance(serial, str) else datalogger_of(envelope.topic), envelope, context)
        draft.kind = device_kind("", draft.serial) or envelope.topic.split("/")[4]
        for name, entry in _entries(document):
            draft.time = about.timestamp
            _take(draft, name, entry, context)
        status = document.get("status")
        report = draft.report(
            availability(status) if isinstance(status, str) else None,
            gateway=gateway_serial(envelope.topic),
            interval=about.message_interval_seconds,
            **told(mqtt_api_version=about.api_version),  # type: ignore[arg-type]
        )
        if not report.sensors:
            raise ParseError(Reason.SCHEMA, f"no readings: one of {', '.join(PLACES)} is needed")
        return Report(dataloggers=(report,), problems=bounded(draft.problems))


def _entries(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for place in PLACES:
        found = document.get(place)
        if isinstance(found, dict):
            yield from found.items()
        for entry in found if isinstance(found, list) else ():
            name = next((entry[key] for key in NAMES if key in entry), "") if isinstance(entry, dict) else ""
            if isinstance(name, str) and name:
                yield name, entry


def _take(draft: Draft, name: str, entry: Any, context: Context) -> None:
    """A value, or an object with a value, its unit and perhaps its own time."""
    if not isinstance(entry, dict):
        return draft.add(name, entry)
    draft.time = moment(entry.get("ts", entry.get("timestamp")), context.timezone) or draft.time
    unit = entry.get("unit")
    return draft.add(name, entry.get("value"), unit[:32] if isinstance(unit, str) else "")
