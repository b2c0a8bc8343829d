"""Everything dies at once, something is frozen or killed at its worst moment, or people meddle in full flow."""

import contextlib
import os
import signal
import time
from typing import Any

import httpx
import paho.mqtt.client as paho
import psutil
import psycopg
import pytest
import redis
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.conftest import Mosquitto, wait
from tests.faults.plant import TOPIC, Plant, check, planted, telemetry

pytestmark = [pytest.mark.broker_restart, pytest.mark.timeout(400)]

WORKERS = ("celery", "-Q ingest")
FROZEN_FOR_GOOD_S = 150
"""Its session is ended after 30 s, it itself after 60 s; a batch may then wait 40 s for its next dispatch."""


def parent(plant: Plant, *words: str) -> psutil.Process:
    """Of the processes that hold `words`, the one that started the others."""
    found = plant.running(*words)
    (one,) = [one for one in found if one.ppid() not in {other.pid for other in found}]
    return one


def answers(plant: Plant) -> bool:
    with contextlib.suppress(psycopg.OperationalError, httpx.HTTPError):
        return bool(plant.query("SELECT 1")) and plant.rest.get("/sites/").is_success
    return False


def empty_redis(plant: Plant) -> None:
    with redis.Redis.from_url(plant.system["redis_url"]) as queue:
        queue.flushall()


def test_everything_killed_at_once_loses_nothing(plant: Plant) -> None:
    for _ in range(2):
        plant.publish(200)
        for process in psutil.Process(plant.system["pid"]).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL's go with the first of them
                if "guardian" not in " ".join(process.cmdline()):
                    process.kill()
        plant.publish(100)
        wait(lambda: answers(plant), 60, "PostgreSQL and the web process are back")
    check(plant, "all processes killed at once, twice, PostgreSQL and Redis as well")


@pytest.mark.long
def test_worker_children_frozen_within_their_transactions_hold_nobody_up_for_ever(plant: Plant) -> None:
    with plant.held_back():
        plant.publish(100)
        wait(plant.waiting, 20, "a worker within its transaction")
        frozen = plant.children(*WORKERS)
        for child in frozen:
            child.suspend()
    plant.publish(100)
    check(plant, "worker children frozen within their transactions for good", patience_s=FROZEN_FOR_GOOD_S)
    for child in frozen:
        if child.is_running():
            child.resume()
    plant.publish(100)
    check(plant, "the same, woken again")


@pytest.mark.long
def test_a_database_session_killed_in_the_middle_of_a_commit_loses_nothing(plant: Plant) -> None:
    for _ in range(3):
        with contextlib.suppress(psycopg.OperationalError), plant.held_back():  # which ends with all other sessions
            plant.publish(100)
            wait(plant.waiting, 20, "a worker within its transaction")
            sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%sites_reading%%'"
            for (pid,) in plant.query(sql, []):
                os.kill(pid, signal.SIGKILL)  # PostgreSQL recovers from its log
        wait(lambda: answers(plant), 30, "PostgreSQL is back")
    check(plant, "PostgreSQL's process killed under a worker, three times")


@pytest.mark.long
def test_a_worker_that_stops_in_order_with_batches_in_its_hands_loses_nothing(plant: Plant) -> None:
    for _ in range(3):
        with plant.held_back():
            plant.publish(300)
            wait(plant.waiting, 20, "a worker within its transaction")
            parent(plant, *WORKERS).terminate()
    check(plant, "ingest worker told to stop with batches in its hands, three times")


@pytest.mark.long
def test_a_listener_that_drains_while_redis_is_emptied_and_then_dies_loses_nothing(plant: Plant) -> None:
    for number in range(3):
        with plant.frozen(*WORKERS):
            plant.publish(300)
            plant.hit(signal.SIGTERM, 1, "run_mqtt")
            time.sleep(1)
            empty_redis(plant)
            if number % 2:
                plant.hit(signal.SIGKILL, 1, "run_mqtt")
        plant.publish(100)
    check(plant, "listener drains, Redis is emptied, listener killed, three times")


@pytest.mark.long
def test_messages_published_at_qos_2_are_stored_once_through_kills(plant: Plant) -> None:
    for words in (("run_mqtt",), WORKERS, ("run_mqtt",)):
        plant.device.send(
            TOPIC.format(site=plant.site), *(telemetry(plant.sent + number) for number in range(300)), qos=2
        )
        plant.sent += 300
        plant.hit(signal.SIGKILL, 1, *words)
    check(plant, "published at QoS 2; listener, workers, listener killed")


@pytest.mark.long
def test_a_thief_of_our_client_id_that_acknowledges_nothing_costs_nothing(plant: Plant, mosquitto: Mosquitto) -> None:
    with plant.frozen(*WORKERS):
        plant.publish(300)
        for _ in range(2):
            generation = plant.connection("generation")
            thief = paho.Client(
                CallbackAPIVersion.VERSION2,
                plant.connection("client_id"),
                protocol=paho.MQTTv5,
                manual_ack=True,
                reconnect_on_failure=False,
            )
            keeps = Properties(PacketTypes.CONNECT)
            keeps.SessionExpiryInterval = 3_600  # else the session would end with the thief's connection
            thief.connect("127.0.0.1", mosquitto.port, clean_start=False, properties=keeps)
            thief.loop_start()
            wait(thief.is_connected, 10, "the thief is connected")
            plant.publish(100)
            thief.disconnect()
            thief.loop_stop()
            wait(lambda before=generation: plant.connection("generation") > before, 80, "another connect of ours")
    check(plant, "another client under our id, twice, with messages under way")


@pytest.mark.long
def test_a_connection_deleted_with_messages_in_flight_leaves_nothing_behind(
    running_system: dict[str, Any], mosquitto: Mosquitto, plant: Plant
) -> None:
    [[begin]] = plant.query("SELECT now()")  # whoever kills listeners and workers leaves batches that nobody ends
    with plant.frozen(*WORKERS), planted(running_system, mosquitto, "doomed") as doomed:
        doomed.publish(300)
        plant.publish(100)
    check(plant, "a neighbour deleted with its messages in flight")
    under_way = "SELECT 1 FROM mqtt_app_batch WHERE done_at IS NULL AND begun_at >= %s"
    wait(lambda: not plant.query(under_way, [begin]), 60, "no batch goes round")
    with planted(running_system, mosquitto, "doomed") as again:
        again.publish(100)
        check(again, "its successor of the same name")


@pytest.mark.long
def test_a_topic_switched_off_and_on_in_full_flow_gives_every_message_a_fate(plant: Plant) -> None:
    (topic,) = plant.rest.get("/topics/", params={"site": plant.site_id}).json()["items"]
    for number in range(20):
        plant.publish(50)
        plant.rest.patch(f"/topics/{topic['id']}/", json={"is_active": number % 2 == 1}).raise_for_status()
    plant.publish(50)
    wait(lambda: plant.ledger()["in_flight"] == 0 and plant.ledger(1)["received"] >= plant.sent, 60, "all have a fate")
    found = plant.ledger(1)
    assert found["stored"] + found["ignored"] == plant.sent
    assert len(plant.stored()) == found["stored"]


@pytest.mark.long
def test_thousands_of_retained_messages_at_the_first_subscription_are_each_stored_once(
    running_system: dict[str, Any], mosquitto: Mosquitto, plant: Plant
) -> None:
    topics = [f"flooded/gateway/{number}/status" for number in range(5_000)]
    for number, topic in enumerate(topics):
        plant.device.client.publish(topic, b'{"serial_number": "g%d", "status": "running"}' % number, 1, retain=True)
    before = plant.listener.memory_info().rss
    with planted(running_system, mosquitto, "flooded") as flooded:
        wait(lambda: flooded.ledger(1)["stored"] == len(topics), 120, "all stored")
        assert plant.listener.memory_info().rss - before < 64 * 1024**2
        plant.publish(10)
        check(plant, "beside a neighbour that subscribes to 5,000 retained messages")
