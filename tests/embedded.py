"""The servers all tests stand on: a pytest plugin, loaded first, because settings read their addresses when imported.

Real PostgreSQL (fsync on, as in life), Valkey and MQTT broker, in a new folder, gone at the end. DATABASE_URL,
REDIS_URL and MQTT_URL in the environment replace them.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from redis import Redis

from project.local.home import Home

REPOSITORY = Path(__file__).resolve().parent.parent
SERVERS = {"DATABASE_URL": "database_url", "REDIS_URL": "redis_url", "MQTT_URL": "mqtt_url", "MQTT5_URL": "mqtt5_url"}
OWN = {
    "SECRET_KEY": "only-for-tests-and-long-enough-for-every-check-that-django-makes",
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "FLOWER_BASIC_AUTH": "flower:only-for-tests",
    "FLOWER_PORT": "5555",
    "FLOWER_URL": "",
    "CELERY_BROKER_URL": "",
    "ASK_BROKER_DROPS": "true",
    "DEBUG": "false",
    "ALLOW_PRIVATE_BROKERS": "true",  # theirs are on loopback
    "API_REQUESTS_PER_MINUTE": "0",  # tests that make thousands are one person
}
"""Also all that a system which ran in this folder has left in `.data/local.env`, as if nothing had run."""

STOP_PATIENCE_S = 30


def new_home() -> Home:
    """A folder that an unprivileged server may pass through, unlike those of tempfile."""
    return Home(Path(tempfile.gettempdir()).resolve() / f"fieldledger-tests-{secrets.token_hex(4)}")


def remove(home: Home) -> None:
    """The folder, and what had to be put outside it."""
    if (home.folder / "secrets.json").exists():
        outside = home.outside(home.secrets().instance)
        shutil.rmtree(outside, ignore_errors=True)
        shutil.rmtree(Path("/tmp") / outside.name, ignore_errors=True)
    shutil.rmtree(home.folder, ignore_errors=True)


def spare_the_disk(valkey_url: str) -> None:
    """Where many tests share a disk, Valkey may wait for it longer than a web process waits for Valkey."""
    with Redis.from_url(valkey_url) as valkey:
        valkey.config_set("appendfsync", "no")


class Embedded:
    """The servers, in a process that ends when we do, however we do.

    module: what starts them. env: what they are told beside our own environment.
    """

    def __init__(self, module: str = "project.local.servers", env: Mapping[str, str] | None = None) -> None:
        self.home = new_home()
        self._module, self._env = module, {**os.environ, **(env or {})}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, str]:
        """Their addresses, as variables. Raises pytest.UsageError with their words when they do not start."""
        command = [sys.executable, "-m", self._module, str(self.home.folder)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self._process = subprocess.Popen(command, cwd=REPOSITORY, env=self._env, text=True, **pipes)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, words = self._process.communicate()
            raise pytest.UsageError(f"The embedded servers did not start:\n{words}")
        found = json.loads(line)
        spare_the_disk(found["redis_url"])
        return {name: found[key] for name, key in SERVERS.items()}

    def stop(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=STOP_PATIENCE_S)  # closes its standard input
        remove(self.home)


embedded = Embedded()


@pytest.hookimpl(wrapper=True)  # wrappers go first: pytest-django imports the settings in this hook
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    known = early_config.known_args_namespace
    for name, value in OWN.items():
        os.environ.setdefault(name, value)
    os.environ["LOG_DIR"] = str(embedded.home.logs)
    only_asked = known.help or known.version or getattr(known, "collectonly", False)
    if not (only_asked or hands_out(known)):
        for name, value in embedded.start().items():
            os.environ.setdefault(name, value)
    return (yield)


def hands_out(known: argparse.Namespace) -> bool:
    """Of several processes (`-n`), the first runs no test; each of the others has servers of its own."""
    return bool(getattr(known, "numprocesses", None)) and "PYTEST_XDIST_WORKER" not in os.environ


def pytest_unconfigure() -> None:
    embedded.stop()
