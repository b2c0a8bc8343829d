"""compose.yaml and worker.Dockerfile: what can be proved of them without a container engine."""

import re
import shlex
import socket
from pathlib import Path
from shutil import which
from typing import Any

import click
import pytest
import yaml
from celery.bin.beat import beat
from celery.bin.worker import worker
from django.conf import settings
from django.core.management import CommandError, get_commands, load_command_class
from uvicorn.main import main as uvicorn

from mqtt_app import stalls
from project.environment import BASE_DIR, Environment
from project.local.ports import answers, free_port
from project.local.processes import MESSAGE_LIMIT_BYTES
from tests.conftest import MOSQUITTO_PATH, running, wait

COMPOSE = yaml.safe_load((BASE_DIR / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (BASE_DIR / "worker.Dockerfile").read_text()
OURS = {"migrate", "web", "listener", "worker", "control", "beat", "flower"}


def test_every_role_and_server_is_there() -> None:
    assert SERVICES.keys() == OURS | {"postgres", "valkey", "mosquitto"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_understood(name: str) -> None:
    understand(SERVICES[name]["command"])


@pytest.mark.parametrize("name", ["listener", "worker", "control"])
def test_a_role_that_lives_and_does_nothing_is_killed_and_starts_anew(name: str) -> None:
    service = SERVICES[name]
    kind, words = service["healthcheck"]["test"]
    question, _, cure = words.partition(" || ")
    understand(shlex.split(question))
    assert (kind, cure, service["restart"]) == ("CMD-SHELL", "kill -KILL -1", "unless-stopped")
    assert service["init"] is True  # the process that is left, and ends when its child has ended
    if "worker" in question:
        command = service["command"]
        queue, node = command[command.index("-Q") + 1], command[command.index("-n") + 1]
        assert f"worker {queue} --node {node.replace('%h', '$$HOSTNAME')}" in question
    # It asks twice before it says so, and may have to wait for servers each time.
    assert int(service["healthcheck"]["timeout"].removesuffix("s")) > stalls.CONFIRM_S + 20
    assert int(service["healthcheck"]["interval"].removesuffix("s")) > stalls.LIMIT_S


def understand(command: list[str]) -> None:
    """Raises, or exits, when the program would not take these arguments."""
    match command:
        case ["python", "manage.py", verb, *arguments]:
            load_command_class(get_commands()[verb], verb).create_parser("manage.py", verb).parse_args(arguments)
        case ["celery", "-A", "project", verb, *arguments]:
            program = {"worker": worker, "beat": beat}[verb]
            program.make_parser(click.Context(program)).parse_args(list(arguments))
        case ["uvicorn", *arguments]:
            uvicorn.make_context("uvicorn", list(arguments))
        case _:
            pytest.fail(f"what is {command}?")


@pytest.mark.parametrize(
    "command", [["python", "manage.py", "run_mqtt", "--nonsense"], ["celery", "-A", "project", "beat", "--nonsense"]]
)
def test_this_test_would_notice_a_mistyped_argument(command: list[str]) -> None:
    with pytest.raises((CommandError, click.UsageError)):
        understand(command)


def test_every_queue_has_its_worker() -> None:
    consumed = {
        words[words.index("-Q") + 1]
        for words in (service.get("command", []) for service in SERVICES.values())
        if "-Q" in words
    }
    assert consumed == {queue.name for queue in settings.CELERY_TASK_QUEUES}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_given_to_a_role_is_one_it_reads(name: str) -> None:
    assert {variable.lower() for variable in SERVICES[name]["environment"]} <= Environment.model_fields.keys()


def test_the_manual_names_every_secret_that_must_be_given() -> None:
    manual = (BASE_DIR / "docs/deploy.md").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", (BASE_DIR / "compose.yaml").read_text()))
    for name in required | {"SECRET_KEY", "FIELD_KEYS", "FLOWER_BASIC_AUTH"}:
        assert f"{name}=" in manual, name
    assert all(f"`{name}`" in manual for name in SERVICES)


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("postgres", "valkey"))


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_role_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1] not in ("root", "0")


def test_roles_wait_for_the_database_to_be_migrated() -> None:
    for name in OURS - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for name in ("postgres", "valkey"):
        assert SERVICES[name]["healthcheck"]["test"]


def test_what_is_copied_or_mounted_exists() -> None:
    copied = [words.split() for words in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)]
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    sources = [source for words in copied for source in words[:-1]] + [
        path for path in mounted if path.startswith("./")
    ]
    assert len(sources) >= 8
    for source in sources:
        assert (BASE_DIR / source).exists(), source
    assert {volume for volume in mounted if not volume.startswith("./")} == COMPOSE["volumes"].keys()


def test_the_image_runs_what_compose_runs() -> None:
    [command] = re.findall(r"^CMD \[(.+)\]$", DOCKERFILE, re.MULTILINE)
    assert shlex.split(command.replace(",", " ")) == SERVICES["web"]["command"]
    assert SERVICES["web"]["command"][-2:] == ["--ws-max-size", str(MESSAGE_LIMIT_BYTES)]


def test_the_queue_is_kept_and_never_evicted() -> None:
    words = " ".join(SERVICES["valkey"]["command"])
    assert "--maxmemory-policy noeviction" in words
    assert "--appendonly yes" in words


def test_mosquitto_takes_the_shipped_profile_and_lets_nobody_in_without_a_name(tmp_path: Path) -> None:
    program = which("mosquitto", path=MOSQUITTO_PATH)
    if program is None:
        pytest.skip("NOT TESTED: the shipped profile needs mosquitto (apt install mosquitto)")
    profile = (BASE_DIR / "deploy/mosquitto.conf").read_text()
    port, passwords = free_port(), tmp_path / "passwords"
    passwords.write_text("")
    for place, here in (
        ("listener 1883", f"listener {port} 127.0.0.1"),
        ("/mosquitto/secrets/passwords", str(passwords)),
    ):
        assert place in profile
        profile = profile.replace(place, here)
    profile = profile.replace("/mosquitto/data/", f"{tmp_path}/") + "user root\n"
    (tmp_path / "mosquitto.conf").write_text(profile)
    with running([program, "-c", str(tmp_path / "mosquitto.conf")], {}, tmp_path / "log"):
        wait(lambda: answers(port), 10, "mosquitto")
        with socket.create_connection(("127.0.0.1", port), 5) as stranger:
            stranger.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a")  # CONNECT, MQTT 3.1.1, client id "a"
            assert stranger.recv(4) == b"\x20\x02\x00\x05", "CONNACK: not authorised"
