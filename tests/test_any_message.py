"""Whatever bytes arrive on whatever topic: one fate each, nothing raised, and the neighbours are stored."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate, Message
from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttParsingLog
from sites.models import Datalogger, Gateway, Reading, Sensor
from tests.field import TELEMETRY, batch, connect, ledger, message, telemetry
from tests.fieldwork import sample_topics

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

TOPICS = [
    f"site_001/{rest}"
    for rest in (
        "gateway/1/dataloggers/telemetry",
        "gateway/1/datalogger/all/status",
        "gateway/1/datalogger/adaq/1/heartbeat",
        "gateway/1/datalogger/adaq/1/output",
        "gateway/1/status",
        "connection/status",
        "backend/status",
        *sample_topics(),
    )
]
WORDS = [
    "serial_number_gateway", "timestamp", "message_interval_seconds", "mqtt_api_version", "dataloggers", "devices",
    "serial_number_datalogger", "status_datalogger", "type", "serial_number_device", "data", "value", "serial_number",
    "status", "sensors_data", "channel", "unit", "ip_address", "firmware_version", "sensors_last_data", "system",
    "session_id", "details", "device_name", "ts", "total", "online", "hostname",
]  # fmt: skip
VALUES = [
    "running", "stopped", "online", "offline", "accelerometer", "ch1", "monstr-o", "2025-11-25T15:32:24Z", "0001-01-01",
    "9999-12-31T23:59:59Z", "2025-02-30T00:00:00", "1e400", "\0", "\ud800", "a\u202eb", "x" * 200, 1e308, -1e308,
    1e-320, 2**63, -(2**70), 10**400, 0, 5, 60, -1,
]  # fmt: skip

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(VALUES)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=25,
)


@st.composite
def near_telemetry(draw: st.DrawFn) -> Any:
    """A real message with one thing in it replaced."""
    tree = json.loads(telemetry(1.0, 2.0, 3.0, at="2025-11-25T15:32:24Z", message_interval_seconds=5))
    place: Any = tree
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or draw(st.booleans()):
            place[key] = draw(trees)
            return tree
        place = inner


payloads = (
    st.binary(max_size=300)
    | st.builds(lambda tree: json.dumps(tree).encode(), trees | near_telemetry())
    | st.builds(lambda tree: json.dumps(tree, ensure_ascii=False).encode(errors="surrogatepass"), trees)
)
topics = (
    st.sampled_from(TOPICS).map(str.encode)
    | st.binary(max_size=40)
    | st.text(max_size=600).map(lambda text: text.encode(errors="surrogatepass"))
)
messages = st.builds(
    lambda topic, payload, qos, dup, retain, mid: message(
        topic, payload, qos=qos, dup=dup, retain=retain, mid=mid
    ),
    topics, payloads, st.integers(0, 2), st.booleans(), st.booleans(), st.integers(1, 65_535),
)  # fmt: skip


@pytest.fixture(scope="module")
def numbers() -> Any:
    return iter(range(1, 10**9))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(strange=st.lists(messages, min_size=1, max_size=6))
def test_any_bytes_on_any_topic_have_one_fate_and_leave_their_neighbours_alone(
    numbers: Any, strange: list[Message]
) -> None:
    connection = MqttConnection.objects.filter(site__slug="site_001").first() or connect()
    before, stored = ledger(connection), Reading.objects.count()
    minute = 1_772_452_800.0 + 60 * next(numbers)  # a page of the ledger for each example
    good = [message(TELEMETRY, telemetry(7.0, serial=f"good-{end}"), qos=0) for end in ("first", "last")]
    whole = [one._replace(received_at=minute) for one in (good[0], *strange, good[1])]
    outcome = ingest(batch(connection, *whole))
    assert outcome is not None
    assert len(outcome.fates) == len(whole)
    assert (outcome.fates[0], outcome.fates[-1]) == (Fate.STORED, Fate.STORED)
    assert Reading.objects.count() >= stored + 2
    after = ledger(connection)
    assert after["received"] == before.get("received", 0) + len(whole)
    assert "in_flight" not in after
    failed = sum(one is Fate.FAILED for one in outcome.fates)
    assert after.get("failed", 0) == before.get("failed", 0) + failed


def test_what_was_stored_of_them_can_be_read_again() -> None:
    """Values that PostgreSQL takes and Python cannot read would break every list later."""

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strange=messages)
    def read_again(strange: Message) -> None:
        connection = MqttConnection.objects.filter(site__slug="site_001").first() or connect()
        ingest(batch(connection, strange))
        for model in (DiscoveredTopic, MqttParsingLog, Gateway, Datalogger, Sensor, Reading):
            list(model._default_manager.all())

    read_again()
