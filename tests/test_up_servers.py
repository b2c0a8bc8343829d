"""The embedded servers: they keep what they were given, come back when they die, and end with whoever started them."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from project.local.home import Home
from tests.conftest import clean_env, wait
from tests.embedded import REPOSITORY, new_home, remove
from tests.leftovers import processes_of


@pytest.fixture
def home() -> Iterator[Home]:
    home = new_home()
    yield home
    remove(home)


@contextmanager
def servers(home: Home) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The process that watches over them, and their addresses."""
    command = [sys.executable, "-m", "project.local.servers", str(home.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        tempfile.TemporaryFile("w+") as words,
        subprocess.Popen(command, cwd=REPOSITORY, env=clean_env(), stderr=words, **pipes) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        words.seek(0)
        assert line, words.read()
        yield process, json.loads(line) | {"words": f"/proc/{os.getpid()}/fd/{words.fileno()}"}
        # Popen closes their input on the way out, and waits.


def one(home: Home, name: str) -> psutil.Process:
    """The one process of `home` that runs the program `name`."""
    found = [process for process in processes_of(home.folder) if name in Path(process.cmdline()[0]).name]
    return min(found, key=lambda process: process.pid)


def test_a_second_start_keeps_the_data(home: Home) -> None:
    with servers(home) as (_, at), psycopg.connect(at["database_url"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with redis.Redis.from_url(at["redis_url"]) as client:
            client.set("kept", "43")
    with servers(home) as (_, at), psycopg.connect(at["database_url"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        with redis.Redis.from_url(at["redis_url"]) as client:
            assert client.get("kept") == b"43"


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "its input closes"])
def test_asked_to_stop_they_leave_no_process_behind(home: Home, how: str) -> None:
    with servers(home) as (process, _):
        assert len(processes_of(home.folder)) > 3
        if how in signal.Signals.__members__:
            process.send_signal(signal.Signals[how])
        else:
            assert process.stdin is not None
            process.stdin.close()
        assert process.wait(20) == 0
        assert processes_of(home.folder) == []


def test_a_killed_supervisor_leaves_no_process_behind(home: Home) -> None:
    with servers(home) as (process, _):
        assert len(processes_of(home.folder)) > 3
        process.kill()
        process.wait()
        wait(lambda: not processes_of(home.folder), 15, "the end of every process")


def test_a_server_that_dies_is_started_again_and_it_is_said(home: Home) -> None:
    with servers(home) as (_, at):
        before = one(home, "valkey")
        before.kill()

        def answers() -> Any:
            with redis.Redis.from_url(at["redis_url"]) as client:
                try:
                    return client.info()["process_id"] != before.pid
                except redis.ConnectionError:
                    return False

        wait(answers, 10, "Valkey's return")
        said = Path(at["words"]).read_text()
        assert "valkey died (SIGKILL)" in said
        assert said.count("died") == 1


def test_the_database_survives_the_death_of_its_server(home: Home) -> None:
    with servers(home) as (_, at):
        with psycopg.connect(at["database_url"]) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        one(home, "postgres").kill()

        def answer() -> Any:
            try:
                with psycopg.connect(at["database_url"]) as connection:
                    return connection.execute("SELECT answer FROM kept").fetchone()
            except psycopg.OperationalError:
                return None

        assert wait(answer, 20, "PostgreSQL's return") == (42,)


def test_only_their_user_can_reach_the_secrets_and_the_database(home: Home) -> None:
    with servers(home):
        folder = home.folder
        for path in (folder / "secrets.json", folder / "broker.toml", folder / "valkey/valkey.conf"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        for path in (folder / "logs", folder / "valkey", folder / "postgres", folder / "postgres/socket"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
        password = home.secrets().redis_password
        assert not any(password in word for process in processes_of(folder) for word in process.cmdline())


def test_postgresql_is_never_run_by_root(home: Home) -> None:
    with servers(home):
        assert one(home, "postgres").uids().real != 0


def test_they_listen_on_loopback_only(home: Home) -> None:
    with servers(home):
        opened = [
            connection.laddr.ip
            for process in processes_of(home.folder)
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert len(opened) == 3  # Valkey, and the broker twice
        assert set(opened) == {"127.0.0.1"}


def modes(folder: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


@pytest.mark.parametrize("name", ["data", "so_long_a_name_that_no_socket_fits_below_it_" * 3])
def test_a_private_folder_stays_private_and_the_system_starts_in_it(tmp_path: Path, name: str) -> None:
    private = Home(tmp_path / name)
    private.folder.mkdir(mode=0o700)
    before = modes(private.folder)
    with servers(private) as (_, at), psycopg.connect(at["database_url"]) as connection:
        assert connection.execute("SELECT 42").fetchone() == (42,)
        assert modes(private.folder) == before
    remove(private)
