"""Browsers that listen and never read: the web process cuts them off, and does not grow."""

import hashlib
import json
import socket
import time
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect

from tests.conftest import wait
from tests.faults.plant import TOPIC, Plant, telemetry
from tests.faults.table import Row, rows

pytestmark = [pytest.mark.broker_restart, pytest.mark.long, pytest.mark.timeout(300)]

READERS, PER_USER = 50, 20
DEVICES = 400
CUT_OFF_S = 30
"""Twice what the guarantee says, on a machine that does other things, too."""

GROWTH = 64 * 1024**2  # bytes


def token(plant: Plant, name: str) -> str:
    """Of a user of its own: one user may open twenty sockets."""
    (user,) = plant.query(
        "INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,"
        " date_joined) VALUES ('!', true, %s, '', '', '', false, true, now()) RETURNING id",
        [name],
    )[0]
    plant.query(
        "INSERT INTO sites_apitoken (user_id, name, prefix, digest, scope, expires_at, created_at)"
        " VALUES (%s, 'slow', 'slow', %s, 'read', now() + interval '1 hour', now())",
        [user, hashlib.sha256(name.encode()).hexdigest()],
    )
    return name


def listen(plant: Plant, secret: str) -> socket.socket:
    """A socket with the smallest buffer there is, whose answer is read and nothing after it."""
    parts = urlsplit(plant.system["url"])
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect((parts.hostname, parts.port))
    head = {
        "Host": parts.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec-WebSocket-Version": "13",
        "Origin": plant.system["url"],
        "Authorization": f"Bearer {secret}",
    }
    lines = ["GET /ws/mqtt/status/ HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    one.sendall("\r\n".join([*lines, "", ""]).encode())
    assert b" 101 " in one.recv(64)
    return one


def crowd(number: int) -> bytes:
    """A message of many devices, so that there is much to tell."""
    message = json.loads(telemetry(number))
    (device,) = message["dataloggers"][0]["devices"]
    message["dataloggers"][0]["devices"] = [{**device, "serial_number_device": f"C{one:05d}"} for one in range(DEVICES)]
    return json.dumps(message).encode()


def read_all(good: ClientConnection) -> None:
    """Wait for the next frame, and take what else is there."""
    good.recv(5)
    with suppress(TimeoutError):
        while True:
            good.recv(0)


def test_readers_that_never_read_are_cut_off_and_cost_the_web_process_no_memory(plant: Plant) -> None:
    (web,) = plant.running("uvicorn")
    with ExitStack() as stack:
        secrets = [token(plant, f"slow-{number}") for number in range(-(-READERS // PER_USER) + 1)]
        readers = [stack.enter_context(listen(plant, secrets[number // PER_USER])) for number in range(READERS)]
        good = stack.enter_context(
            connect(
                plant.system["url"].replace("http", "ws") + "/ws/mqtt/status/",
                additional_headers={"Authorization": f"Bearer {secrets[-1]}"},
            )
        )
        ports = {one.getsockname()[1] for one in readers}
        before, most, began, number = web.memory_info().rss, 0, time.monotonic(), 0

        def held() -> set[int]:
            nonlocal most
            most = max(most, web.memory_info().rss)
            return ports & {one.raddr.port for one in web.net_connections() if one.raddr}

        assert len(held()) == READERS

        def all_cut() -> bool:
            nonlocal number
            number += 1
            plant.device.send(TOPIC.format(site=plant.site), crowd(number))
            read_all(good)
            return not held()

        wait(all_cut, CUT_OFF_S, "all readers cut off")
        took = time.monotonic() - began
        read_all(good)
        assert good.ping().wait(5)
        assert good.state is State.OPEN
    wait(lambda: len(plant.stored()) >= number * DEVICES, 60, "all stored")
    found = plant.stored()
    messages, doubled = len(set(found)), len(found) - number * DEVICES
    note = f"all cut off after {took:.0f} s; the web process grew by {(most - before) >> 20} MiB at most"
    fault = f"{READERS} WebSocket readers that never read"
    rows.append(Row(fault, number, messages, number - messages, doubled, time.monotonic() - began - took, note))
    assert most - before < GROWTH
    assert (messages, doubled) == (number, 0)
