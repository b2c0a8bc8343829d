"""Sentry hears of errors from every process, and of no secret: read from the envelopes that really leave."""

import gzip
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx
import pytest
from kombu import Connection

from project.celery import app
from project.local.ports import answers, free_port
from project.sentry import REMOVED, scrub
from tests.conftest import running, wait

PLANTED = "planted-secret-5b1f"
MANAGE = [sys.executable, "manage.py"]
CELERY = [sys.executable, "-m", "celery", "-A", "project"]


class Sink(ThreadingHTTPServer):
    """A server that takes Sentry's envelopes and keeps them as text."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.envelopes: list[str] = []

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of an exception of this kind."""
        lines = [
            json.loads(line) for envelope in self.envelopes for line in envelope.splitlines() if "exception" in line
        ]
        return [event for event in lines if kind in {each["type"] for each in event["exception"]["values"]}]


class Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("Content-Encoding", ""), bytes)
        assert isinstance(self.server, Sink)
        self.server.envelopes.append(unpack(body).decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """It says nothing."""


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def troubled(
    sink: Sink,
    env: dict[str, str],
    command: list[str],
    log: Path,
    database: str = f"postgresql://fieldledger:{PLANTED}@127.0.0.1:1/nowhere",
) -> Iterator[None]:
    """A process of ours whose database cannot be reached, or is another."""
    env = env | {
        "SENTRY_DSN": f"http://key@127.0.0.1:{sink.server_port}/1",
        "SENTRY_ENVIRONMENT": "under test",
        "DATABASE_URL": database,
        "REDIS_URL": env["REDIS_URL"].rpartition("/")[0] + "/7",  # queues that no other worker reads
        "FLOWER_BASIC_AUTH": f"ada:{PLANTED}",
        "SECRET_KEY": PLANTED * 3,
    }
    with running(command, env, log):
        yield


def expect(sink: Sink, kind: str) -> dict[str, Any]:
    """The event, in which everything is there that helps, and nothing of what was planted."""
    event: dict[str, Any] = wait(lambda: sink.events(kind), 40, f"an event of {kind}")[0]
    assert event["environment"] == "under test"
    assert event["release"].startswith("fieldledger@")
    assert event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert PLANTED not in "".join(sink.envelopes)
    return event


def test_the_web_process_reports_without_body_token_or_password(
    sink: Sink, process_env: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "project.asgi:application", "--port", str(port)]
    without_tables = urlsplit(process_env["DATABASE_URL"])._replace(path="/postgres").geturl()
    with troubled(sink, process_env, command, tmp_path / "log", without_tables):
        wait(lambda: answers(port), 30, "the web process")
        headers = {"Authorization": f"Bearer {PLANTED}", "Cookie": f"sessionid={PLANTED}"}
        url = f"http://127.0.0.1:{port}/api/v1/mqtt/site/1/start/?token={PLANTED}"
        assert httpx.post(url, headers=headers, json={"password": PLANTED}, timeout=20).status_code == 500
        event = expect(sink, "ProgrammingError")
    assert event["request"]["url"].endswith("/api/v1/mqtt/site/1/start/")
    assert len(event["tags"]["request_id"]) == 32


def test_a_worker_reports_without_the_payload(sink: Sink, process_env: dict[str, str], tmp_path: Path) -> None:
    command = [*CELERY, "worker", "-Q", "ingest", "-c", "1", "--without-gossip", "--without-mingle"]
    with troubled(sink, process_env, command, tmp_path / "log"):
        with Connection(process_env["REDIS_URL"].rpartition("/")[0] + "/7") as connection:
            wire = {
                "id": "no uuid",
                "links": [],
                "messages": [[0, 1, 1, 1, False, False, b"a/b", PLANTED.encode(), 0.0]],
            }
            app.send_task(
                "tasks.ingest.ingest_messages", [wire], queue="ingest", serializer="msgpack", connection=connection
            )
        event = expect(sink, "ValueError")
    assert event["tags"]["celery_task_id"]


def test_beat_reports(sink: Sink, process_env: dict[str, str], tmp_path: Path) -> None:
    with troubled(sink, process_env, [*CELERY, "beat", "--pidfile="], tmp_path / "log"):
        expect(sink, "OperationalError")


def test_a_listener_reports(sink: Sink, process_env: dict[str, str], tmp_path: Path) -> None:
    with troubled(sink, process_env, [*MANAGE, "run_mqtt"], tmp_path / "log"):
        expect(sink, "OperationalError")


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"PASSWORD": "x", "username": "ada"}, {"PASSWORD": REMOVED, "username": "ada"}),
        ({"extra": [{"mqtt_password": "x"}, ("a", b"\x00")]}, {"extra": [{"mqtt_password": REMOVED}, ["a", REMOVED]]}),
        ("no way to redis://:pass@10.0.0.1:6379/0", f"no way to redis://{REMOVED}@10.0.0.1:6379/0"),
        ("[type=int, input_value={'a': 'x'}, input_type=dict]", f"[type=int, input_value={REMOVED}, input_type=dict]"),
        ("null value\nDETAIL:  Failing row contains (1, x).", f"null value\nDETAIL: {REMOVED}"),
    ],
)
def test_what_smells_of_a_secret_is_removed(given: Any, left: Any) -> None:
    assert scrub(given) == left
