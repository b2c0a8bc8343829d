"""A real web server for tests, and browsers that speak to it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn
from asgiref.sync import SyncToAsync
from channels.routing import ProtocolTypeRouter
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from mqtt_app.browsers.events import DataloggerState, DataloggerUpdate, MqttStatus, SensorValue
from mqtt_app.browsers.watchman import Ask
from project import asgi
from project.sockets import ImpatientWebSocket
from sites.models import Membership, Role, Site

PASSWORD = "Plaster-of-Paris-7"


@contextmanager
def serving(ask: Ask = lambda: None, **socket_settings: Any) -> Iterator[str]:
    """The web process on a free port; yields host:port. ask: as if a listener lived, unless a test asks for itself."""
    application = ProtocolTypeRouter({"http": asgi.http, "websocket": asgi.websocket(ask, **socket_settings)})
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", ws=ImpatientWebSocket, ws_max_size=64 * 1024, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        SyncToAsync.single_thread_executor.submit(connections.close_all).result()


def wait_until(true: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `true` returns once it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)
    return value


def member(site: Site, name: str = "ada", role: Role = Role.VIEWER) -> User:
    user = User.objects.filter(username=name).first() or User.objects.create_user(name, password=PASSWORD)
    Membership.objects.create(user=user, site=site, role=role)
    return user


def signed_in(user: User) -> dict[str, str]:
    """The headers of a browser in which this user is signed in."""
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def browser(
    host: str, headers: dict[str, str], origin: str | None = "http://localhost", **options: Any
) -> ClientConnection:
    options = {"close_timeout": 1, **options}
    return connect(f"ws://{host}/ws/mqtt/status/", additional_headers=headers, origin=origin, **options)  # type: ignore[arg-type]


def hear(connection: ClientConnection, seconds: float = 5.0) -> dict[str, Any]:
    """The next frame."""
    frame: dict[str, Any] = json.loads(connection.recv(timeout=seconds))
    return frame


def hear_until(
    connection: ClientConnection, last: Callable[[dict[str, Any]], Any], seconds: float = 10.0
) -> list[dict[str, Any]]:
    """All frames up to the one that is awaited."""
    deadline = time.monotonic() + seconds
    frames = [hear(connection, seconds)]
    while not last(frames[-1]):
        frames.append(hear(connection, max(0.01, deadline - time.monotonic())))
    return frames


NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def heard(site: Site, value: float, *, datalogger: int = 1, sensor: int = 1) -> DataloggerUpdate:
    """A datalogger that reports `value`."""
    reading = SensorValue(
        id=sensor, key="t", unit="C", components=["value"], values=[value], time=NOW, received_at=NOW, quality="good"
    )
    state = DataloggerState(
        id=datalogger, serial=f"MNA{datalogger}", status="online", last_seen_at=NOW, sensors=[reading]
    )
    return DataloggerUpdate(site_id=site.pk, dataloggers=[state])


def status(site: Site, word: str = "connected") -> MqttStatus:
    return MqttStatus(
        site_id=site.pk, is_active=True, status=word, since=NOW, attempt=0, next_retry_at=None, last_error=""
    )
