"""A standby of a system's PostgreSQL, which can take its place."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psutil
import psycopg

from project.local.postgres import PLAIN_ENV, SOCKET_NAME
from tests.conftest import wait


class Standby:
    """Holds what the server at `url` held when it was copied; what came later, as soon as it has followed."""

    def __init__(self, url: str, folder: Path) -> None:
        with psycopg.connect(url) as database:
            self._primary = psutil.Process(database.info.backend_pid).parent()
        assert self._primary
        self._url, self._folder = url, folder
        self._bin = Path(self._primary.exe()).parent
        self._user = self._primary.uids().real
        self._process: subprocess.Popen[bytes] | None = None
        shutil.chown(folder, self._user)

    def copy(self) -> None:
        (host,) = parse_qs(urlsplit(self._url).query)["host"]
        command = [self._bin / "pg_basebackup", "-D", self._folder / "data", "-R", "-c", "fast", "-h", host]
        whose = ["-U", urlsplit(self._url).username]
        subprocess.run([*command, *whose], user=self._user, cwd="/", env=PLAIN_ENV, check=True)

    @property
    def socket(self) -> Path:
        return self._folder / SOCKET_NAME

    @property
    def url(self) -> str:
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}?host={quote(str(self._folder), safe='')}"

    def follow(self) -> None:
        if self._process:
            return
        command = [self._bin / "postgres", "-D", self._folder / "data", "-c", f"unix_socket_directories={self._folder}"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, user=self._user, cwd="/", env=PLAIN_ENV, stdout=log, stderr=log, start_new_session=True
            )
        wait(self._is_there, 30, "the standby")

    def confirm_each_commit(self) -> None:
        """From now on no commit of the other one is answered before it is on our disk."""
        with psycopg.connect(self._url, autocommit=True) as database:
            database.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            database.execute("SELECT pg_reload_conf()")
            waited = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait(lambda: database.execute(waited).fetchone(), 20, "a standby that confirms")

    def take_over(self) -> None:
        """The other one is dead, or soon will be, and nobody asks it any more: be the server."""
        with psycopg.connect(self.url, autocommit=True) as database:
            database.execute("SELECT pg_promote()")

    def kill_the_other(self) -> None:
        assert self._primary
        for process in (self._primary, *self._primary.children()):
            process.kill()

    def rest(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGQUIT)  # at once
            self._process.wait(20)

    def _is_there(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def standby(url: str) -> Iterator[Standby]:
    with tempfile.TemporaryDirectory(prefix="fl-standby-") as folder:
        one = Standby(url, Path(folder))
        try:
            yield one
        finally:
            one.rest()
