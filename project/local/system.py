"""The whole system's life on one machine: start, be ready, watch, stop."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]

from project.local import ports, processes, servers
from project.local.console import BOLD, Console
from project.local.home import Home, Secrets
from project.local.ports import LOOPBACK
from project.local.postgres import CannotStart
from project.local.readiness import Readiness
from project.local.seed import FLEET
from project.local.servers import Addresses
from project.local.supervisor import Program, StopRequested, Supervisor
from project.local.watch import watching

WEB, FLOWER = "--port", "--flower-port"
READY_PATIENCE_S = 180  # a small machine, busy with something else
USERNAME = "admin"
JUDGED = ("SECRET_KEY", "FIELD_KEYS", "FLOWER_BASIC_AUTH", "ALLOWED_HOSTS", *servers.HOLDING_WORK)
"""Who names one of these may be mistaken, or have rows or tasks there: nothing of ours starts before `prepare`."""


class NotReady(Exception):
    """The system was started and did not come to work; the text says what is missing and where to look."""


@dataclass(frozen=True)
class Plan:
    """What was asked for. outer: the environment of whoever asked; its servers and secrets replace ours."""

    home: Home
    ports: Sequence[ports.Wanted]
    fleet_sites: int
    workers: int
    outer: Mapping[str, str]


def run(plan: Plan) -> None:
    """Returns after a stop signal. Raises AlreadyRunning, PortTaken, CannotStart, NotReady; nothing runs then."""
    console = Console()
    plan.home.make()
    lock = plan.home.lock()
    chosen = ports.choose(plan.ports)
    plan.home.forget_ready()
    supervisor = Supervisor(plan.home.logs, console, lock)
    console.say(f"\n  {console.paint('Fieldledger', BOLD)} starts in {plan.home.folder}\n")
    try:
        at = System(plan, chosen, console, supervisor).start()
        with watching(at, processes.JUDGES, supervisor.restart):
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
        self._is_empty = plan.home.is_new and not any(plan.outer.get(name) for name in JUDGED)
        self._secrets: Secrets = plan.home.secrets()

    def start(self) -> Addresses:
        """Returns when everything works."""
        plan, supervisor = self._plan, self._supervisor
        meanwhile = self._start_early if self._is_empty else None
        at = servers.start(plan.home, self._secrets, self._chosen, plan.outer, supervisor, self._console, meanwhile)
        env = self._environment(at)
        plan.home.write_env({name: env[name] for name in self._own_variables(at)})
        prepared = self._prepare(env, at)
        readiness = Readiness(self._url(WEB), self._chosen[FLOWER], at.database_url, prepared["fleet"])
        self._start_processes(env, at, bool(prepared["fleet"]))
        self._wait_until_ready(readiness)
        supervisor.start(processes.worker("upkeep", _lean(env), 2))  # nobody waits for it
        password = self._secrets.admin_password if prepared["is_password_ours"] else None
        self._announce(at, password, time.time() - psutil.Process().create_time())
        return at

    def _url(self, option: str) -> str:
        return f"http://{LOOPBACK}:{self._chosen[option]}"

    def _own_variables(self, at: Addresses) -> dict[str, str]:
        """What every process of this system is told, unless the outer environment says otherwise."""
        secrets = self._secrets
        return {
            "SECRET_KEY": secrets.secret_key,
            "FIELD_KEYS": secrets.field_key,
            "DATABASE_URL": at.database_url,
            "REDIS_URL": at.redis_url,
            # Left out where Redis carries the queues: whoever names another Redis means that one for the queues, too.
            **({"CELERY_BROKER_URL": at.queue_url} if at.queue_url != at.redis_url else {}),
            "LOG_DIR": str(self._plan.home.logs),
            "FLOWER_BASIC_AUTH": f"{USERNAME}:{secrets.flower_password}",
            "FLOWER_PORT": str(self._chosen[FLOWER]),
            "FLOWER_URL": self._url(FLOWER),
            "ALLOW_PRIVATE_BROKERS": "true",  # the embedded broker is on loopback
            "ASK_BROKER_DROPS": "false",  # the embedded broker has no such counter, and hangs up on who asks
            "DEBUG": "true",  # static files come straight from where they are written
        }

    def _environment(self, at: Addresses) -> dict[str, str]:
        own = self._own_variables(at)
        outer = {name: value for name, value in self._plan.outer.items() if value or name not in own}
        always = {
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "PYTHONUNBUFFERED": "1",
            "FLOWER_PORT": own["FLOWER_PORT"],
        }
        return own | outer | always

    def _prepare(self, env: Mapping[str, str], at: Addresses) -> dict[str, Any]:
        began = time.monotonic()
        self._console.awaiting("database")
        arguments = ["prepare", "--data", str(self._plan.home.folder)]
        if self._plan.fleet_sites:
            arguments += ["--mqtt-url", at.mqtt_url, "--sites", str(self._plan.fleet_sites)]
        if self._supervisor.run(processes.manage("prepare", *arguments, env=env)):
            raise CannotStart(f"The database could not be prepared:\n{self._supervisor.tail('prepare')}")
        answer: dict[str, Any] = json.loads(self._supervisor.log_of("prepare").read_text().splitlines()[-1])
        self._tell(answer["told"])
        count = answer["migrated"]
        self._console.done(f"database, {count} migrations applied" if count else "database", time.monotonic() - began)
        return answer

    def _tell(self, told: Sequence[Mapping[str, Any]]) -> None:
        """What the system checks found, each with its remedy. Raises CannotStart when one of them is an error."""
        for one in told:
            say = self._console.fail if one["is_error"] else self._console.warn
            say(f"{one['words']} ({one['id']})")
            if one["hint"]:
                self._console.say(f"      {one['hint']}")
        if any(one["is_error"] for one in told):
            raise CannotStart(
                "On this configuration nothing more is started; above stands what is wrong, and what mends it."
            )

    def _start_early(self, at: Addresses) -> None:
        """What needs no tables as long as nobody asks it for anything and no queue holds a task."""
        for program in self._tableless(self._environment(at)):
            self._supervisor.start(program)

    def _tableless(self, env: Mapping[str, str]) -> list[Program]:
        ingest = processes.worker("ingest", _lean(env), self._plan.workers)
        return [ingest, processes.web(env, self._chosen[WEB]), processes.flower(_lean(env))]

    def _start_processes(self, env: Mapping[str, str], at: Addresses, has_fleet: bool) -> None:
        """What others wait for comes first; what nobody waits for comes last."""
        lean = _lean(env)
        fleet = [processes.fleet(lean, at.mqtt_url, self._plan.fleet_sites)] if has_fleet else []
        first = [processes.listener(lean), *fleet, processes.worker("control", lean, 1)]
        for program in (*first, *([] if self._is_empty else self._tableless(env)), processes.beat(lean)):
            self._supervisor.start(program)

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
            raise NotReady(f"Still missing: {', '.join(waiting)}.\n{self._supervisor.tail('listener')}")

    def _announce(self, at: Addresses, password: str | None, seconds: float) -> None:
        home, console = self._plan.home, self._console
        home.write_ready(
            {
                "url": self._url(WEB),
                "mqtt_url": at.mqtt_url,
                "mqtt5_url": at.mqtt5_url,
                "flower_url": self._url(FLOWER),
                "database_url": at.database_url,
                "redis_url": at.redis_url,
                "user": USERNAME,
                "password": password,
                "token": self._secrets.api_token,
            }
        )
        console.say(f"\n  {console.paint(f'Ready after {seconds:.1f} s.', BOLD)}\n")
        for title, text in (
            ("Open", f"{console.paint(self._url(WEB), BOLD)}"),
            ("Sign in", f"as {USERNAME}, password {password or '(the one you chose)'}"),
            ("Flower", f"{self._url(FLOWER)}, {USERNAME}, password {self._secrets.flower_password}"),
            ("MQTT", f"{at.mqtt_url} (3.1.1), {at.mqtt5_url} (5)"),
            ("REST", f"{self._url(WEB)}/api/v1/docs; a token stands in {home.ready_file}"),
            ("Logs", f"{home.logs}"),
            (
                "Try",
                f"manage.py publish --mqtt-url {at.mqtt_url} {FLEET[0].slug}/hello hi, and look at the topics",
            ),
        ):
            console.say(f"  {title:<8} {text}")
        console.say("\n  Ctrl-C stops everything.\n")


def _lean(env: Mapping[str, str]) -> dict[str, str]:
    return {**env, "DEBUG": "false"}  # Django keeps every statement in memory while DEBUG is on
