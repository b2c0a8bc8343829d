"""The field around a system: sites with their connections, the load on them, and what of it is stored."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.system import System, wait
from project.environment import BASE_DIR

CONNECT_PATIENCE_S = 180.0
STALL_S = 60.0
LOOK_S = 0.5

CONNECTED = """
SELECT count(*) FROM mqtt_app_mqttconnection c JOIN sites_site s ON s.id = c.site_id
WHERE s.slug LIKE %s AND status = 'connected' AND cardinality(subscribed) > 0
"""
STORED = """
SELECT COALESCE(sum(latest_values[1]), 0)::bigint FROM sites_sensor s JOIN sites_datalogger d ON d.id = datalogger_id
JOIN sites_site p ON p.id = d.site_id WHERE key = 'ch1' AND slug LIKE %s
"""
# Only where STORED counts: what is rewritten here fills the free half of its page before the load comes.
RESET = "UPDATE sites_sensor SET latest_values = NULL WHERE key = 'ch1'"
FORGET = f"TRUNCATE sites_reading, sites_rollup; {RESET}"


@dataclass(frozen=True)
class Load:
    """What the load generator is told."""

    messages: int
    rate: float = 0
    prefix: str = "bench"
    sites: int = 10
    dataloggers: int = 50


@contextmanager
def sites(system: System, count: int, prefix: str = "bench", *, connected: bool = True) -> Iterator[None]:
    """Sites named prefix_0001 …, each with a connection to the broker if wanted; gone in the end."""
    _sites(system, prefix, count, system.port if connected else 0)
    if connected:
        wait(lambda: system.value(CONNECTED, [f"{prefix}\\_%"]) == count, CONNECT_PATIENCE_S, "every connection")
    try:
        yield
    finally:
        _sites(system, prefix, 0, 0)


def _sites(system: System, *words: str | int) -> None:
    command = [sys.executable, "-m", "benchmarks.sites", *map(str, words)]
    subprocess.run(command, cwd=BASE_DIR, env=dict(system.env), check=True)


def forget(system: System) -> None:
    """No reading and no latest value: the running numbers of the next load are counted from nothing."""
    system.query(FORGET)


def stored(system: System, prefix: str) -> int:
    """How many messages of the load are stored, as the dataloggers' running numbers tell."""
    return int(system.value(STORED, [f"{prefix}\\_%"]))


@contextmanager
def publishing(system: System, load: Load) -> Iterator["subprocess.Popen[str]"]:
    """The load generator at work; each line of its standard output is the number of acknowledged messages."""
    told = {"--port": system.port, "--prefix": load.prefix, "--sites": load.sites, "--rate": load.rate}
    told |= {"--dataloggers": load.dataloggers, "--messages": load.messages}
    words = [word for name, value in told.items() for word in (name, str(value))]
    command = [sys.executable, "-m", "benchmarks.load", *words]
    process = subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)
    try:
        yield process
        if process.wait():
            raise RuntimeError("The load generator failed.")
    finally:
        process.kill()
        process.communicate()


def until_stored(system: System, load: Load, say: Callable[[str], None]) -> None:
    """Waits until every message of the load is stored. Raises TimeoutError when nothing moves any more."""
    count, moved = -1, time.monotonic()
    while count < load.messages:
        now = stored(system, load.prefix)
        if now != count:
            count, moved = now, time.monotonic()
        elif time.monotonic() - moved > STALL_S:
            raise TimeoutError(f"{count} of {load.messages} messages are stored, and no more come.")
        say(f"{count:,} of {load.messages:,} messages stored")
        time.sleep(LOOK_S)
