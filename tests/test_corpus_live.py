"""The corpus through the whole system: by a real broker what it delivers, by a stub broker all of it.

Each bad message is followed by a good one. The real broker has one message under way at a time: the good one arrives
only when the bad one was acknowledged, which is after its commit. The stub sends all at once and sees acknowledgements.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as paho
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests import bad_input
from tests.bad_input import Case
from tests.conftest import MOSQUITTO, running_mosquitto, wait
from tests.faults.plant import FATES, Plant, planted, telemetry
from tests.stub_broker import Stub, publish, stub_broker

PATIENCE_S = 20
"""For the good message behind a bad one; it takes some 20 ms on a quiet machine."""

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def by_broker(running_system: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A site on a mosquitto that has one message under way to us at a time."""
    one_by_one = MOSQUITTO.replace("inflight_messages 100", "inflight_messages 1")
    with (
        running_mosquitto(tmp_path_factory.mktemp("mosquitto"), one_by_one) as broker,
        planted(running_system, broker, bad_input.SITE, protocol="5") as plant,
    ):
        listen_to_everything(plant)
        yield plant


@pytest.fixture(scope="module")
def by_stub(running_system: dict[str, Any]) -> Iterator[tuple[Plant, Stub]]:
    with stub_broker(Stub()) as stub, planted(running_system, stub, bad_input.OTHER, protocol="3.1.1") as plant:
        listen_to_everything(plant)
        yield plant, stub


def listen_to_everything(plant: Plant) -> None:
    topic = {"connection": plant.connection("id"), "topic_pattern": "#"}
    plant.rest.post("/topics/", json=topic).raise_for_status()
    wait(lambda: plant.connection("subscribed") == ["#"], PATIENCE_S, "everything is subscribed to")


def processes(plant: Plant) -> set[tuple[int, float]]:
    """Listener and workers, which must live through everything; a number that is given again is another process.

    A worker's children are not among them: it replaces one that has grown. Had a message killed one, the message's fate
    would be another than its case expects.
    """
    found = plant.running("worker", "celery") + plant.running("run_mqtt")
    living = [one for one in found if one.status() != psutil.STATUS_ZOMBIE]
    numbers = {one.pid for one in living}
    return {(one.pid, one.create_time()) for one in living if one.ppid() not in numbers}


class Before:
    """What there was of a site before some cases, so that what they brought can be told."""

    def __init__(self, plant: Plant) -> None:
        wait(lambda: plant.ledger()["in_flight"] == 0, PATIENCE_S, "nothing on its way")
        self.plant, self.ledger, self.processes = plant, plant.ledger(), processes(plant)
        assert len(self.processes) >= 3
        (self.last,) = plant.query("SELECT COALESCE(max(id), 0) FROM mqtt_app_mqttparsinglog")[0]

    def kept(self) -> Counter[tuple[str, bytes]]:
        rows = self.plant.query(
            "SELECT error_type, payload FROM mqtt_app_mqttparsinglog WHERE site_id = %s AND id > %s",
            [self.plant.site_id, self.last],
        )
        return Counter((reason, bytes(payload)) for reason, payload in rows)

    def check(self, cases: Sequence[tuple[Case, dict[str, Any]]]) -> None:
        """Every case has its fate, a good message behind each was stored, and nothing was started anew."""
        wait(lambda: self.plant.ledger()["in_flight"] == 0, PATIENCE_S, "a balanced ledger")
        came = Counter(
            {name: self.plant.ledger()[name] - self.ledger[name] for name in ["received", *FATES.split(", ")]}
        )
        expected = Counter(expect["outcome"] for _, expect in cases) + Counter(
            stored=len(cases), received=2 * len(cases)
        )
        assert +came == expected
        reasons = [
            (expect.get("reason_code") or ("bad_readings" if "problem" in expect else ""), case.payload)
            for case, expect in cases
        ]
        assert self.kept() == Counter(pair for pair in reasons if pair[0])
        assert processes(self.plant) == self.processes


@pytest.mark.broker_restart
@pytest.mark.parametrize("name", bad_input.files())
def test_behind_every_case_that_a_broker_delivers_a_good_message_is_stored(by_broker: Plant, name: str) -> None:
    cases = [(case, case.expect_live) for case in bad_input.load(name) if case.is_delivered]
    before = Before(by_broker)
    with device(by_broker) as publisher:
        for case, _ in cases:
            publisher.publish(case.topic.decode(), case.payload, case.qos, case.retain, properties(case))
            publisher.publish(bad_input.TELEMETRY.replace("{site}", bad_input.SITE), sentinel(by_broker), 1)
        wait(lambda: last_sentinel(by_broker) == by_broker.sent, PATIENCE_S, "the last good message")
    before.check(cases)


@pytest.mark.parametrize("name", bad_input.files())
def test_every_case_is_acknowledged_and_a_good_message_is_stored_behind_it(
    by_stub: tuple[Plant, Stub], name: str
) -> None:
    plant, stub = by_stub
    cases = [case for case in bad_input.load(name, bad_input.OTHER, bad_input.SITE) if case.topic]
    topic, before = bad_input.TELEMETRY.replace("{site}", bad_input.OTHER).encode(), Before(plant)
    expected = []
    for case in cases:
        number = 2 * plant.sent + 1
        stub.send(publish(case.topic, case.payload, number, flags=case.qos << 1 | case.retain))
        stub.send(publish(topic, sentinel(plant), number + 1))
        expected += [number, number + 1] if case.qos else [number + 1]
    assert [stub.acknowledged.get(timeout=PATIENCE_S) for _ in expected] == expected
    before.check([(case, case.expect) for case in cases])


def sentinel(plant: Plant) -> bytes:
    """The next good message of a site; its number is its value."""
    plant.sent += 1
    return telemetry(plant.sent)


def last_sentinel(plant: Plant) -> float:
    sql = (
        "SELECT max(r.values[1]) FROM sites_reading r JOIN sites_sensor s ON s.id = r.sensor_id "
        "JOIN sites_datalogger d ON d.id = s.datalogger_id WHERE d.site_id = %s AND d.serial LIKE 'MAS%%'"
    )
    return float(plant.query(sql, [plant.site_id])[0][0] or 0)


@contextmanager
def device(plant: Plant) -> Iterator[paho.Client]:
    """A client that speaks MQTT 5 to the plant's broker."""
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.connect("127.0.0.1", plant.connection("broker_port"))
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def properties(case: Case) -> Properties:
    found, wanted = Properties(PacketTypes.PUBLISH), case.properties
    if wanted.get("user_properties"):
        found.UserProperty = [(f"key {n}", "v" * 20) for n in range(wanted["user_properties"])]
    if "response_topic" in wanted:
        found.ResponseTopic, found.CorrelationData = wanted["response_topic"], base64.b64decode(wanted["correlation"])
    if "content_type" in wanted:
        found.ContentType, found.PayloadFormatIndicator = wanted["content_type"], wanted["payload_format"]
    if "expiry_s" in wanted:
        found.MessageExpiryInterval = wanted["expiry_s"]
    return found
