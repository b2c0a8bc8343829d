"""What the README lists is there: paths, settings, files, commands, and the one-line publisher."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mqtt_app.parsers import registry
from project.api import api
from project.environment import Environment
from tests.conftest import REPOSITORY
from tests.fieldwork import SITE, envelope
from tests.hearing import Wait, hearing, wish

README = (REPOSITORY / "README.md").read_text()


def section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_path_of_the_rest_table_is_in_the_api() -> None:
    known = {path.removeprefix("/api/v1/") for path in api.get_openapi_schema()["paths"]}
    cells = re.findall(r"^\| (`.+?) \|", section("REST and WebSocket"), re.MULTILINE)
    named = {re.sub(r"^(GET|POST) |\?.*$", "", path) for cell in cells for path in re.findall(r"`([^`]+)`", cell)}
    assert named
    assert named <= known


def test_every_setting_is_one_that_is_read() -> None:
    named = set(re.findall(r"`([A-Z_]+)`", section("Settings")))
    assert named
    assert {name.lower() for name in named} <= set(Environment.model_fields)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)h][^)]*)\)", README))))
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (REPOSITORY / link).is_file()


def test_the_parser_of_the_readme_is_the_one_of_its_manual() -> None:
    code = re.search(r"```python\n(.+?)```", section("Add a parser in 20 lines"), re.DOTALL)
    assert code
    assert code[1] in Path(REPOSITORY / "docs/parsers.md").read_text()


def test_the_one_line_publisher_publishes_what_the_parser_reads(mqtt_url: str, wait_until: Wait) -> None:
    line = next(line for line in README.splitlines() if "paho.mqtt.publish" in line)
    code = line.split("-c '", 1)[1].rstrip("'")
    broker = urlsplit(mqtt_url)
    code = code.replace("qos=1", f'qos=1, hostname="{broker.hostname}", port={broker.port}')
    with hearing(wish(mqtt_url, "diga_valdora/gateway/9/#")) as hears:
        wait_until(hears.is_subscribed)
        subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
        wait_until(lambda: hears.messages)
        topic, payload = hears.messages[0].topic.decode(), hears.messages[0].payload
    assert json.loads(payload)
    parser = registry.find(topic)
    assert parser
    report = parser.parse(envelope(topic, payload), SITE)
    assert [one.serial for one in report.dataloggers] == ["MAS00001"]
