"""The units of deploy/systemd: systemd understands them, and they run what compose.yaml runs."""

import getpass
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from shutil import copytree, which

import pytest
from pydantic import SecretStr

from project.environment import BASE_DIR, Environment
from tests.composition import COMPOSE, SERVICES, make_secrets
from tests.test_compose import understand

FOLDER = BASE_DIR / "deploy/systemd"
COMMON = (FOLDER / "fieldledger-.service.d/common.conf").read_text()
BIN = "/opt/fieldledger/.venv/bin/"
ROLES = {
    "migrate": "migrate",
    "web": "web",
    "listener@": "listener",
    "ingest@": "worker",
    "control": "control",
    "upkeep": "upkeep",
    "beat": "beat",
    "flower": "flower",
}


def unit(name: str) -> str:
    return (FOLDER / f"fieldledger-{name}.service").read_text()


def test_systemd_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    if which("systemd-analyze") is None:
        pytest.skip("NOT TESTED: the units need systemd-analyze (apt install systemd)")
    folder = copytree(FOLDER, tmp_path / "units")
    places = {
        BIN: f"{Path(sys.executable).parent}/",
        "/opt/fieldledger": str(BASE_DIR),
        "User=fieldledger": "User=root",
    }
    for path in folder.rglob("*.*"):
        if path.is_file():
            text = path.read_text()
            for place, here in places.items():
                text = text.replace(place, here)
            path.write_text(text)
    for path in folder.glob("*@.*"):
        path.rename(path.with_name(path.name.replace("@", "@beat")))
    units = sorted(str(path) for path in folder.glob("*fieldledger*.*") if path.is_file())
    assert len(units) == 12
    assert verified(units, folder) == ""
    spoilt = folder / "fieldledger-beat.service"
    spoilt.write_text(spoilt.read_text() + "Restrat=always\n")
    assert "Restrat" in verified(units, folder)


def verified(units: list[str], folder: Path) -> str:
    command = ["systemd-analyze", "verify", "--man=no", *units]
    said = subprocess.run(command, capture_output=True, text=True, check=False, env={"SYSTEMD_UNIT_PATH": f"{folder}:"})
    ours = [line for line in said.stderr.splitlines() if "fieldledger" in line]
    return "\n".join(ours)


@pytest.mark.parametrize("name", ["fieldledger-ingest@2", "fieldledger-listener@3", "fieldledger-flower"])
def test_what_is_not_of_the_target_can_be_enabled_and_starts_with_it(name: str, tmp_path: Path) -> None:
    if which("systemctl") is None:
        pytest.skip("NOT TESTED: enabling a unit needs systemctl (apt install systemd)")
    etc = copytree(FOLDER, tmp_path / "etc/systemd/system")
    subprocess.run(["systemctl", f"--root={tmp_path}", "enable", name], capture_output=True, check=True)
    assert (etc / f"fieldledger.target.wants/{name}.service").is_symlink()


@pytest.mark.parametrize(("name", "service"), ROLES.items())
def test_a_unit_runs_what_the_container_runs(name: str, service: str) -> None:
    [line] = re.findall(r"^ExecStart=(.+)$", unit(name), re.MULTILINE)
    assert line.startswith(BIN)
    command = shlex.split(line.removeprefix(BIN))
    understand(command)
    there = SERVICES[service]["command"]
    named = {"0.0.0.0", "ingest@%h", "control@%h", "upkeep@%h"}  # noqa: S104
    assert [word for word in there if word not in command and word not in named] == []
    assert name == "migrate" or "Requires=fieldledger-migrate.service" in unit(name)


def test_secrets_come_as_credentials_that_the_settings_read() -> None:
    text = COMMON + unit("web") + unit("flower")
    loaded = dict(re.findall(r"^LoadCredential=(\w+):/etc/fieldledger/secrets/(\w+)$", text, re.MULTILINE))
    assert all(name == file and name in COMPOSE["secrets"] for name, file in loaded.items())
    read = re.findall(r"(\w+)_FILE=%d/(\w+)", text)
    assert {file for _, file in read} == loaded.keys()
    for variable, _ in read:
        assert Environment.model_fields[variable.lower()].annotation is SecretStr


@pytest.mark.parametrize("role", ["listener", "ingest", "control", "upkeep", "beat"])
def test_what_lives_and_does_nothing_is_asked_about(role: str) -> None:
    [line] = re.findall(r"^ExecStart=/bin/sh -c '(.+)'$", unit("healthy@"), re.MULTILINE)
    script = line.replace("%i", role).replace("$$", "$").replace(f"exec {BIN}python", "echo python")
    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout
    understand(shlex.split(said))
    assert f"fieldledger-healthy@{role}.timer" in (FOLDER / "fieldledger.target").read_text()


@pytest.mark.django_db(transaction=True)
def test_whoever_has_no_containers_runs_our_commands_with_the_settings_of_the_units(
    process_env: dict[str, str], tmp_path: Path
) -> None:
    make_secrets(tmp_path / "secrets")
    for name in ("postgres_password", "redis_password"):  # the tests' servers ask for none
        (tmp_path / "secrets" / name).unlink()
    queues = "amqp://user:secret@127.0.0.1:5672/field"
    (tmp_path / "secrets/celery_broker_url").write_text(f"{queues}\n")
    kept = {name: process_env[name] for name in ("DATABASE_URL", "REDIS_URL")} | {"LOG_DIR": str(tmp_path)}
    lines = ["# what is not secret", *(f"{name}={value}" for name, value in kept.items())]
    (tmp_path / "environment").write_text("\n".join(lines) + "\n")
    plain = {"PATH": process_env["PATH"], "FIELDLEDGER_ETC": str(tmp_path), "FIELDLEDGER_USER": getpass.getuser()}
    code = "from django.conf import settings as s; print(s.SECRET_KEY, s.FIELD_KEYS[0], s.CELERY_BROKER_URL)"
    command = [str(BASE_DIR / "deploy/manage"), "shell", "-v", "0", "-c", code]
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    secrets = [(tmp_path / "secrets" / name).read_text().strip() for name in ("secret_key", "field_keys")]
    assert done.stdout.split() == [*secrets, queues]


def test_before_the_first_unit_has_started_our_commands_find_a_folder_for_their_logs(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: that root makes the folder for another user needs root")
    make_secrets(tmp_path / "secrets")
    (tmp_path / "environment").write_text(f"LOG_DIR={tmp_path}/log\n")
    plain = {"PATH": os.environ["PATH"], "FIELDLEDGER_ETC": str(tmp_path), "FIELDLEDGER_USER": "nobody"}
    command = [str(BASE_DIR / "deploy/manage"), "help"]  # whether nobody may enter this environment does not matter
    subprocess.run(command, env=plain, capture_output=True, check=False, timeout=60)
    assert (tmp_path / "log").owner() == "nobody"
