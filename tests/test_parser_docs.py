"""docs/parsers.md is true: its example runs, its tables are complete."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from mqtt_app.parsers import registry
from mqtt_app.parsers.base import ParseError, Reason
from sites.reports import SensorReport
from tests.fieldwork import SITE, envelope

PAGE = (settings.BASE_DIR / "docs/parsers.md").read_text()


def test_the_example_of_twenty_lines_is_a_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    message = re.search(r"`(\{.*?\}\})` on\s+`(.*?)`", PAGE)
    assert code
    assert message
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 20
    (tmp_path / "weather.py").write_text(code[1])
    monkeypatch.syspath_prepend(tmp_path)

    (parser,) = registry.load(["weather.Weather"]).values()
    assert isinstance(message[2], str)
    (station,) = parser.parse(envelope(message[2], message[1].encode()), SITE).dataloggers
    time = datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)
    assert station.sensors == (SensorReport("wind", (3.5,), unit="m/s", time=time),)

    report = parser.parse(envelope(message[2], {"id": "W1", "wind": {"speed": "calm"}}), SITE)
    assert [problem.path for problem in report.problems] == ["wind.speed"]
    with pytest.raises(ParseError, match="bad_identifier"):
        parser.parse(envelope(message[2], {"id": ""}), SITE)
    del sys.modules["weather"]


def test_the_page_lists_every_reason_code_and_every_parser() -> None:
    rows = set(re.findall(r"^\| `([a-z0-9_]+)` \|", PAGE, re.MULTILINE))
    assert rows == {*Reason, *registry.names()}
