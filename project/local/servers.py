"""The servers a system stands on: embedded ones, except where the environment names others.

`python -m project.local.servers FOLDER` starts only them, prints their addresses as one line of JSON, and stops
them when its standard input closes: this is what the tests stand on.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from project.local import ports
from project.local.broker import Broker
from project.local.console import Console
from project.local.home import Home, Secrets
from project.local.ports import Wanted
from project.local.postgres import Postgres
from project.local.supervisor import Program, StopRequested, Supervisor
from project.local.valkey import Valkey

PATIENCE_S = 60  # PostgreSQL may have to recover first
MQTT, MQTT5, VALKEY = "--mqtt-port", "--mqtt5-port", "valkey"
HOLDING_WORK = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
"""Who names one of these may have rows or tasks there already."""

STOP_ORDER = (("broker",), ("valkey", "postgres"))


class Silent(Exception):
    """A server was started and does not answer; the text says which."""


class Server(Protocol):
    """An embedded server. notes: what a person should know of where it runs."""

    title: str
    notes: list[str]

    @property
    def url(self) -> str: ...
    def prepare(self) -> None: ...
    @property
    def program(self) -> Program: ...
    def answers(self) -> bool: ...


@dataclass(frozen=True)
class Addresses:
    """Where the servers are."""

    database_url: str
    redis_url: str
    queue_url: str
    mqtt_url: str
    mqtt5_url: str


def wanted_ports(outer: Mapping[str, str], mqtt: int = 0, mqtt5: int = 0) -> Iterator[Wanted]:
    """What `start` needs to be given."""
    if not outer.get("MQTT_URL"):
        yield Wanted("MQTT 3.1.1", MQTT, mqtt)
        yield Wanted("MQTT 5", MQTT5, mqtt5)
    if not outer.get("REDIS_URL"):
        yield Wanted("Valkey", VALKEY, 0)


def start(
    home: Home,
    secrets: Secrets,
    chosen: Mapping[str, int],
    outer: Mapping[str, str],
    supervisor: Supervisor,
    console: Console,
    meanwhile: Callable[[Addresses], None] | None = None,
) -> Addresses:
    """Starts what `outer` does not name and waits until it answers. Raises CannotStart, Silent, StopRequested.

    meanwhile: called before PostgreSQL makes its cluster, for which one processor is enough.
    """
    began = time.monotonic()
    embedded: list[Server] = []
    mqtt_url = outer.get("MQTT_URL", "")
    mqtt5_url = outer.get("MQTT5_URL") or mqtt_url
    redis_url = outer.get("REDIS_URL", "")
    database_url = outer.get("DATABASE_URL", "")
    if not mqtt_url:
        broker = Broker(home, chosen[MQTT], chosen[MQTT5])
        embedded.append(broker)
        mqtt_url, mqtt5_url = broker.url, broker.url5
    if not redis_url:
        valkey = Valkey(home, chosen[VALKEY], secrets.redis_password)
        embedded.append(valkey)
        redis_url = valkey.url
    postgres = None if database_url else Postgres(home, secrets.instance)
    if postgres:
        postgres.place()
    queue_url = outer.get("CELERY_BROKER_URL") or redis_url
    at = Addresses(postgres.url if postgres else database_url, redis_url, queue_url, mqtt_url, mqtt5_url)
    for server in embedded:
        server.prepare()
        supervisor.start(server.program)
    if meanwhile:
        meanwhile(at)
    if postgres:
        postgres.prepare()
        supervisor.start(postgres.program)
        embedded.append(postgres)
    _wait_for(embedded, supervisor, console, began)
    return at


def _wait_for(servers: Sequence[Server], supervisor: Supervisor, console: Console, began: float) -> None:
    waiting = list(servers)

    def have_answered() -> bool:
        for server in [server for server in waiting if server.answers()]:
            waiting.remove(server)
            console.done(server.title, time.monotonic() - began)
            for note in server.notes:
                console.say(f"    {note}")
        console.awaiting(", ".join(server.title for server in waiting))
        return not waiting

    if not supervisor.wait_for(have_answered, PATIENCE_S):
        names = ", ".join(server.title for server in waiting)
        raise Silent(f"No answer from {names}.\n{supervisor.tail(waiting[0].program.name)}")


def main(folder: str) -> None:
    home, console = Home.at(folder), Console(sys.stderr)
    home.make()
    lock = home.lock()
    chosen = ports.choose(wanted_ports({}))
    supervisor = Supervisor(home.logs, console, hold=lock, leash=sys.stdin.fileno())
    try:
        addresses = start(home, home.secrets(), chosen, {}, supervisor, console)
        sys.stdout.write(json.dumps(asdict(addresses)) + "\n")
        sys.stdout.flush()
        supervisor.run_until_stopped()
    except StopRequested:
        pass
    finally:
        supervisor.stop(STOP_ORDER)


if __name__ == "__main__":
    main(sys.argv[1])
