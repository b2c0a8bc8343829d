"""A package with a parser and its test, to begin with."""

import keyword
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mqtt_app.parsers import registry
from mqtt_app.parsers.plugins import GROUP, NAME

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "fieldledger-{name}"
version = "0.1.0"
description = "Reads the messages of {name} for Fieldledger."
requires-python = ">=3.11"

[project.entry-points."{group}"]
{name} = "{module}:{klass}"

[tool.setuptools]
py-modules = ["{module}"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""

PARSER = '''\
"""{{site}}/{name}/{{device}}: {{"at": 1772439330, "temperature": 21.5}}"""

from mqtt_app.parsers.base import Context, Envelope
from mqtt_app.parsers.documents import Document
from mqtt_app.parsers.fields import Number, Shape, Time
from sites.reports import DataloggerReport, Report, SensorReport


class Message(Shape):
    """What a device says. Keys that are not named here are passed over."""

    at: Time | None = None
    temperature: Number | None = None


class {klass}:
    """Every topic's last level is a device."""

    name = "{name}"
    version = "1"
    patterns = ("+/{name}/+",)
    document = Document(Message, parts=("temperature",))

    def parse(self, envelope: Envelope, context: Context) -> Report:
        message, problems = self.document.read(envelope, context)
        device = envelope.topic.rsplit("/", 1)[-1]
        sensors = ()
        if message.temperature is not None:
            sensors = (SensorReport("temperature", (message.temperature,), unit="°C", time=message.at),)
        return Report(dataloggers=(DataloggerReport(device, "{name}", sensors=sensors),), problems=problems)
'''

TEST = '''\
"""What {name} says is read. Run it where Fieldledger is on the Python path: PYTHONPATH=<its folder> pytest"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from {module} import {klass}
from mqtt_app.parsers.base import Context, Envelope, ParseError
from sites.reports import Report, SensorReport

SITE = Context(site_slug="dam_north", timezone=ZoneInfo("Europe/Rome"))


def read(payload: bytes) -> Report:
    return {klass}().parse(Envelope("dam_north/{name}/d1", payload, False, datetime.now(UTC)), SITE)


def test_a_reading_is_stored_with_the_devices_time() -> None:
    [device] = read(b'{{"at": 1772439330, "temperature": 21.5}}').dataloggers
    time = datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)
    assert device.serial == "d1"
    assert device.sensors == (SensorReport("temperature", (21.5,), unit="°C", time=time),)


def test_a_bad_reading_is_a_problem_with_its_place() -> None:
    report = read(b'{{"temperature": "warm"}}')
    assert [problem.path for problem in report.problems] == ["temperature"]


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ParseError, match="json_invalid"):
        read(b"{{")
'''


class Command(BaseCommand):
    """`manage.py startparser NAME`. The package is installed with pip wherever the workers and the web run."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []  # it writes files, and needs neither keys nor a database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the parser: small letters, digits and _")
        parser.add_argument("--folder", type=Path, default=Path(), help="where to make it (default: here)")

    def handle(self, *_: Any, **options: Any) -> None:
        name: str = options["name"]
        if not NAME.fullmatch(name) or not name.isidentifier() or keyword.iskeyword(name):
            raise CommandError("A parser's name has small letters, digits and _, and begins with a letter.")
        if registry.get(name) is not None:
            raise CommandError(f"There is a parser named {name} already; choose another name.")
        root: Path = options["folder"] / f"fieldledger-{name}"
        if root.exists():
            raise CommandError(f"{root} exists; nothing was written.")
        module = f"fieldledger_{name}"
        words = {"name": name, "module": module, "group": GROUP, "klass": name.title().replace("_", "")}
        files = {"pyproject.toml": PYPROJECT, f"{module}.py": PARSER, f"tests/test_{name}.py": TEST}
        (root / "tests").mkdir(parents=True)
        for path, text in files.items():
            (root / path).write_text(text.format(**words))
        self.stdout.write(f"{root} is made. Change {module}.py, run its test, then: pip install {root}, and restart.")
