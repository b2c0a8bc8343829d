"""What the parser tests share: a message on its way into a parser, and a report in plain words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Context, Envelope
from sites.reports import DataloggerReport, GatewayReport, Report, SensorReport

RECEIVED = datetime(2026, 3, 2, 8, 15, 31, tzinfo=UTC)
SITE = Context(site_slug="dam_north", timezone=ZoneInfo("Europe/Rome"))
TELEMETRY = "dam_north/gateway/1/dataloggers/telemetry"
GATEWAY = "dam_north/gateway/1/status"


def sample_topics() -> list[str]:
    """One topic of each family, its first sample's."""
    folders = sorted(path for path in (Path(__file__).parent / "samples").iterdir() if path.is_dir())
    return [json.loads(min(folder.glob("*.json")).read_text())["topic"] for folder in folders]


def envelope(topic: str, payload: object, retain: bool = False) -> Envelope:
    """A message; a payload that is not bytes yet is sent as JSON."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Envelope(topic, content, retain, RECEIVED)


def parse(topic: str, payload: object, retain: bool = False) -> Report:
    message = envelope(topic, payload, retain)
    way = registry.way(topic, SITE.site_slug)
    found = registry.choose(way, message.payload)
    assert found, f"no parser for {topic}"
    return found[0].parse(replace(message, topic=way.topic), SITE)


def telemetry(value: object = 1.0, **changes: object) -> dict[str, object]:
    """A message with one good reading of one device, and one more with `value`."""
    data = [{"type": "ch1", "value": [1.0]}, {"type": "ch2", "value": value}]
    device = {"type": "adaq", "serial_number_device": "MAS8AT42", "data": data}
    return {"timestamp": "2026-03-02T08:15:30Z", "dataloggers": [{"devices": [device]}]} | changes


def in_words(report: Report) -> list[str]:
    """A report as the samples write it: one line for each gateway, datalogger, reading and problem."""
    lines = [_gateway(gateway) for gateway in report.gateways]
    for datalogger in report.dataloggers:
        lines.append(_datalogger(datalogger))
        lines += [f"{datalogger.serial} {_sensor(sensor)}" for sensor in datalogger.sensors]
    return lines + [f"problem at {problem.path}: {problem.reason.split(':')[0]}" for problem in report.problems]


def _gateway(report: GatewayReport) -> str:
    addresses = [f"addresses {_pairs(report.addresses)}"] if report.addresses else []
    return ", ".join([f"gateway {report.serial} {_alive(report)}", *_facts(report), *addresses, *_metadata(report)])


def _datalogger(report: DataloggerReport) -> str:
    words = ["datalogger", report.serial, report.kind, f"behind {report.gateway}" if report.gateway else ""]
    return ", ".join([" ".join(filter(None, [*words, _alive(report)])), *_facts(report), *_metadata(report)])


def _sensor(report: SensorReport) -> str:
    values = [f"{name}={value}" for name, value in zip(report.components, report.values, strict=True)]
    time = f"at {report.time.isoformat().replace('+00:00', 'Z')}" if report.time else "at reception"
    return " ".join(filter(None, [report.key, *values, report.unit, report.quality, time]))


def _alive(report: GatewayReport | DataloggerReport) -> str:
    return ("alive" if report.alive else "only named") + (f" every {report.interval:g} s" if report.interval else "")


def _facts(report: GatewayReport | DataloggerReport) -> Iterator[str]:
    if report.firmware:
        yield f"firmware {report.firmware}"
    if report.availability:
        yield f"declared {report.availability}"


def _metadata(report: GatewayReport | DataloggerReport) -> list[str]:
    return [f"metadata {_pairs(dict(sorted(report.metadata.items())))}"] if report.metadata else []


def _pairs(words: Mapping[str, object]) -> str:
    return " ".join(f"{key}={value}" for key, value in words.items())
