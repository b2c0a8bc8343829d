"""What the README lists is there: paths, settings, files, commands, and the one-line publisher."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

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


def test_the_parser_of_the_readme_is_the_one_of_its_manual() -> None:
    code = re.search(r"```python\n(.+?)```", section("Add a parser in 20 lines"), re.DOTALL)
    assert code
    assert code[1] in Path(REPOSITORY / "docs/parsers.md").read_text()


def test_the_message_to_publish_is_one_that_a_parser_reads(mqtt_url: str, wait_until: Wait) -> None:
    command = next(part for part in README.split("```") if "manage.py publish" in part).removeprefix("sh")
    _, _, *arguments = shlex.split(command.replace("\\\n", ""))
    with hearing(wish(mqtt_url, "diga_valdora/gateway/9/#")) as hears:
        wait_until(hears.is_subscribed)
        run = [sys.executable, "manage.py", *arguments, "--mqtt-url", mqtt_url]
        done = subprocess.run(run, cwd=REPOSITORY, check=True, timeout=30, capture_output=True, text=True)
        wait_until(lambda: hears.messages)
        topic, payload = hears.messages[0].topic.decode(), hears.messages[0].payload
    assert (done.stdout, done.stderr) == (f"Published {len(payload)} bytes on {topic}\n", "")
    parser = registry.find(topic)
    assert parser
    report = parser.parse(envelope(topic, payload), SITE)
    assert [one.serial for one in report.dataloggers] == ["MAS00001"]


def test_publishing_to_a_broker_that_is_not_there_says_what_to_do() -> None:
    run = [sys.executable, "manage.py", "publish", "a", "b", "--mqtt-url", "mqtt://127.0.0.1:1"]
    done = subprocess.run(run, cwd=REPOSITORY, check=False, timeout=30, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Is the system running (make run)?" in done.stderr
