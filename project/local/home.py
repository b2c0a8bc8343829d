"""The folder in which a local system keeps everything: data, logs, secrets, and word of where it listens."""

import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from cryptography.fernet import Fernet
from pydantic import BaseModel, Field

LOCK_PATIENCE_S = 15  # as long as a system whose supervisor was killed may need to go


class AlreadyRunning(Exception):
    """Another `up` works in this folder."""


class Secrets(BaseModel):
    """Made once per folder; a secret added later is made at the next start."""

    instance: str = Field(default_factory=lambda: secrets.token_hex(4))
    secret_key: str = Field(default_factory=lambda: secrets.token_urlsafe(48))
    field_key: str = Field(default_factory=lambda: Fernet.generate_key().decode())
    redis_password: str = Field(default_factory=lambda: secrets.token_hex(24))
    admin_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    flower_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    api_token: str = Field(default_factory=lambda: "fl_" + secrets.token_urlsafe(32))


@dataclass(frozen=True)
class Home:
    """One local system's folder. Modes are set on what is made here, never on what was there."""

    folder: Path

    @classmethod
    def at(cls, folder: str | Path) -> "Home":
        return cls(Path(folder).expanduser().resolve())

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    def make(self) -> None:
        """0711: PostgreSQL, which root runs as another user, may pass through; nobody else may list."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            self.folder.chmod(0o711)
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def lock(self, patience_s: float = LOCK_PATIENCE_S) -> int:
        """A descriptor that holds this folder for as long as it is open. Raises AlreadyRunning."""
        descriptor = os.open(self.folder / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode()
                if _lives(holder) or time.monotonic() > deadline:
                    os.close(descriptor)
                    raise AlreadyRunning(
                        f"A system already runs in {self.folder} (process {holder}). "
                        "Stop it with Ctrl-C or SIGTERM, or choose another folder with --data"
                    ) from None
                time.sleep(0.1)  # its supervisor was killed; what it started is being stopped
            else:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
                return descriptor

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever started here."""
        return not (self.folder / "secrets.json").exists()

    def secrets(self) -> Secrets:
        path = self.folder / "secrets.json"
        kept = Secrets.model_validate_json(path.read_bytes()) if path.exists() else Secrets()
        write_private(path, kept.model_dump_json(indent=2))
        return kept

    def outside(self, instance: str) -> Path:
        """A folder outside private homes, for what must be reachable by another user; not made here."""
        name = hashlib.sha256(f"{instance}:{self.folder}".encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"fieldledger-{name}"  # noqa: S108  # its owner is checked when it is made

    def write_env(self, variables: Mapping[str, str]) -> None:
        """For other `manage.py` commands; project.environment reads it."""
        lines = [f"{name}='{_escaped(value)}'\n" for name, value in variables.items()]
        write_private(self.folder / "local.env", "".join(lines))

    def write_ready(self, ready: Mapping[str, Any]) -> None:
        write_private(self.ready_file, json.dumps(ready, indent=2) + "\n")

    def forget_ready(self) -> None:
        self.ready_file.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _lives(pid: str) -> bool:
    try:
        return bool(psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE)
    except (ValueError, psutil.NoSuchProcess):
        return False
