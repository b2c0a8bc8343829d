"""SenML (RFC 8428) as JSON on any topic: a list of records, of which base fields hold for those after them."""

import re
from datetime import datetime, timedelta
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, ParseError, Reason
from mqtt_app.parsers.documents import bounded
from mqtt_app.parsers.draft import Draft
from mqtt_app.parsers.placing import place
from mqtt_app.parsers.times import since_epoch
from sites.reports import Problem, Report

MOST_RECORDS, MOST_DEVICES = 1_000, 200  # of one message
RELATIVE = 2**28  # seconds; less is counted from now (RFC 8428, 4.5.3)
_UNITS = {"Cel": "°C", "%RH": "%", "%EL": "%", "lx": "lx", "m3": "m³", "Ohm": "Ω", "l/s": "l/s", "deg": "°",
          "lat": "°", "lon": "°", "/": ""}  # fmt: skip
_FORM = re.compile(rb'\s*\[\s*\{\s*"(?:bn|bt|bu|bv|bs|bver|n|u|t|ut|v|vs|vb|vd|s)"\s*:')


class SenMl(Family):
    """The base name calls the device, else its topic does; what follows it calls the sensor."""

    name = "senml"
    patterns = ("#",)

    def fits(self, payload: bytes) -> bool:
        head = payload[:1_024]
        return bool(_FORM.match(head)) and (b'"bn"' in head or b'"n"' in head) and b'"v' in head

    def parse(self, envelope: Envelope, context: Context) -> Report:
        records = texts.document(envelope)
        if not isinstance(records, list):
            raise ParseError(Reason.SCHEMA_TOP_LEVEL, "Input should be a list of objects")
        base: dict[str, Any] = {}
        drafts: dict[str, Draft] = {}
        for record in records[:MOST_RECORDS]:
            if not isinstance(record, dict):
                raise ParseError(Reason.SCHEMA, "Input should be a list of objects")
            base |= {key: value for key, value in record.items() if key.startswith("b")}
            _take(record, base, drafts, envelope, context)
        problems: list[Problem] = [problem for draft in drafts.values() for problem in draft.problems]
        return Report(dataloggers=tuple(draft.report() for draft in drafts.values()), problems=bounded(problems))


def _take(
    record: dict[str, Any], base: dict[str, Any], drafts: dict[str, Draft], envelope: Envelope, context: Context
) -> None:
    where, name = str(base.get("bn", "")), str(record.get("n", ""))
    serial = where.rstrip("/:._-") or place(envelope.topic, context.template).device
    if serial not in drafts and len(drafts) == MOST_DEVICES:
        raise ParseError(Reason.TOO_LARGE, f"more than {MOST_DEVICES} devices")
    draft = drafts.setdefault(serial, Draft(serial, envelope, context, "senml"))
    value = record.get("v", record.get("vb", record.get("vs", record.get("s"))))
    if _is_number(value) and _is_number(base.get("bv", 0)):
        value += base.get("bv", 0)
    draft.time = _time(base.get("bt", 0), record.get("t", 0), envelope.received_at)
    unit = str(record.get("u", base.get("bu", "")))[:32]
    draft.add(name or serial, value, _UNITS.get(unit, unit))


def _time(base: Any, offset: Any, now: datetime) -> datetime | None:
    if not _is_number(base) or not _is_number(offset):
        return None
    at = base + offset
    if at >= RELATIVE:
        return since_epoch(at)
    return now + timedelta(seconds=at) if -RELATIVE < at < 0 else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
