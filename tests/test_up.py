"""`manage.py up`: the whole system starts with one command, says where it is, and goes without a trace."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis

from project.local.home import Home
from project.local.ports import PortTaken, Wanted, choose
from tests.conftest import SYSTEM_PATIENCE_S, clean_env, up, wait
from tests.embedded import OWN, SERVERS, new_home, remove
from tests.leftovers import processes_of

PROCESSES = {"web", "listener", "ingest", "control", "upkeep", "beat", "flower"}


@pytest.fixture
def home() -> Iterator[Home]:
    home = new_home()
    yield home
    remove(home)


def ready(process: subprocess.Popen[str], home: Home) -> dict[str, Any]:
    wait(lambda: home.ready_file.exists() or process.poll() is not None, SYSTEM_PATIENCE_S, "ready.json")
    assert process.stdout is not None
    assert process.poll() is None, process.stdout.read()
    found: dict[str, Any] = json.loads(home.ready_file.read_text())
    return found


def test_when_ready_json_is_there_everything_answers(running_system: dict[str, Any]) -> None:
    token = {"Authorization": f"Bearer {running_system['token']}"}
    assert httpx.get(f"{running_system['url']}/readyz").status_code == 200
    assert httpx.get(f"{running_system['url']}/api/v1/sites/", headers=token).status_code == 200
    assert httpx.get(running_system["flower_url"]).status_code == 401  # it answers, and wants a sign-in
    with psycopg.connect(running_system["database_url"]) as connection:
        pulses = {name for (name,) in connection.execute("SELECT name FROM mqtt_app_pulse").fetchall()}
    assert {"reconcile", "canary:ingest", "canary:control"} <= pulses
    with redis.Redis.from_url(running_system["redis_url"]) as client:
        assert client.ping()
    for name in ("mqtt_url", "mqtt5_url"):
        port = int(running_system[name].rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port), 2).close()


def test_what_a_run_leaves_in_its_folder_is_not_what_tests_go_by(running_system: dict[str, Any]) -> None:
    left = (Path(running_system["home"]) / "local.env").read_text().splitlines()
    assert {line.partition("=")[0] for line in left} - {"LOG_DIR"} <= {*OWN, *SERVERS}


def test_its_fleet_reports_and_other_servers_replace_the_embedded_ones(
    home: Home, django_db_setup: None, process_env: dict[str, str]
) -> None:
    """DATABASE_URL and REDIS_URL are the environment's: none is embedded, and Ctrl-C leaves nothing behind."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere")
    outer = {"DATABASE_URL": os.environ["DATABASE_URL"].replace("/fieldledger?", "/elsewhere?")}
    outer["REDIS_URL"] = os.environ["REDIS_URL"].removesuffix("/0") + "/7"
    try:
        with up("--data", str(home.folder), env=clean_env(**outer)) as process:
            said = ready(process, home)
            assert stat.S_IMODE(home.ready_file.stat().st_mode) == 0o600
            assert (said["database_url"], said["redis_url"]) == (outer["DATABASE_URL"], outer["REDIS_URL"])
            assert not (home.folder / "postgres").exists()
            assert not (home.folder / "valkey").exists()
            with psycopg.connect(said["database_url"]) as connection:
                found = connection.execute("SELECT count(*) FROM sites_reading").fetchone()
            assert found is not None
            assert found[0] > 0
            process.send_signal(signal.SIGINT)
            words, _ = process.communicate(timeout=60)
            assert process.returncode == 0, words
            assert "Ready after" in words
            assert "died" not in words
            assert said["password"] in words
        assert processes_of(home.folder) == []
        assert not home.ready_file.exists()
        assert {path.stem for path in home.logs.iterdir()} >= PROCESSES | {"fleet"}
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("DROP DATABASE elsewhere WITH (FORCE)")


def test_killed_without_warning_it_leaves_no_process_behind(home: Home) -> None:
    with up("--no-fleet", "--data", str(home.folder)) as process:
        ready(process, home)
        process.kill()
        process.wait()
        wait(lambda: not processes_of(home.folder), 20, "the end of every process")


def test_a_second_start_in_the_same_folder_is_refused(running_system: dict[str, Any], home: Home) -> None:
    """The folder's lock says so, whatever the ports."""
    home.make()
    (home.folder / "link").symlink_to(_folder_of(running_system))
    with up("--data", str(home.folder / "link")) as process:
        words, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "already runs in" in words
    assert "--data" in words


def _folder_of(running_system: dict[str, Any]) -> Path:
    with psycopg.connect(running_system["database_url"]) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0]).parent.parent


@pytest.mark.parametrize(
    ("option", "what"), [("--port", "web"), ("--mqtt-port", "MQTT 3.1.1"), ("--flower-port", "Flower")]
)
def test_a_port_in_use_is_named_before_anything_starts(home: Home, option: str, what: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with up("--data", str(home.folder), option, str(port)) as process:
            words, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"Port {port} ({what}) is in use" in words
    suggested = re.search(rf"choose another with {option} (\d+)", words)
    assert suggested
    assert int(suggested[1]) > port
    assert not list(home.logs.iterdir())


def refused(home: Home, env: dict[str, str]) -> str:
    """What it says; no process of ours was started."""
    with up("--no-fleet", "--data", str(home.folder), env=env) as process:
        words, _ = process.communicate(timeout=SYSTEM_PATIENCE_S)
    assert process.returncode == 1
    assert "Ready" not in words
    assert "Traceback" not in words
    assert not {path.stem for path in home.logs.iterdir()} & PROCESSES
    return words


def test_a_wrong_setting_is_told_in_words_and_nothing_of_ours_starts(home: Home) -> None:
    words = refused(home, clean_env(FIELD_KEYS="no key"))
    assert "Broker passwords cannot be encrypted or read. (fieldledger.E001)" in words
    assert "FIELD_KEYS must hold at least one Fernet key" in words  # what mends it


def test_a_database_that_would_lose_messages_is_told_and_left_as_it_is(home: Home, django_db_setup: None) -> None:
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE hasty")
        connection.execute("ALTER DATABASE hasty SET synchronous_commit = off")
    try:
        url = server.replace("/fieldledger?", "/hasty?")
        words = refused(home, clean_env(DATABASE_URL=url))
        assert "synchronous_commit = off. (fieldledger.E009)" in words
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE hasty WITH (FORCE)")


def test_the_port_suggested_instead_of_a_taken_one_is_free() -> None:
    with ExitStack() as taken:
        port = taken.enter_context(closing(socket.create_server(("127.0.0.1", 0)))).getsockname()[1]
        with suppress(OSError):  # somebody else has it: that will do
            taken.enter_context(closing(socket.create_server(("127.0.0.1", port + 1))))
        with pytest.raises(PortTaken) as told:
            choose([Wanted("web", "--port", port)])
    suggested = int(str(told.value).rsplit(" ", 1)[1])
    assert suggested not in (port, port + 1)


def test_two_taken_ports_side_by_side_are_given_different_suggestions() -> None:
    with ExitStack() as taken:
        first = taken.enter_context(closing(socket.create_server(("127.0.0.1", 0)))).getsockname()[1]
        with suppress(OSError):  # somebody else has it: that will do
            taken.enter_context(closing(socket.create_server(("127.0.0.1", first + 1))))
        with pytest.raises(PortTaken) as told:
            choose([Wanted("MQTT 3.1.1", "--mqtt-port", first), Wanted("MQTT 5", "--mqtt5-port", first + 1)])
        suggested = [int(line.rsplit(" ", 1)[1]) for line in str(told.value).splitlines()]
        assert len(suggested) == len({first, first + 1, *suggested}) - 2 == 2
        with ExitStack() as mine:
            for port in suggested:
                mine.enter_context(closing(socket.create_server(("127.0.0.1", port))))
