"""What tests of faults share: a site on a broker that survives, a device that speaks, and means to hurt the system."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg
import pytest
import redis

from tests.conftest import Mosquitto, running, wait
from tests.embedded import REPOSITORY
from tests.faults import table
from tests.faults.queued import reconcilers
from tests.faults.table import Row
from tests.hearing import Publisher, publisher

Wait = Callable[..., Any]

TOPIC = "{site}/gateway/1/dataloggers/telemetry"
RECOVERY_S = 90
HINTED_S = 7.0
"""Two heartbeats, and less than the 10 s after which the database is asked."""

INTERVAL_S = 2
"""What the device declares: without a word for 5 s it would count as offline."""


def brief(*values: Any) -> Any:
    """Parameters of a fault's short form, for CI."""
    return pytest.param(*values, marks=pytest.mark.brief)


def long(*values: Any) -> Any:
    """Parameters of a fault's long form, beside which the short one is not run."""
    return pytest.param(*values, marks=pytest.mark.long)


FATES = "stored, ignored, unrecognised, failed, duplicate, overflowed, lost, returned"


def telemetry(number: int) -> bytes:
    """A message without a time of its own: were it stored twice, there would be two readings."""
    data = [{"type": "ch1", "value": [number]}]
    device = {"type": "adaq", "serial_number_device": f"MAS{number % 7:05d}", "data": data}
    message = {
        "serial_number_gateway": "g",
        "message_interval_seconds": INTERVAL_S,
        "dataloggers": [{"devices": [device]}],
    }
    return json.dumps(message).encode()


class Plant:
    """A site of a running system, connected to a broker, and one device on it."""

    def __init__(self, system: Mapping[str, Any], rest: httpx.Client, device: Publisher, site: str, site_id: int):
        self.system, self.rest, self.device = system, rest, device
        self.site, self.site_id = site, site_id
        self.sent = 0

    # The device.

    def publish(self, count: int) -> None:
        """Publish at QoS 1, and return when the broker has acknowledged them all."""
        self.device.send(TOPIC.format(site=self.site), *(telemetry(self.sent + number) for number in range(count)))
        self.sent += count

    def pour(self, until: Callable[[], Any], timeout_s: float, what: str) -> None:
        """Publish some 200 messages a second until `until` is true."""
        wait(lambda: self.publish(10) or until(), timeout_s, what)

    # The processes.

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Workers come as far as storing readings, in the middle of their transaction, and wait there."""
        with psycopg.connect(self.system["database_url"]) as database:
            database.execute("LOCK TABLE sites_reading IN SHARE MODE")
            yield

    def waiting(self) -> int:
        """How many workers wait there."""
        sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%sites_reading%%'"
        return int(self.query(sql, [])[0][0])

    def children(self, *words: str) -> list[psutil.Process]:
        """Of the processes that hold `words`, those that another of them started."""
        found = self.running(*words)
        return [one for one in found if one.ppid() in {other.pid for other in found}]

    def running(self, *words: str) -> list[psutil.Process]:
        """Every process of the system whose command line holds all `words`."""
        found = []
        for process in psutil.Process(self.system["pid"]).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one, too
                if all(word in " ".join(process.cmdline()) for word in words):
                    found.append(process)
        return found

    def hit(self, number: int, count: int, *words: str) -> None:
        """Wait until at least `count` such processes run, and signal them all."""
        for process in wait(lambda: len(found := self.running(*words)) >= count and found, 40, str(words)):
            os.kill(process.pid, number)

    @contextmanager
    def frozen(self, *words: str) -> Iterator[None]:
        """These processes do nothing for a while, as long as the supervisor lets them."""
        processes = self.running(*words)
        assert processes, words
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):  # its parent, woken before, may have ended it
                    process.send_signal(signal.SIGCONT)

    @contextmanager
    def unattended(self) -> Iterator[None]:
        """Nobody starts anew what has stalled or died."""
        supervisor = psutil.Process(self.system["pid"])
        supervisor.suspend()
        try:
            yield
        finally:
            supervisor.resume()

    @property
    def listener(self) -> psutil.Process:
        return self.running("run_mqtt")[0]

    @contextmanager
    def second_listener(self, log: Path) -> Iterator[psutil.Process]:
        command = [self.listener.cmdline()[0], str(REPOSITORY / "manage.py"), "run_mqtt", "--name", "listener-2"]
        with running(command, self.listener.environ(), log) as process:
            wait(lambda: self.query("SELECT 1 FROM mqtt_app_listener WHERE name = 'listener-2'"), 20, "listener-2")
            yield psutil.Process(process.pid)

    def beats(self, seconds: float) -> int:
        """How many processes ask for reconciles, as the queues' server hears it for so long."""
        if url := self.system.get("CELERY_BROKER_URL"):
            return reconcilers(url, seconds)
        heard = set()
        until = time.monotonic() + seconds
        with (
            redis.Redis.from_url(self.system["redis_url"], socket_timeout=seconds) as queue,
            queue.monitor() as ear,
            contextlib.suppress(redis.TimeoutError),
        ):
            while time.monotonic() < until:
                one = ear.next_command()
                if one["command"].startswith("LPUSH control") and "tasks.control.reconcile" in one["command"]:
                    heard.add(one["client_port"])
        return len(heard)

    # What came of it.

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.system["database_url"], autocommit=True, connect_timeout=5) as database:
            cursor = database.execute(sql, parameters)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def stored(self) -> list[int]:
        rows = self.query(
            "SELECT r.values[1] FROM sites_reading r JOIN sites_sensor s ON s.id = r.sensor_id "
            "JOIN sites_datalogger d ON d.id = s.datalogger_id WHERE d.site_id = %s ORDER BY 1",
            [self.site_id],
        )
        return [int(value) for (value,) in rows]

    def ledger(self, *qos: int) -> dict[str, int]:
        """The sums of every column, and `in_flight`, over these QoS levels; both when none is named."""
        columns = ["received", *FATES.split(", ")]
        sums = ", ".join(f"COALESCE(sum({column}), 0)" for column in columns)
        sql = (
            f"SELECT {sums} FROM mqtt_app_ledgerminute l JOIN mqtt_app_mqttconnection c ON c.id = l.connection_id "  # noqa: S608
            "WHERE c.site_id = %s AND qos = ANY(%s)"
        )
        (row,) = self.query(sql, [self.site_id, list(qos or (0, 1))])
        found = dict(zip(columns, map(int, row), strict=True))
        return found | {"in_flight": 2 * found["received"] - sum(found.values())}

    def connection(self, column: str) -> Any:
        sql = f"SELECT {column} FROM mqtt_app_mqttconnection WHERE site_id = %s"  # noqa: S608
        return self.query(sql, [self.site_id])[0][0]

    def offline(self) -> int:
        """How many of the site's devices count as offline."""
        sql = "SELECT count(*) FROM {} WHERE site_id = %s AND status = 'offline'"
        tables = ("sites_gateway", "sites_datalogger")
        return sum(self.query(sql.format(table), [self.site_id])[0][0] for table in tables)

    def is_told(self) -> bool:
        """Whether a commit is seen sooner than the database is asked: the listener hears hints."""
        self.publish(1)
        began = self.query("SELECT now()")[0][0]
        sql = (
            "SELECT 1 FROM mqtt_app_listener l JOIN mqtt_app_mqttconnection c ON c.listener_id = l.id "
            "WHERE c.site_id = %s AND heartbeat > %s AND oldest_pending_at IS NULL"
        )
        deadline = time.monotonic() + HINTED_S
        while not (found := self.query(sql, [self.site_id, began])) and time.monotonic() < deadline:
            time.sleep(0.1)
        return bool(found)

    def logged(self, *levels: str) -> list[str]:
        sql = (
            "SELECT l.message FROM mqtt_app_mqttconnectionlog l JOIN mqtt_app_mqttconnection c ON c.id = connection_id"
            " WHERE c.site_id = %s AND level = ANY(%s)"
        )
        return [words for (words,) in self.query(sql, [self.site_id, list(levels)])]

    def switch(self, on: bool) -> None:
        self.rest.post(f"/mqtt/site/{self.site_id}/{'start' if on else 'stop'}/").raise_for_status()


@contextmanager
def planted(
    system: Mapping[str, Any], broker: Mosquitto, site: str = "site_kills", device_url: str = "", **fields: Any
) -> Iterator[Plant]:
    """A new site of `system` on `broker`, connected; gone in the end. fields: of its connection, when they differ."""
    headers = {"Authorization": f"Bearer {system['token']}"}
    with (
        httpx.Client(base_url=system["url"] + "/api/v1", headers=headers, timeout=20) as rest,
        publisher(device_url or broker.url) as device,
    ):
        for left in rest.get("/sites/").raise_for_status().json()["items"]:  # by a test that failed
            if left["slug"] == site:
                rest.delete(f"/sites/{left['id']}/", params={"confirm": site}).raise_for_status()
        site_id = rest.post("/sites/", json={"name": site, "slug": site}).raise_for_status().json()["id"]
        address = {"broker_host": "127.0.0.1", "broker_port": urlsplit(broker.url).port, "site": site_id}
        rest.post("/connections/", json=address | fields).raise_for_status()
        plant = Plant(system, rest, device, site, site_id)
        wait(lambda: plant.connection("status") == "connected" and plant.connection("subscribed"), 20, "connected")
        try:
            yield plant
        finally:
            rest.delete(f"/sites/{site_id}/", params={"confirm": site}).raise_for_status()


def check(plant: Plant, fault: str, note: str = "", patience_s: float = RECOVERY_S) -> None:
    """Loss 0, doubles 0, ledger balanced. To be called when the fault is over: recovery counts from then."""
    healed = time.monotonic()
    recovered = None
    try:
        wait(lambda: len(set(plant.stored())) == plant.sent, patience_s, f"all {plant.sent} messages stored")
        recovered = time.monotonic() - healed
        wait(lambda: plant.ledger()["in_flight"] == 0, 20, "a balanced ledger")
    finally:
        enter(plant, fault, recovered, note)
    assert plant.stored() == list(range(plant.sent))


def enter(plant: Plant, fault: str, recovered: float | None, note: str = "") -> None:
    """Its row in the table, however the test ends."""
    stored = plant.stored()
    found, again = len(set(stored)), plant.ledger()["duplicate"]
    seen = [note] if note else []
    seen += [f"{again:,} redeliveries recognised"] if again else []
    doubled = len(stored) - found
    table.rows.append(Row(fault, plant.sent, len(stored), plant.sent - found, doubled, recovered, "; ".join(seen)))
