"""Which processes the system consists of, by what command each is started, and in what order they stop."""

import sys
from collections.abc import Mapping

from mqtt_app.health import stalls
from project.environment import BASE_DIR
from project.local import servers
from project.local.ports import LOOPBACK
from project.local.supervisor import Program

MESSAGE_LIMIT_BYTES = 65_536  # of what a browser may send over the WebSocket
STOP_ORDER = (
    ("fleet",),
    ("beat",),
    ("listener",),  # drains while the workers still commit
    ("ingest", "control", "upkeep"),
    ("web",),
    ("flower",),
    *servers.STOP_ORDER,
)
LISTENER = "listener-1"
JUDGES = {
    "listener": stalls.listener(LISTENER),
    "ingest": stalls.worker("ingest"),
    "control": stalls.worker("control"),
    "upkeep": stalls.worker("upkeep"),
}
"""Who of them may be found stalled, and how it shows."""

CELERY = [sys.executable, "-m", "celery", "-A", "project"]
WORKER = [*CELERY, "worker", "--without-gossip", "--without-mingle"]  # nothing here needs the workers' gossip


def manage(name: str, *arguments: str, env: Mapping[str, str], patience_s: float = 5.0) -> Program:
    return Program(
        name, [sys.executable, str(BASE_DIR / "manage.py"), *arguments], env, BASE_DIR, patience_s=patience_s
    )


def web(env: Mapping[str, str], port: int) -> Program:
    command = [sys.executable, "-m", "uvicorn", "project.asgi:application", "--host", LOOPBACK, "--port", str(port)]
    limits = ["--ws-max-size", str(MESSAGE_LIMIT_BYTES), "--timeout-graceful-shutdown", "3"]
    return Program("web", [*command, "--ws", "project.sockets:ImpatientWebSocket", *limits], env, BASE_DIR)


def listener(env: Mapping[str, str]) -> Program:
    return manage("listener", "run_mqtt", "--name", LISTENER, env=env, patience_s=13)


def worker(queue: str, env: Mapping[str, str], processes: int) -> Program:
    command = [*WORKER, "-Q", queue, "-n", f"{queue}@%h", "-c", str(processes)]
    return Program(queue, command, env, BASE_DIR, patience_s=20)


def beat(env: Mapping[str, str]) -> Program:
    return Program("beat", [*CELERY, "beat", "--pidfile="], env, BASE_DIR)


def flower(env: Mapping[str, str]) -> Program:
    return manage("flower", "run_flower", env=env)


def fleet(env: Mapping[str, str], mqtt_url: str, sites: int) -> Program:
    return manage("fleet", "simulate", "--past", "--mqtt-url", mqtt_url, "--sites", str(sites), env=env)
