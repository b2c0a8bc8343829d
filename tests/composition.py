"""compose.yaml as the tests read it: its services, and their words with everything filled in that differs here."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from project.environment import BASE_DIR

TEXT = (BASE_DIR / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (BASE_DIR / "worker.Dockerfile").read_text()
OURS = {"migrate", "web", "listener", "worker", "control", "upkeep", "beat", "flower"}
SERVERS = {"postgres", "valkey", "mosquitto"}


def filled(words: str) -> str:
    """As compose fills it in for somebody who has set nothing: ${NAME:-default}, and $$ for $."""
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", words).replace("$$", "$")


def replaced(words: str, here: dict[str, str]) -> str:
    """`words` with the image's places exchanged for those of this machine. Each must be meant: none is made up."""
    for place, found in here.items():
        words = words.replace(place, found)
    return words


def environment(name: str, here: dict[str, str]) -> dict[str, str]:
    return {key: replaced(filled(str(value)), here) for key, value in SERVICES[name].get("environment", {}).items()}


def make_secrets(folder: Path, *arguments: str) -> Path:
    """deploy/make-secrets, run as the manual says."""
    command = [sys.executable, str(BASE_DIR / "deploy/make-secrets"), str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True)
    return folder
