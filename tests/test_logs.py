"""The two log files: whole lines from many processes, and rotation by rename."""

import json
import logging
import logging.config
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from mqtt_app import context
from mqtt_app.listening.courier import Courier
from mqtt_app.listening.custody import Custody
from project.logs import FILES, logging_config
from tests.test_batching import add, buffer, source

PROCESSES = 4
LINES = 500
LONG = "x" * 3_000  # longer than what stdio writes at once would be cut at

WRITER = f"""
import logging, logging.config, sys
from pathlib import Path
from project.logs import logging_config
logging.config.dictConfig(logging_config(Path(sys.argv[1]), "INFO"))
sys.stdin.read()
for number in range({LINES}):
    for name in {list(FILES)!r}:
        logging.getLogger(name).info("%s:%d:{LONG}.", sys.argv[2], number)
"""


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[Path]:
    """Logging as every process has it, into a folder of this test."""
    ours = [logging.getLogger(name) for name in FILES]
    before = [(logger, list(logger.handlers)) for logger in ours]
    config = logging_config(tmp_path, "INFO")
    logging.config.dictConfig({**config, "root": {}, "incremental": False})
    yield tmp_path
    for logger, handlers in before:
        for handler in logger.handlers:
            handler.close()
        logger.handlers = handlers


def test_lines_from_several_processes_land_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(each)], stdin=subprocess.PIPE) for each in range(PROCESSES)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()  # all begin at once
    assert [writer.wait(60) for writer in writers] == [0] * PROCESSES
    expected = {(process, number) for process in range(PROCESSES) for number in range(LINES)}
    for name, file in FILES.items():
        pattern = re.compile(rf"\S+ \S+ INFO {re.escape(name)} (\d):(\d+):x{{3000}}\.")
        lines = (tmp_path / file).read_text().splitlines()
        found = [pattern.fullmatch(line) for line in lines]
        assert all(found), "a line is torn"
        assert sorted((int(each[1]), int(each[2])) for each in found if each) == sorted(expected)


@pytest.mark.parametrize(("name", "file"), FILES.items())
def test_a_renamed_file_is_left_behind_and_a_new_one_begun(configured: Path, name: str, file: str) -> None:
    logging.getLogger(name).info("before")
    (configured / file).rename(configured / "rotated")
    logging.getLogger(name).info("after")
    assert "before" in (configured / "rotated").read_text()
    assert "after" not in (configured / "rotated").read_text()
    assert "after" in (configured / file).read_text()


def test_a_foreign_word_cannot_forge_a_line_or_steer_a_terminal(configured: Path) -> None:
    logging.getLogger("mqtt_app.parsing").warning("topic %s", "a\n2026-01-01 INFO forged \x1b[2J\u202e")
    [line] = (configured / "mqtt_parsing.log").read_text().splitlines()
    assert line.endswith(r"topic a\n2026-01-01 INFO forged \x1b[2J\u202e")


def test_a_traceback_keeps_its_lines(configured: Path) -> None:
    try:
        raise ValueError("no good")
    except ValueError:
        logging.getLogger("mqtt_app.connections").exception("It failed")
    text = (configured / "mqtt_connections.log").read_text()
    assert "Traceback (most recent call last)" in text
    assert "ValueError: no good" in text


def test_a_line_says_what_it_is_about(configured: Path) -> None:
    logger = logging.getLogger("mqtt_app.connections")
    with context.about(task="t-1"):
        with context.about(batch="b-1", connection=7):
            logger.info("inside")
        logger.info("outside")
    logger.info("elsewhere")
    lines = (configured / "mqtt_connections.log").read_text().splitlines()
    assert [line.partition("mqtt_app.connections ")[2] for line in lines] == [
        "inside [task=t-1 batch=b-1 connection=7]",
        "outside [task=t-1]",
        "elsewhere",
    ]


def test_a_batch_that_is_dispatched_again_is_found_by_its_id_in_the_listeners_log(configured: Path) -> None:
    held_by, idle = buffer(), Courier("never started")
    add(held_by, source())
    batch = held_by.next_batch(0.0)
    assert batch is not None
    logger = logging.getLogger("mqtt_app.listening.custody")
    logger.handlers = logging.getLogger("mqtt_app.connections").handlers
    try:
        Custody(held_by, idle, lambda _: None).answer([batch.id], [], is_certain=True)
    finally:
        logger.handlers = []
    assert f"dispatching it again [batch={batch.id}]" in (configured / "mqtt_connections.log").read_text()


def test_for_programs_a_line_is_one_object_with_the_ids_as_fields(tmp_path: Path) -> None:
    code = """
import logging, logging.config, sys
from pathlib import Path
from mqtt_app import context
from mqtt_app.listening.courier import Courier
from mqtt_app.listening.custody import Custody
from project.logs import logging_config
logging.config.dictConfig(logging_config(Path(sys.argv[1]), "INFO", "json"))
with context.about(request="r-1", batch="b-1"):
    try:
        raise ValueError("a\\nb")
    except ValueError:
        logging.getLogger("somewhere").exception("It %s\\n", "failed")
"""
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    [line] = ended.stderr.splitlines()
    found = json.loads(line)
    assert (found["level"], found["logger"], found["message"]) == ("ERROR", "somewhere", "It failed\n")
    assert (found["request_id"], found["batch_id"], found["task_id"]) == ("r-1", "b-1", None)
    assert "ValueError" in found["exc_info"]
    assert found["at"]


def test_a_request_is_numbered_and_a_proxys_own_number_is_kept(client: Client) -> None:
    first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))
    assert first != second
    assert client.get("/healthz", headers={"X-Request-ID": "from-the-proxy-1"})["X-Request-ID"] == "from-the-proxy-1"
    forged = client.get("/healthz", headers={"X-Request-ID": "a b\x1b[2J"})["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", forged)
