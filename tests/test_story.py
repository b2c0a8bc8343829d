"""The whole story, on a running system: a device publishes, a person sees it; a person toggles, a connection obeys."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import websockets

Wait = Callable[..., Any]

EXAMPLE = {
    "serial_number_gateway": "site_001-gateway_1",
    "message_interval_seconds": 5,
    "mqtt_api_version": "1.0.0",
    "dataloggers": [
        {
            "serial_number_datalogger": "bfg_datalogger_all",
            "status_datalogger": "running",
            "devices": [
                {
                    "type": "monstr-o",
                    "serial_number_device": "MNA000123",
                    "data": [
                        {"type": "accelerometer", "value": [1.342, 3.456, 4.567]},
                        {"type": "inclinometer", "value": [1.342, 3.645]},
                    ],
                },
                {
                    "type": "adaq",
                    "serial_number_device": "MAS8AT00",
                    "data": [{"type": "ch1", "value": [1.342]}, {"type": "ch2", "value": [3.645]}],
                },
            ],
        }
    ],
}
"""The telemetry example of the field's protocol."""

FOREIGN_CLIENT = """
import sys
import paho.mqtt.publish as publish
publish.single(sys.argv[3], sys.stdin.buffer.read(), qos=1, hostname=sys.argv[1], port=int(sys.argv[2]))
"""


def publish(system: dict[str, Any], topic: str, payload: bytes) -> None:
    """As any device does it: another process, another client, nothing of ours."""
    broker = urlsplit(system["mqtt_url"])
    arguments = [sys.executable, "-c", FOREIGN_CLIENT, str(broker.hostname), str(broker.port), topic]
    subprocess.run(arguments, input=payload, check=True, timeout=30)


@pytest.fixture
def rest(running_system: dict[str, Any]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {running_system['token']}"}
    with httpx.Client(base_url=running_system["url"] + "/api/v1", headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def site(running_system: dict[str, Any], rest: httpx.Client, wait_until: Wait) -> Iterator[dict[str, Any]]:
    """A site that is connected to the broker, made as an integrator makes it."""
    made = rest.post("/sites/", json={"name": "The tunnel", "slug": "site_001", "timezone": "Europe/Rome"})
    assert made.status_code == 201, made.text
    broker = urlsplit(running_system["mqtt_url"])
    connection = {
        "site": made.json()["id"],
        "broker_host": broker.hostname,
        "broker_port": broker.port,
        "protocol": "3.1.1",
    }
    answer = rest.post("/connections/", json=connection)
    assert answer.status_code == 201, answer.text
    wait_until(lambda: status(rest, made.json()["id"]) == "connected", 45, "connected within one reconcile")
    yield made.json()
    rest.delete(f"/sites/{made.json()['id']}/", params={"confirm": "The tunnel"})


def status(rest: httpx.Client, site_id: int) -> str:
    return str(rest.get(f"/mqtt/site/{site_id}/status/").json()["status"])


async def browser_hears(system: dict[str, Any], site_id: int, act: Callable[[], None]) -> dict[str, Any]:
    """The first datalogger_update that a browser receives after `act`."""
    address = system["url"].replace("http", "ws", 1) + "/ws/mqtt/status/"
    headers = {"Authorization": f"Bearer {system['token']}", "Origin": system["url"]}
    async with websockets.connect(address, additional_headers=headers) as socket:
        hello = json.loads(await socket.recv())
        assert hello["type"] == "connection_established"
        assert site_id in [one["id"] for one in hello["data"]["sites"]]
        await asyncio.to_thread(act)
        async with asyncio.timeout(20):
            while True:
                event: dict[str, Any] = json.loads(await socket.recv())
                if event["type"] == "datalogger_update" and event["site_id"] == site_id:
                    return event


def test_a_message_of_a_device_reaches_the_database_the_rest_api_and_the_browser(
    running_system: dict[str, Any], rest: httpx.Client, site: dict[str, Any], wait_until: Wait
) -> None:
    topic = "site_001/gateway/1/dataloggers/telemetry"
    payload = json.dumps(EXAMPLE).encode()
    event = asyncio.run(browser_hears(running_system, site["id"], lambda: publish(running_system, topic, payload)))

    heard = {one["serial"]: one for one in event["data"]["dataloggers"]}
    assert set(heard) == {"MNA000123", "MAS8AT00"}
    values = {sensor["key"]: sensor["values"] for sensor in heard["MNA000123"]["sensors"]}
    assert values == {"accelerometer": [1.342, 3.456, 4.567], "inclinometer": [1.342, 3.645]}

    with psycopg.connect(running_system["database_url"]) as database:
        rows = database.execute(
            "SELECT d.serial, s.key, s.components, r.values FROM sites_reading r "
            "JOIN sites_sensor s ON s.id = r.sensor_id "
            "JOIN sites_datalogger d ON d.id = s.datalogger_id WHERE d.site_id = %s ORDER BY 1, 2",
            [site["id"]],
        ).fetchall()
    assert rows == [
        ("MAS8AT00", "ch1", ["value"], [1.342]),
        ("MAS8AT00", "ch2", ["value"], [3.645]),
        ("MNA000123", "accelerometer", ["x", "y", "z"], [1.342, 3.456, 4.567]),
        ("MNA000123", "inclinometer", ["pitch", "roll"], [1.342, 3.645]),
    ]

    found = rest.get("/dataloggers/", params={"site": site["id"]}).json()["items"]
    assert {one["serial"]: (one["kind"], one["status"]) for one in found} == {
        "MNA000123": ("monstro", "online"),
        "MAS8AT00": ("adaq", "online"),
    }
    tilt = next(sensor for sensor in heard["MNA000123"]["sensors"] if sensor["key"] == "inclinometer")
    chart = rest.get(f"/sensors/{tilt['id']}/readings").json()
    assert [max(v for v in one["max"] if v is not None) for one in chart["series"]] == [1.342, 3.645]
    topics = rest.get("/discovered-topics/", params={"site": site["id"]}).json()["items"]
    assert (topic, True) in [(one["topic_path"], one["is_processable"]) for one in topics]


def test_a_toggle_answers_at_once_and_acts_within_one_reconcile(
    running_system: dict[str, Any], rest: httpx.Client, site: dict[str, Any], wait_until: Wait
) -> None:
    period = rest.get(f"/mqtt/site/{site['id']}/status/").json()["reconcile_period_s"]
    answer = rest.post(f"/mqtt/site/{site['id']}/stop/")
    assert answer.status_code == 202
    assert (answer.json()["is_active"], answer.json()["status"]) == (False, "connected")
    wait_until(lambda: status(rest, site["id"]) == "disconnected", period + 10, "stopped")
    publish(running_system, "site_001/gateway/1/status", b'{"serial_number": "while_stopped"}')
    answer = rest.post(f"/mqtt/site/{site['id']}/start/")
    assert (answer.status_code, answer.json()["is_active"]) == (202, True)
    wait_until(lambda: status(rest, site["id"]) == "connected", period + 10, "started")
    log = rest.get("/connection-logs/", params={"site": site["id"]}).json()["items"]
    words = " ".join(one["message"] for one in log)
    assert "Closed: it is switched off" in words
    assert words.count("Connected to") == 2
