"""What comes from outside: each secret may stand in a file, and a mistake is named at start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from project.environment import BASE_DIR, Environment, Misconfigured

SECRETS = [name for name, field in Environment.model_fields.items() if field.annotation is SecretStr]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Environment:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Environment(_env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own argument


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_come_as_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text(f"the {name}\n")
    found = read(monkeypatch, **{f"{name.upper()}_FILE": str(tmp_path / "secret")})
    assert getattr(found, name).get_secret_value() == f"the {name}"


def test_a_secret_that_comes_twice_or_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="SECRET_KEY_FILE cannot be read"):
        read(monkeypatch, SECRET_KEY_FILE=str(tmp_path / "absent"))
    (tmp_path / "secret").write_text("from a file")
    with pytest.raises(Misconfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        read(monkeypatch, SECRET_KEY_FILE=str(tmp_path / "secret"), SECRET_KEY="from a variable")


def test_what_is_no_secret_has_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "debug").write_text("true")
    assert read(monkeypatch, DEBUG_FILE=str(tmp_path / "debug")).debug is False


@pytest.mark.parametrize(
    ("url", "password", "whole"),
    [
        ("redis://valkey:6379/0", "a b/c@d", "redis://:a%20b%2Fc%40d@valkey:6379/0"),
        ("redis://ada@valkey:6379/0", "x", "redis://ada:x@valkey:6379/0"),
        ("rediss://:its-own@valkey:6379/0", "x", "rediss://:its-own@valkey:6379/0"),
        ("redis://valkey:6379/0", "", "redis://valkey:6379/0"),
    ],
)
def test_a_password_joins_the_address_of_redis(
    monkeypatch: pytest.MonkeyPatch, url: str, password: str, whole: str
) -> None:
    assert read(monkeypatch, REDIS_URL=url, REDIS_PASSWORD=password).redis == whole


def test_a_password_joins_the_address_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"DATABASE_URL": "postgresql://ada@db:5432/fl", "DATABASE_PASSWORD": "a b/c"}
    assert read(monkeypatch, **given).database["PASSWORD"] == "a b/c"
    given["DATABASE_URL"] = "postgresql://ada:its%20own@db:5432/fl"
    assert read(monkeypatch, **given).database["PASSWORD"] == "its own"


def test_there_is_no_secret_by_default() -> None:
    assert {name for name in SECRETS if Environment.model_fields[name].default.get_secret_value()} == {
        "database_url",
        "redis_url",
    }
    command = [sys.executable, "manage.py", "check", "--deploy"]
    env = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "FIELD_KEYS")}
    ended = subprocess.run(
        command, cwd=BASE_DIR, env={**env, "SECRET_KEY": "", "FIELD_KEYS": ""}, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "SECRET_KEY" in ended.stderr
