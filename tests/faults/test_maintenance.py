"""What people do to a running system's database and network in the course of a year."""

import time
from pathlib import Path

import psycopg
import pytest

from project.local.ports import free_port
from tests.conftest import Mosquitto, running, wait
from tests.faults.names import Names
from tests.faults.plant import Plant, check
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(300)]

LOCKED_S = 40.0
"""Longer than a statement waits for a lock, than a statement may take, and than batches wait to be dispatched again."""

NAME = "broker.example"
HOLDER = """
SELECT l.name FROM mqtt_app_listener l JOIN mqtt_app_mqttconnection c ON c.listener_id = l.id WHERE c.site_id = %s
"""

OURS = """
SELECT string_agg(format('%I', relname), ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition
AND (relname LIKE 'sites\\_%' OR relname LIKE 'mqtt\\_app\\_%')
"""


def test_a_change_of_the_tables_that_locks_them_all_for_a_while_loses_nothing(plant: Plant) -> None:
    """As a migration does, or VACUUM FULL: not even reading is possible."""
    plant.publish(100)
    wait(lambda: len(plant.stored()) == 100, 20, "the first hundred")
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    with psycopg.connect(plant.system["database_url"]) as database:
        tables = database.execute(OURS).fetchone()
        assert tables
        database.execute(f"LOCK TABLE {tables[0]} IN ACCESS EXCLUSIVE MODE".encode())
        began = time.monotonic()
        plant.pour(lambda: time.monotonic() - began > LOCKED_S, 120, "the end of the change")
    check(plant, f"all tables locked for {LOCKED_S:.0f} s, as by a migration")
    assert plant.ledger()["failed"] == 0
    assert plant.offline() == 0
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)


def test_a_broker_whose_name_leads_to_another_address_is_found_there(
    plant: Plant, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """The same broker on another machine: nobody tells us, its old address just goes silent."""
    port = free_port()
    old, new = (Proxy((address, port), ("127.0.0.1", mosquitto.port)) for address in ("127.0.0.2", "127.0.0.3"))
    names, first = Names(tmp_path / "hosts"), plant.listener
    names.lead(NAME, "127.0.0.2")
    command = names.known_to([*first.cmdline()[:2], "run_mqtt", "--name", "listener-2"])
    with old.running(), new.running(), plant.unattended():
        with running(command, first.environ(), tmp_path / "listener-2.log"):
            first.kill()
            wait(lambda: plant.query(HOLDER, [plant.site_id]) == [("listener-2",)], 60, "the other listener takes over")
            (connection,) = plant.rest.get("/connections/", params={"site": plant.site_id}).json()["items"]
            moved = {"broker_host": NAME, "broker_port": port}
            plant.rest.patch(f"/connections/{connection['id']}/", json=moved).raise_for_status()
            wait(lambda: old.accepted and plant.connection("status") == "connected", 60, "connected by its name")
            plant.publish(300)
            old.change(is_black=True)
            names.lead(NAME, "127.0.0.3")
            plant.pour(lambda: new.accepted, 150, "looked up anew")
            check(plant, "a broker's name leads elsewhere, its old address swallows everything")
        plant.query("DELETE FROM mqtt_app_listener WHERE name = 'listener-2'")
