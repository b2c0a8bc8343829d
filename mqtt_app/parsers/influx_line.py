"""InfluxDB's line protocol on any topic: measurement,tag=value field=value time, one reading or several a line."""

import re
from collections.abc import Mapping
from typing import Any

from line_protocol_parser import LineFormatError, parse_line

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, ParseError, Reason
from mqtt_app.parsers.documents import bounded, nothing_read, refuse_unread
from mqtt_app.parsers.draft import Draft
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_name, spelled
from sites.reports import Problem, Report

MOST_LINES = 1_000
DEVICE_TAGS = ("device_name", "device", "device_id", "dev", "serial", "sn", "inverter", "command", "host", "hostname",
               "node", "station", "name", "id", "location")  # fmt: skip
"""Tags that name who measured, the likeliest first; `command` is mpp-solar's."""

SENSOR_TAGS = ("field", "metric", "sensor", "channel", "setting")
"""Tags that name what was measured, where the only field is called `value`."""

_WORD = rb"(?:\\.|[^\s,={}\[\]\"\\])+"
_LINE = re.compile(rb"(?!<)" + _WORD + rb"(?:," + _WORD + rb"=(?:\\.|[^\s,\\])+)*[ ]+(?:\\.|[^\s,=\\])+=")
LOOKED_AT = 1_024


class InfluxLine(Family):
    """Who measured is named by a tag, else by the topic; the other tags stand before the field and keep it apart."""

    name = "influx_line"
    patterns = ("#",)

    def fits(self, payload: bytes) -> bool:
        return bool(_LINE.match(payload[:LOOKED_AT].lstrip()))

    def asks(self, topic: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def parse(self, envelope: Envelope, context: Context) -> Report:
        refuse_unread(envelope)
        lines = [line for line in texts.word(envelope).splitlines() if line.strip() and not line.startswith("#")]
        drafts: dict[str, Draft] = {}
        problems: list[Problem] = []
        for number, line in enumerate(lines[:MOST_LINES], 1):
            try:
                _take(parse_line(line.strip()), drafts, envelope, context)
            except LineFormatError as error:
                problems.append(Problem(f"line {number}", f"{Reason.UNKNOWN_FORM}: {error}"))
        problems += [problem for draft in drafts.values() for problem in draft.problems]
        if not drafts:
            raise nothing_read(tuple(problems)) if problems else ParseError(Reason.UNKNOWN_FORM, "no line with a value")
        return Report(dataloggers=tuple(draft.report() for draft in drafts.values()), problems=bounded(problems))


def _take(line: Mapping[str, Any], drafts: dict[str, Draft], envelope: Envelope, context: Context) -> None:
    tags = dict(line["tags"])
    by = next((tag for tag in DEVICE_TAGS if tags.get(tag)), None)
    serial = tags.pop(by) if by else place(envelope.topic, context.template).device
    draft = drafts.get(serial) or Draft(serial, envelope, context, "influx")
    drafts[serial] = draft
    draft.time = moment(line["time"], context.timezone)
    tags.pop("topic", None)
    fields = dict(line["fields"])
    unit = spelled(fields.pop("unit")) if "value" in fields and isinstance(fields.get("unit"), str) else ""
    named = next((tag for tag in SENSOR_TAGS if tags.get(tag)), None) if list(fields) == ["value"] else None
    last = tags.pop(named) if named else None
    for field, value in fields.items():
        name = ".".join((line["measurement"], *tags.values(), last or field))
        draft.add(name, value, unit if unit and field == "value" else of_name(last or field))
