"""The whole system's life on one machine: start, be ready, watch, stop."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from project.local import ports, processes
from project.local.broker import Broker
from project.local.console import BOLD, Console
from project.local.home import Home, Secrets
from project.local.ports import LOOPBACK, Wanted
from project.local.postgres import CannotStart, Postgres
from project.local.readiness import Readiness
from project.local.seed import FLEET
from project.local.supervisor import Program, StopRequested, Supervisor
from project.local.valkey import Valkey

SERVER_PATIENCE_S = 60  # PostgreSQL may have to recover first
READY_PATIENCE_S = 180  # a small machine, busy with something else
LOG_TAIL_LINES = 12
USERNAME = "admin"


class NotReady(Exception):
    """The system was started and did not come to work; the text says what is missing and where to look."""


class Server(Protocol):
    """An embedded server."""

    title: str
    notes: list[str]

    @property
    def url(self) -> str: ...
    def prepare(self) -> None: ...
    @property
    def program(self) -> Program: ...
    def answers(self) -> bool: ...


@dataclass(frozen=True)
class Plan:
    """What was asked for. outer: the environment of whoever asked; its servers and secrets replace ours."""

    home: Home
    ports: Sequence[Wanted]
    has_fleet: bool
    workers: int
    outer: Mapping[str, str]


@dataclass(frozen=True)
class Addresses:
    """Where everything is."""

    url: str
    mqtt_url: str
    mqtt5_url: str
    flower_url: str
    flower_port: int
    database_url: str
    redis_url: str


def run(plan: Plan) -> None:
    """Returns after a stop signal. Raises AlreadyRunning, PortTaken, CannotStart, NotReady; nothing runs then."""
    began = time.monotonic()
    console = Console()
    plan.home.make()
    lock = plan.home.lock()
    chosen = ports.choose([*plan.ports, Wanted("Valkey", "valkey", 0)])
    plan.home.forget_ready()
    supervisor = Supervisor(plan.home.logs, console, lock)
    console.say(f"\n  {console.paint('Fieldledger', BOLD)} starts in {plan.home.folder}\n")
    try:
        System(plan, chosen, console, supervisor).start(began)
        supervisor.run_until_stopped()
    except StopRequested:
        console.say("\n  Stopping; Ctrl-C again hurries.")
    finally:
        plan.home.forget_ready()
        stopping = time.monotonic()
        supervisor.stop(processes.STOP_ORDER)
        console.say(
            f"  Everything has stopped ({time.monotonic() - stopping:.1f} s). The data stays in {plan.home.folder}"
        )


class System:
    """The steps of a start, in their order."""

    def __init__(self, plan: Plan, chosen: Mapping[str, int], console: Console, supervisor: Supervisor) -> None:
        self._plan, self._chosen, self._console, self._supervisor = plan, chosen, console, supervisor
        self._secrets: Secrets = plan.home.secrets()

    def start(self, began: float) -> None:
        addresses = self._start_servers()
        env = self._environment(addresses)
        self._plan.home.write_env({name: env[name] for name in self._own_variables(addresses)})
        prepared = self._prepare(env, addresses)
        readiness = Readiness(addresses.url, addresses.database_url, prepared["fleet"])
        self._start_processes(env, addresses, bool(prepared["fleet"]))
        self._wait_until_ready(readiness)
        self._supervisor.start(processes.flower(env))
        password = self._secrets.admin_password if prepared["is_password_ours"] else None
        self._announce(addresses, password, time.monotonic() - began)

    def _start_servers(self) -> Addresses:
        """Embedded ones, but where the outer environment names a server."""
        began = time.monotonic()
        home, chosen, outer = self._plan.home, self._chosen, self._plan.outer
        valkey = Valkey(home, chosen["valkey"], self._secrets.redis_password)
        broker = Broker(home, chosen["--mqtt-port"], chosen["--mqtt5-port"])
        waiting: list[Server] = [broker]
        if not outer.get("REDIS_URL"):
            waiting.append(valkey)
        database_url = outer.get("DATABASE_URL", "")
        if not database_url:
            postgres = Postgres(home, self._secrets.instance)
            waiting.append(postgres)
        for server in waiting:  # PostgreSQL last: the others start while it makes its cluster
            server.prepare()
            self._supervisor.start(server.program)
        self._wait_for_servers(waiting, began)
        return Addresses(
            url=f"http://{LOOPBACK}:{chosen['--port']}",
            mqtt_url=broker.url,
            mqtt5_url=broker.url5,
            flower_url=f"http://{LOOPBACK}:{chosen['--flower-port']}",
            flower_port=chosen["--flower-port"],
            database_url=database_url or postgres.url,
            redis_url=outer.get("REDIS_URL") or valkey.url,
        )

    def _wait_for_servers(self, servers: Sequence[Server], began: float) -> None:
        waiting = list(servers)

        def have_answered() -> bool:
            for server in [server for server in waiting if server.answers()]:
                waiting.remove(server)
                self._console.done(server.title, time.monotonic() - began)
                for note in server.notes:
                    self._console.say(f"    {note}")
            self._console.awaiting(", ".join(server.title for server in waiting))
            return not waiting

        if not self._supervisor.wait_for(have_answered, SERVER_PATIENCE_S):
            raise self._not_ready([server.title for server in waiting], waiting[0].program.name)

    def _own_variables(self, addresses: Addresses) -> dict[str, str]:
        """What every process of this system is told, unless the outer environment says otherwise."""
        secrets = self._secrets
        return {
            "SECRET_KEY": secrets.secret_key,
            "FIELD_KEYS": secrets.field_key,
            "DATABASE_URL": addresses.database_url,
            "REDIS_URL": addresses.redis_url,
            "LOG_DIR": str(self._plan.home.logs),
            "FLOWER_BASIC_AUTH": f"{USERNAME}:{secrets.flower_password}",
            "FLOWER_PORT": str(addresses.flower_port),
            "DEBUG": "true",  # static files come straight from where they are written
        }

    def _environment(self, addresses: Addresses) -> dict[str, str]:
        own = self._own_variables(addresses)
        outer = {name: value for name, value in self._plan.outer.items() if value or name not in own}
        always = {
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "PYTHONUNBUFFERED": "1",
            "FLOWER_PORT": own["FLOWER_PORT"],
        }
        return own | outer | always

    def _prepare(self, env: Mapping[str, str], addresses: Addresses) -> dict[str, Any]:
        began = time.monotonic()
        self._console.awaiting("database")
        arguments = ["prepare", "--data", str(self._plan.home.folder)]
        if self._plan.has_fleet:
            arguments += ["--mqtt-url", addresses.mqtt_url]
        if self._supervisor.run(processes.manage("prepare", *arguments, env=env)):
            raise CannotStart(f"The database could not be prepared:\n{self._tail('prepare')}")
        answer: dict[str, Any] = json.loads(self._supervisor.log_of("prepare").read_text().splitlines()[-1])
        count = answer["migrated"]
        self._console.done(f"database, {count} migrations applied" if count else "database", time.monotonic() - began)
        return answer

    def _start_processes(self, env: Mapping[str, str], addresses: Addresses, has_fleet: bool) -> None:
        """The slowest to come first; Flower waits until the others are there, because nobody waits for it."""
        lean = {**env, "DEBUG": "false"}  # Django keeps every statement in memory while DEBUG is on
        self._supervisor.start(processes.listener(lean))
        self._supervisor.start(processes.worker("control", lean, 1))
        self._supervisor.start(processes.worker("ingest", lean, self._plan.workers))
        self._supervisor.start(processes.web(env, self._chosen["--port"]))
        if has_fleet:
            self._supervisor.start(processes.fleet(lean, addresses.mqtt_url))
        self._supervisor.start(processes.beat(lean))

    def _wait_until_ready(self, readiness: Readiness) -> None:
        began = time.monotonic()
        waiting = readiness.parts()

        def have_answered() -> bool:
            done = readiness.done()
            for part in [part for part in waiting if part in done]:
                waiting.remove(part)
                self._console.done(part, time.monotonic() - began)
            self._console.awaiting(", ".join(waiting))
            return not waiting

        if not self._supervisor.wait_for(have_answered, READY_PATIENCE_S):
            raise self._not_ready(waiting, "listener")

    def _announce(self, addresses: Addresses, password: str | None, seconds: float) -> None:
        home, console = self._plan.home, self._console
        home.write_ready(
            {
                "url": addresses.url,
                "mqtt_url": addresses.mqtt_url,
                "mqtt5_url": addresses.mqtt5_url,
                "flower_url": addresses.flower_url,
                "database_url": addresses.database_url,
                "redis_url": addresses.redis_url,
                "user": USERNAME,
                "password": password,
                "token": self._secrets.api_token,
            }
        )
        mqtt_port = addresses.mqtt_url.rpartition(":")[2]
        console.say(f"\n  {console.paint(f'Ready after {seconds:.1f} s.', BOLD)}\n")
        for title, text in (
            ("Open", f"{console.paint(addresses.url, BOLD)}"),
            ("Sign in", f"as {USERNAME}, password {password or '(the one you chose)'}"),
            ("Flower", f"{addresses.flower_url}, {USERNAME}, password {self._secrets.flower_password}"),
            ("MQTT", f"{addresses.mqtt_url} (3.1.1), {addresses.mqtt5_url} (5)"),
            ("REST", f"{addresses.url}/api/v1/docs; a token stands in {home.ready_file}"),
            ("Logs", f"{home.logs}"),
            (
                "Try",
                f"mosquitto_pub -p {mqtt_port} -q 1 -t {FLEET[0].slug}/hello -m hello, and find it among the topics",
            ),
        ):
            console.say(f"  {title:<8} {text}")
        console.say("\n  Ctrl-C stops everything.\n")

    def _not_ready(self, missing: Sequence[str], log: str) -> NotReady:
        return NotReady(
            f"Still missing: {', '.join(missing)}. The end of {self._supervisor.log_of(log)}:\n{self._tail(log)}"
        )

    def _tail(self, name: str) -> str:
        log: Path = self._supervisor.log_of(name)
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-LOG_TAIL_LINES:])
