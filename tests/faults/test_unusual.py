"""Faults that come seldom: a database that is full, read-only or asleep, a broker that is exchanged, a doubled name."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.conftest import Mosquitto, running, running_mosquitto, wait
from tests.embedded import REPOSITORY
from tests.faults.plant import Plant, check
from tests.hearing import publisher

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(300)]

FAULT_S = 8.0


def pour(plant: Plant, seconds: float = FAULT_S) -> None:
    until = time.monotonic() + seconds
    plant.pour(lambda: time.monotonic() > until, 3 * seconds + 20, "the end of the fault")


@contextmanager
def no_connection_left(plant: Plant) -> Iterator[None]:
    """All that PostgreSQL takes are ours, those that it keeps back for superusers as well."""
    with ExitStack() as ours:
        plant.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                ours.enter_context(psycopg.connect(plant.system["database_url"], connect_timeout=5))
        yield


def test_a_database_that_takes_no_more_connections_loses_nothing(plant: Plant) -> None:
    plant.publish(100)
    with no_connection_left(plant):
        pour(plant)
    check(plant, f"PostgreSQL out of connections for {FAULT_S:.0f} s")


@contextmanager
def read_only(plant: Plant) -> Iterator[None]:
    """Every transaction of every session that begins meanwhile."""
    with psycopg.connect(plant.system["database_url"], autocommit=True) as database:
        change = f'ALTER DATABASE "{database.info.dbname}" SET default_transaction_read_only'
        others = b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        try:
            for sql in (f"{change} = on".encode(), others):
                database.execute(sql)
            yield
        finally:
            for sql in (f"{change} = off".encode(), others):
                database.execute(sql)


def test_a_database_that_is_read_only_for_a_while_loses_nothing_and_is_told_as_absent(plant: Plant) -> None:
    """What a standby is until it is promoted, and what it then says no more."""
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    plant.publish(100)
    with read_only(plant):
        pour(plant)
        answer = plant.rest.patch(f"/sites/{plant.site_id}/", json={"name": "Meanwhile"})
    check(plant, f"PostgreSQL read-only for {FAULT_S:.0f} s")
    assert answer.status_code == 503
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)
    assert plant.ledger()["failed"] == 0


def test_database_processes_frozen_within_a_transaction_hold_up_and_lose_nothing(plant: Plant) -> None:
    sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%sites_reading%%'"
    with plant.held_back():
        plant.publish(100)
        wait(plant.waiting, 20, "a worker within its transaction")
        frozen = [pid for (pid,) in plant.query(sql, [])]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
    try:
        pour(plant, 2 * FAULT_S)  # longer than the first wait for a commit: the batches are dispatched again
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    check(plant, f"PostgreSQL's processes frozen within a transaction for {2 * FAULT_S:.0f} s")


def test_a_connection_that_is_moved_to_another_broker_in_full_flow_loses_nothing_and_alarms_nobody(
    plant: Plant, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with running_mosquitto(tmp_path / "other") as other, publisher(other.url) as device:
        (connection,) = plant.rest.get("/connections/", params={"site": plant.site_id}).json()["items"]
        plant.publish(300)
        wait(lambda: plant.ledger(1)["received"] >= 300, 20, "the listener has them")
        moved = {"broker_port": urlsplit(other.url).port}
        plant.rest.patch(f"/connections/{connection['id']}/", json=moved).raise_for_status()
        told = f"What 127.0.0.1:{mosquitto.port} as {plant.connection('client_id')} has not delivered stays there."
        wait(lambda: any(told in line for line in plant.logged("INFO")), 30, "the other broker begins a session")
        wait(lambda: plant.connection("subscribed"), 20, "subscribed")
        plant.device = device
        plant.publish(300)
        check(plant, "connection moved to another broker in full flow", "told as an INFO")
        assert plant.logged("ERROR") == []


def test_a_second_listener_of_the_same_name_drives_the_first_out_and_costs_nothing(
    plant: Plant, tmp_path: Path
) -> None:
    first = plant.listener
    command = [first.cmdline()[0], str(REPOSITORY / "manage.py"), "run_mqtt", "--name", "listener-1"]
    with running(command, first.environ(), tmp_path / "namesake.log") as namesake:
        plant.pour(lambda: namesake.poll() is not None, 60, "one of them has gone")
        check(plant, "two listeners of one name", "the supervised one stays")
    assert plant.query("SELECT count(*) FROM mqtt_app_listener WHERE name = 'listener-1'") == [(1,)]


def test_a_web_process_killed_while_wishes_are_written_keeps_all_that_it_answered(plant: Plant) -> None:
    for on in (False, True, False, True):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_is_taken, plant, on=on)
            plant.hit(signal.SIGKILL, 1, "uvicorn")
        wait(lambda on=on: _is_taken(plant, on=on), 60, "the wish is answered")
        assert plant.connection("is_active") is on
    wait(lambda: plant.connection("status") == "connected", 35, "the last wish: on")
    plant.publish(100)
    check(plant, "web process killed at each of four wishes")


def _is_taken(plant: Plant, *, on: bool) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        plant.switch(on)
        return True
    return False
