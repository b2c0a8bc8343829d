"""A package adds a parser; a broken one is named and stops nobody; a command makes one with its test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mqtt_app import checks
from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate
from mqtt_app.models import MqttParsingLog
from mqtt_app.parsers import registry
from sites.models import Sensor
from tests import rows
from tests.embedded import REPOSITORY
from tests.field import batch, connect, message
from tests.moody import forget

GOOD = """
from sites.reports import DataloggerReport, Report, SensorReport

class Parser:
    \"\"\"Reads one number.\"\"\"
    name, patterns, version = "{name}", ("+/{name}/#",), "7"

    def parse(self, envelope, context):
        {body}
"""
READS = 'return Report(dataloggers=(DataloggerReport("d", sensors=(SensorReport("s", (float(envelope.payload),)),)),))'


class Packages:
    """A folder on the Python path, into which packages are put as pip would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, code: str, target: str = "Parser") -> None:
        module = f"plugin_{name}"
        (self.folder / f"{module}.py").write_text(code)
        about = self.folder / f"fieldledger_{name}-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: fieldledger-{name}\nVersion: 1.2\n")
        (about / "entry_points.txt").write_text(f"[fieldledger.parsers]\n{name} = {module}:{target}\n")
        forget()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packages]:
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield Packages(tmp_path)
    forget()
    for name in [name for name in sys.modules if name.startswith("plugin_")]:
        del sys.modules[name]


def read(name: str, payload: bytes = b"4.5") -> Fate:
    outcome = ingest(batch(connect(), message(f"site_001/{name}/x", payload)))
    assert outcome
    return outcome.fates[0]


@pytest.mark.django_db(transaction=True)
def test_a_package_adds_a_parser_which_is_listed_with_it(packages: Packages) -> None:
    packages.add("wind", GOOD.format(name="wind", body=READS))
    assert read("wind") is Fate.STORED
    assert Sensor.objects.get().latest_values == [4.5]
    listed = rows.browser(rows.person("ada")).get("/api/v1/parsers/").json()
    [found] = [one for one in listed if one["name"] == "wind"]
    assert (found["package"], found["version"]) == ("fieldledger-wind 1.2", "7")
    assert (found["module"], found["about"]) == ("plugin_wind", "Reads one number.")
    assert registry.names().index("wind") < registry.names().index("generic_json")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("code", "target", "words"),
    [
        ("1 / 0", "Parser", "ZeroDivisionError"),
        ("raise SystemExit(3)", "Parser", "SystemExit"),
        ("def (", "Parser", "SyntaxError"),
        ("import nothing_like_that", "Parser", "ModuleNotFoundError"),
        (GOOD.format(name="broken", body=READS), "Absent", "AttributeError"),
        (GOOD.format(name="gateway_status", body=READS), "Parser", "already"),
        (GOOD.format(name="Loud!", body=READS), "Parser", "small letters"),
        (GOOD.format(name="broken", body=READS).replace("+/broken/#", "a/#/b"), "Parser", "no MQTT filter"),
        (GOOD.format(name="broken", body=READS).replace('("+/broken/#",)', '"+/broken/#"'), "Parser", "not one text"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_named_and_the_others_work(
    packages: Packages, code: str, target: str, words: str
) -> None:
    packages.add("broken", code, target)
    packages.add("wind", GOOD.format(name="wind", body=READS))
    assert read("wind") is Fate.STORED
    [told] = rows.browser(rows.person("ada")).get("/api/v1/parsers/broken/").json()
    assert (told["entry_point"], told["package"]) == ("broken", "fieldledger-broken 1.2")
    assert words in told["error"]
    assert [one.id for one in checks.parser_plugins()] == ["fieldledger.W012"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "body",
    [
        "1 / 0",
        "raise SystemExit(1)",
        "return None",
        "return Report(dataloggers=(DataloggerReport(None),))",
        'return Report(dataloggers=(DataloggerReport("d", sensors=(SensorReport("s", ("x",)),)),))',
        'return Report(dataloggers=(DataloggerReport("d", sensors=(SensorReport("s", (float("nan"),)),)),))',
        'return Report(dataloggers=(DataloggerReport("d", metadata={"a": object()}),))',
        'return Report(dataloggers=(DataloggerReport("d", sensors=(SensorReport("s", (1.0, 2.0)),)),))',
    ],
)
def test_what_a_plugin_raises_or_cannot_mean_costs_its_own_message_only(packages: Packages, body: str) -> None:
    packages.add("wild", GOOD.format(name="wild", body=body))
    connection = connect()
    outcome = ingest(batch(connection, message("site_001/wild/x", b"1"), message()))
    assert outcome
    assert outcome.fates == [Fate.FAILED, Fate.STORED]
    assert MqttParsingLog.objects.get().error_type in ("parser_raised", "bad_identifier")


@pytest.mark.django_db(transaction=True)
def test_a_plugin_that_raises_when_it_is_asked_is_passed_over(packages: Packages) -> None:
    code = GOOD.format(name="wild", body=READS)
    code += "\n    def fits(self, payload):\n        1 / 0\n\n    def asks(self, topic):\n        1 / 0\n"
    packages.add("wild", code)
    assert read("wild") is Fate.STORED
    assert Sensor.objects.get().datalogger.serial != "d"


def test_the_command_makes_a_package_whose_test_passes_and_writes_over_nothing(tmp_path: Path) -> None:
    newcomers = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "FIELD_KEYS")}
    begin = [sys.executable, "manage.py", "startparser", "tide_gauge", "--folder", str(tmp_path)]
    subprocess.run(begin, cwd=REPOSITORY, env=newcomers, capture_output=True, check=True)
    root = tmp_path / "fieldledger-tide_gauge"
    assert 'tide_gauge = "fieldledger_tide_gauge:TideGauge"' in (root / "pyproject.toml").read_text()
    ran = subprocess.run(
        [Path(sys.executable).with_name("pytest"), "-q", "-p", "no:cacheprovider"],
        cwd=root,
        env={**newcomers, "PYTHONPATH": str(REPOSITORY), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in ran.stdout, ran.stdout + ran.stderr
    for name in ("tide_gauge", "Bad Name", "class", "gateway_status"):
        with pytest.raises(CommandError):
            call_command("startparser", name, folder=tmp_path)
