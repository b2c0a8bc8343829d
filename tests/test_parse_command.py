"""`manage.py parse` reads a file of messages in their order, and keeps nothing of them."""

import base64
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mqtt_app.models import DiscoveredTopic, Lesson, MqttParsingLog
from sites.models import Datalogger, Reading, Site

pytestmark = pytest.mark.django_db(transaction=True)

CONFIG = {"state_topic": "pumps/well", "unit_of_measurement": "m", "device": {"identifiers": ["W1"]}}
MESSAGES = [
    {"id": "a", "topic": "homeassistant/sensor/well/config", "payload": json.dumps(CONFIG), "retain": True},
    {"id": "b", "topic": "pumps/well", "payload_b64": base64.b64encode(b"4.25").decode()},
    {"id": "c", "topic": "tele/shed/SENSOR", "payload": '{"Time": '},
]


def parse(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("parse", "--corpus", str(path), *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "messages.jsonl"
    path.write_text("\n".join(map(json.dumps, MESSAGES)))
    return path


def test_what_an_earlier_message_taught_is_used_by_a_later_one(corpus: Path) -> None:
    lines = [json.loads(line) for line in parse(corpus, "--json")]
    assert [(line["id"], line["fate"]) for line in lines] == [("a", "stored"), ("b", "stored"), ("c", "failed")]
    assert lines[1]["devices"][0]["serial"] == "W1"
    assert [(one["value"], one["unit"]) for one in lines[1]["devices"][0]["readings"]] == [(4.25, "m")]
    assert lines[2]["error"].startswith("json_invalid")


def test_nothing_remains(corpus: Path) -> None:
    parse(corpus)
    for model in (Site, Datalogger, Reading, Lesson, DiscoveredTopic, MqttParsingLog):
        assert not model._default_manager.exists()


def test_people_read_one_line_a_message(corpus: Path) -> None:
    assert parse(corpus)[1].split() == ["stored", "plain_value", "pumps/well:", "W1,", "1", "readings"]


@pytest.mark.parametrize("line", ["no json", "{}", '{"topic": "a"}', '{"topic": "a", "payload_b64": "?"}', "[]"])
def test_a_line_that_is_no_message_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(f"{json.dumps(MESSAGES[0])}\n{line}\n")
    with pytest.raises(CommandError, match="line 2"):
        parse(path)
