"""`manage.py simulate`: a fleet that speaks the field's own protocol, always the same for the same seed."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from mqtt_app.parsers import registry
from project.local import plant
from project.local.ports import free_port
from tests.embedded import REPOSITORY

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
INTERVAL = 5.0
BOTH = ("valdora:dam", "lazzaro:bridge")


def hour_of(words: str, seed: int = 1) -> list[plant.Publication]:
    """Everything a site says in an hour."""
    site = plant.site(words, seed)
    moments = [(tick, NOON + timedelta(seconds=INTERVAL * tick)) for tick in range(720)]
    return [
        publication
        for tick, at in moments
        for gateway in site.gateways
        for publication in plant.speak(site, gateway, at, tick, INTERVAL)
    ]


@pytest.mark.parametrize("words", BOTH)
def test_the_same_seed_tells_the_same_story(words: str) -> None:
    assert hour_of(words, seed=7) == hour_of(words, seed=7)
    assert hour_of(words, seed=7) != hour_of(words, seed=8)


def test_an_unknown_kind_of_site_is_refused_with_the_known_ones() -> None:
    with pytest.raises(plant.UnknownKind, match="dam, bridge"):
        plant.site("valdora:volcano", 1)


def test_the_water_level_of_the_dam_is_plausible() -> None:
    levels = [
        sensor["value"]
        for publication in hour_of("valdora:dam")
        if publication.topic.endswith("/all/status")
        for entry in _document(publication).get("dataloggers", [])
        for sensor in entry["sensors_data"]
        if sensor["serial_number"] == "water_level" and sensor["value"] != "n/a"
    ]
    assert len(levels) > 690  # now and then a line is cut short
    assert 556 < min(levels) < max(levels) < 559


def test_the_bridge_feels_gravity_downwards() -> None:
    falls = [
        value["value"][2]
        for publication in hour_of("lazzaro:bridge")
        for entry in _document(publication).get("dataloggers", [])
        if isinstance(entry, dict)
        for device in entry.get("devices", [])
        for value in device["data"]
        if value["type"] == "accelerometer" and "n/a" not in value["value"]
    ]
    assert len(falls) > 4_000
    assert all(8 < fall < 12 for fall in falls)


def _document(publication: plant.Publication) -> dict[str, Any]:
    try:
        found = json.loads(publication.payload)
    except ValueError:
        return {}
    return found if isinstance(found.get("dataloggers"), list) else {}


@pytest.mark.parametrize("words", BOTH)
def test_the_registry_recognises_almost_everything_and_now_and_then_something_is_odd(words: str) -> None:
    said = hour_of(words)
    unknown = [each.topic for each in said if registry.find(each.topic) is None]
    broken = [each.topic for each in said if registry.find(each.topic) is not None and not _is_json(each.payload)]
    assert {topic.rpartition("/")[2] for topic in unknown} == {"console"}
    assert broken
    assert len(broken) + len(unknown) < len(said) / 25
    assert any(b'"n/a"' in each.payload for each in said)


def _is_json(payload: bytes) -> bool:
    try:
        json.loads(payload)
    except ValueError:
        return False
    return True


def simulate(url: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "simulate", "--mqtt-url", url, "--interval", "0.2", *more]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)


def test_what_it_says_arrives_at_any_subscriber(mqtt_url: str, wait_until: Callable[..., Any]) -> None:
    heard: list[paho.MQTTMessage] = []
    granted: list[int] = []
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda *said: heard.append(said[2])
    client.on_subscribe = lambda *said: granted.append(said[2])
    client.connect("127.0.0.1", int(mqtt_url.rpartition(":")[2]))
    client.subscribe("heard_dam/#", qos=1)
    client.loop_start()
    try:
        wait_until(lambda: granted, what="the subscription")
        done = simulate(mqtt_url, "--sites", "heard_dam:dam", "--duration", "1.5")
        assert done.returncode == 0, done.stderr
        published = int(done.stdout.split()[0])
        wait_until(lambda: len(heard) >= published, what="every message")
    finally:
        client.disconnect()
        client.loop_stop()
    assert len(heard) == published
    assert {message.qos for message in heard} == {1}
    topics = {message.topic for message in heard}
    assert {"heard_dam/connection/status", "heard_dam/gateway/2/datalogger/all/status"} <= topics


def test_without_a_broker_it_keeps_trying_and_ends_in_time() -> None:
    done = simulate(f"mqtt://127.0.0.1:{free_port()}", "--duration", "1")
    assert done.returncode == 0, done.stderr


def test_a_site_it_cannot_simulate_is_refused(mqtt_url: str) -> None:
    done = simulate(mqtt_url, "--sites", "valdora:volcano")
    assert done.returncode == 1
    assert "dam, bridge" in done.stderr
