"""A parser that refuses, crashes or reads as a test tells it, for tests of what happens after it is mended."""

import json
import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from pytest_django.fixtures import Settings

from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Context, Envelope, ParseError
from sites.reports import Availability, DataloggerReport, GatewayReport, Problem, Report, SensorReport

TOPIC = "site_001/moody/1"


class Moody:
    """{"device", "values": {sensor: number}, "at"}: refused until it is mended."""

    name = "moody"
    patterns = ("+/moody/#",)
    mended = False
    deadly = False

    def parse(self, envelope: Envelope, context: Context) -> Report:  # noqa: ARG002
        if self.deadly and b"poison" in envelope.payload:
            os.kill(os.getpid(), 9)
        if not self.mended:
            raise ParseError("schema", "values: of a kind that is not known yet")
        said = json.loads(envelope.payload)
        at = datetime.fromisoformat(said["at"]) if "at" in said else None
        good = {key: value for key, value in said["values"].items() if isinstance(value, int | float)}
        sensors = tuple(SensorReport(key, (float(value),), unit="V", time=at) for key, value in good.items())
        problems = tuple(Problem(f"values.{key}", "schema: no number") for key in said["values"].keys() - good.keys())
        device = DataloggerReport(
            said["device"], "moody", "gw", "v2", Availability.ONLINE, metadata={"from": "replay"}, sensors=sensors
        )
        return Report((GatewayReport("gw"),), (device,), problems)


def forget() -> None:
    for remembered in (registry._everything, registry._remembered, registry.mark):
        remembered.cache_clear()


@pytest.fixture
def moody(settings: Settings) -> Iterator[type[Moody]]:
    settings.PARSERS = (*settings.PARSERS, "tests.moody.Moody")
    forget()
    yield Moody
    Moody.mended = Moody.deadly = False
    forget()


def said(device: str = "M1", at: datetime | None = None, **values: object) -> bytes:
    about = {"at": at.isoformat()} if at else {}
    return json.dumps({"device": device, "values": values, **about}).encode()
