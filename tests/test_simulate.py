"""`manage.py simulate`: a fleet that speaks the field's own protocol, always the same for the same seed."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Context, Envelope
from project.local import plant, speech
from project.local.ports import free_port
from tests.embedded import REPOSITORY

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
INTERVAL = 5.0
ALL = ("valdora:dam", "lazzaro:bridge", "colle:plant")


def hour_of(words: str, seed: int = 1) -> list[speech.Publication]:
    """Everything a site says in an hour."""
    site = plant.site(words, seed, (NOON + timedelta(hours=1)).timestamp())
    moments = [(tick, NOON + timedelta(seconds=INTERVAL * tick)) for tick in range(720)]
    return [
        publication
        for tick, at in moments
        for gateway in site.gateways
        for publication in speech.speak(site, gateway, at, tick, INTERVAL)
    ]


@pytest.mark.parametrize("words", ALL)
def test_the_same_seed_tells_the_same_story(words: str) -> None:
    assert hour_of(words, seed=7) == hour_of(words, seed=7)
    assert hour_of(words, seed=7) != hour_of(words, seed=8)


def test_an_unknown_kind_of_site_is_refused_with_the_known_ones() -> None:
    with pytest.raises(plant.UnknownKind, match="dam, bridge, plant"):
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


def test_the_sun_rises_on_the_solar_plant_and_no_inverter_exceeds_its_limit() -> None:
    site = plant.site("colle:plant", 1)
    by_hour = {
        hour: [
            sensor["data"][0]["value"]
            for gateway in site.gateways
            for publication in speech.speak(site, gateway, NOON.replace(hour=hour), 1, INTERVAL)
            for sensor in _document(publication)["dataloggers"][0]["sensors_data"]
            if sensor["serial_number"].startswith("INV")
        ]
        for hour in (1, 6, 11)
    }
    assert set(by_hour[1]) == {0}
    assert 0 < sum(by_hour[6]) < sum(by_hour[11])
    assert max(by_hour[11]) <= 50


def told_from(words: str, begin: datetime, seconds: int) -> dict[str, list[speech.Publication]]:
    """What a site says in each gateway's name so long after its story has begun."""
    site = plant.site(words, 1, begin.timestamp())
    at = begin + timedelta(seconds=seconds)
    return {gateway.serial: list(speech.speak(site, gateway, at, 0, INTERVAL)) for gateway in site.gateways}


@pytest.mark.parametrize(("after", "is_silent"), [(20, False), (30, True), (129, True), (131, False)])
def test_a_gateway_falls_silent_and_returns(after: int, is_silent: bool) -> None:
    said = told_from("lazzaro:bridge", NOON, after)
    assert (said["lazzaro-gateway_2"] == []) is is_silent
    assert said["lazzaro-gateway_1"]


def test_somebody_appears_on_a_topic_that_only_the_parser_for_any_json_takes_and_another_would_read_better() -> None:
    early, late = (
        {each.topic: each.payload for each in told_from("lazzaro:bridge", NOON, after)["lazzaro-gateway_1"]}
        for after in (30, 40)
    )
    assert "lazzaro/lab/strain" not in early
    taken = registry.find("lazzaro/lab/strain", late["lazzaro/lab/strain"])
    assert taken
    assert taken.name == "generic_json"
    parser = registry.get("dataloggers_telemetry")
    assert parser
    about = Context("lazzaro", ZoneInfo("Europe/Rome"))
    report = parser.parse(Envelope("lazzaro/lab/strain", late["lazzaro/lab/strain"], False, NOON), about)
    assert [datalogger.serial for datalogger in report.dataloggers] == ["MAS900001"]


def test_a_new_firmware_writes_nan_as_text() -> None:
    heartbeat = next(
        json.loads(each.payload)
        for each in told_from("lazzaro:bridge", NOON, 5)["lazzaro-gateway_2"]
        if each.topic.endswith("env/1/heartbeat")
    )
    assert heartbeat["sensors_last_data"]["battery"]["value"] == "NaN"
    assert heartbeat["firmware_version"] == "2.0.0-rc1"


def test_the_bridge_shakes_while_somebody_looks() -> None:
    def spread(after: int) -> float:
        site = plant.site("lazzaro:bridge", 1, NOON.timestamp())
        channel = site.gateways[0].boxes[0].channels[0]
        falls = [channel.read(NOON.timestamp() + after + n / 50, Random(n))[2] for n in range(300)]
        return max(falls) - min(falls)

    assert spread(46) > 3 * spread(20)


def test_a_broker_keeps_the_last_will_of_a_gateway_that_is_gone() -> None:
    kept = [each for each in speech.greeting(plant.site("valdora:dam", 1), NOON) if "gateway/3" in each.topic]
    assert [each.retain for each in kept] == [True]
    assert json.loads(kept[0].payload)["status"] == "offline"


def _document(publication: speech.Publication) -> dict[str, Any]:
    try:
        found = json.loads(publication.payload)
    except ValueError:
        return {}
    return found if isinstance(found.get("dataloggers"), list) else {}


@pytest.mark.parametrize("words", ALL)
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
