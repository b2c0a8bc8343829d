"""compose.yaml and worker.Dockerfile: what can be proved of them by reading, without a container engine."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from celery.bin.beat import beat
from celery.bin.worker import worker
from compose_spec import PyOptions
from django.conf import settings
from django.core.management import CommandError, get_commands, load_command_class
from pydantic import SecretStr
from uvicorn.main import main as uvicorn

from mqtt_app.health import stalls
from mqtt_app.queues import QUEUES
from project.environment import BASE_DIR, Environment
from project.local.processes import MESSAGE_LIMIT_BYTES
from tests.composition import COMPOSE, DOCKERFILE, OURS, SERVERS, SERVICES, TEXT, filled, make_secrets


def test_it_keeps_the_compose_specification() -> None:
    PyOptions(apply_merge=True).from_yaml(TEXT).validate()


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("read_only: true", "readonly: true"),
        ("interval: 10s", "interval: ten"),
        ("networks: [data, edge, field]", "networks: [data, edge, fild]"),
        ("secrets: [redis_password]", "secrets: [radis_password]"),
        ("restart: unless-stopped", "restart: sometimes"),
    ],
)
def test_a_mistake_against_the_specification_would_be_noticed(good: str, bad: str) -> None:
    assert good in TEXT
    with pytest.raises(ValueError, match=r"."):
        PyOptions(apply_merge=True).from_yaml(TEXT.replace(good, bad)).validate()


def test_every_role_and_server_is_there() -> None:
    assert SERVICES.keys() == OURS | SERVERS


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_understood(name: str) -> None:
    understand(SERVICES[name]["command"])


@pytest.mark.parametrize("name", ["listener", "worker", "control", "upkeep", "beat"])
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
    commands = [SERVICES[name]["command"] for name in OURS]
    consumed = {words[words.index("-Q") + 1] for words in commands if "-Q" in words}
    assert consumed == {queue.name for queue in settings.CELERY_TASK_QUEUES} == set(QUEUES)


def test_the_manuals_override_brings_every_role_of_ours_to_rabbitmq() -> None:
    manual = (BASE_DIR / "docs/deploy.md").read_text().partition("## RabbitMQ for the queues")[2]
    override = yaml.safe_load(manual.partition("```yaml")[2].partition("```")[0])
    assert override["services"].keys() == OURS
    for role in override["services"].values():
        [(variable, place)] = role["environment"].items()
        assert Environment.model_fields[variable.removesuffix("_FILE").lower()].annotation is SecretStr
        assert [place.removeprefix("/run/secrets/")] == role["secrets"] == [*override["secrets"]]


def test_two_listeners_start_so_that_one_takes_over_from_the_other() -> None:
    assert SERVICES["listener"]["deploy"]["replicas"] == 2
    assert not [name for name in ("listener", "worker") if {"container_name", "ports"} & SERVICES[name].keys()]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_given_to_a_role_is_one_it_reads(name: str) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        field = Environment.model_fields[variable.removesuffix("_FILE").lower()]
        if variable.endswith("_FILE"):
            assert field.annotation is SecretStr
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]


@pytest.mark.parametrize("name", sorted(OURS | SERVERS))
def test_a_secret_comes_as_a_file_and_only_to_those_who_need_it(name: str) -> None:
    service = SERVICES[name]
    mounted = set(service.get("secrets", []))
    read = set(re.findall(r"/run/secrets/(\w+)", json.dumps(service) + (mosquitto() if name == "mosquitto" else "")))
    assert read == mounted
    assert not [key for key in service.get("environment", {}) if re.search(r"(PASSWORD|KEYS?|TOKEN|AUTH)$", key)]


def mosquitto() -> str:
    return (BASE_DIR / "deploy/mosquitto.conf").read_text()


def test_every_secret_is_one_that_is_made_for_it(tmp_path: Path) -> None:
    folder = make_secrets(tmp_path / "secrets", "--device", "site_001")
    made = {path.name: path.read_text() for path in folder.iterdir()}
    for name, where in COMPOSE["secrets"].items():
        assert where == {"file": f"deploy/secrets/{name}"}
        assert len(made[name]) >= 32
    assert folder.stat().st_mode & 0o777 == 0o700
    make_secrets(folder, "--device", "site_001")
    assert {path.name: path.read_text() for path in folder.iterdir()} == made, "what exists stays"


def test_the_manual_names_every_service_and_every_variable_that_may_be_set() -> None:
    manual = (BASE_DIR / "docs/deploy.md").read_text()
    for name in set(re.findall(r"\$\{(\w+):", TEXT)):
        assert name in manual, name
    assert all(f"`{name}`" in manual for name in SERVICES)


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_databases_are_reached_from_inside_only_and_brokers_see_nothing_of_them() -> None:
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert all(SERVICES[name]["networks"] == ["data"] for name in ("postgres", "valkey"))
    assert SERVICES["mosquitto"]["networks"] == ["field"]
    assert all("data" in SERVICES[name]["networks"] for name in OURS)
    assert {name for name in SERVICES if "field" in SERVICES[name]["networks"]} == {
        "mosquitto",
        "web",
        "listener",
        "upkeep",
    }


@pytest.mark.parametrize("name", sorted(OURS | SERVERS))
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    user = service.get("user") or re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert user not in ("root", "0")


def test_roles_wait_for_the_database_to_be_migrated_once() -> None:
    for name in OURS - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {
        name: {"condition": "service_healthy"} for name in ("postgres", "valkey")
    }


def test_everything_that_lasts_has_a_health_check() -> None:
    assert {name for name in SERVICES if "healthcheck" not in SERVICES[name]} == {"migrate"}


def test_what_is_copied_or_mounted_exists() -> None:
    copied = [words.split() for words in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)]
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    sources = [source for words in copied for source in words[:-1]] + [
        path for path in mounted if path.startswith("./")
    ]
    assert len(sources) >= 8
    allowed = {line[1:] for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in sources:
        assert (BASE_DIR / source).exists(), source
        assert source.startswith("./") or source.split("/")[0] in allowed
    assert {volume for volume in mounted if not volume.startswith("./")} == COMPOSE["volumes"].keys()


def test_the_image_runs_what_compose_runs() -> None:
    [command] = re.findall(r"^CMD \[(.+)\]$", DOCKERFILE, re.MULTILINE)
    assert shlex.split(command.replace(",", " ")) == SERVICES["web"]["command"]
    assert SERVICES["web"]["command"][-2:] == ["--ws-max-size", str(MESSAGE_LIMIT_BYTES)]


def test_the_dockerfile_passes_the_linter(tmp_path: Path) -> None:
    linter = str(Path(sys.executable).parent / "hadolint")
    assert lint(linter, BASE_DIR / "worker.Dockerfile") == ""
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN apt-get install curl\n")
    assert "DL3008" in lint(linter, tmp_path / "Dockerfile")


def lint(linter: str, path: Path) -> str:
    return subprocess.run([linter, str(path)], capture_output=True, text=True, check=False).stdout


def test_nothing_that_builds_is_left_in_the_image() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert not re.search(r"\b(pip|npm|apt-get|gcc|build-essential)\b", last)
    assert "--require-hashes" in DOCKERFILE


def test_the_queue_is_kept_and_never_evicted() -> None:
    lines = (BASE_DIR / "deploy/valkey.conf").read_text().splitlines()
    assert {"maxmemory-policy noeviction", "appendonly yes", "appendfsync everysec"} <= set(lines)


def test_what_is_filled_in_is_what_compose_would() -> None:
    assert filled("${A:-}|${PUBLIC_HOST:-localhost}|$$X") == "|localhost|$X"
