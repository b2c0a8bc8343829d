"""No bytes on any topic make a parser do anything but report, refuse or ignore, and none cost it much."""

import json
import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Ignored, ParseError, Unrecognised
from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from sites.reports import DataloggerReport, GatewayReport, Report
from tests.fieldwork import GATEWAY, SITE, TELEMETRY, envelope, sample_topics, telemetry

TOPICS = [
    TELEMETRY,
    GATEWAY,
    "dam_north/gateway/1/datalogger/all/status",
    "dam_north/gateway/1/datalogger/monstro/2/heartbeat",
    "dam_north/gateway/1/datalogger/adaq/1/output",
    "dam_north/connection/status",
    "dam_north/backend/status",
    "dam_north/gateway/1/datalogger/all/cmdres",
    *sample_topics(),
]
ORDINARY = b"[" + b"1.5," * 60_000 + b"1]"  # as many bytes as are read of one message
BUDGET = 20  # times what reading ORDINARY as mere JSON costs: some 50 ms on the machines of today

topics = st.sampled_from(TOPICS) | st.text(max_size=20).map(lambda site: f"s{site.replace('/', '')}/gateway/1/status")
words = st.sampled_from(
    [
        "serial_number",
        "device_name",
        "timestamp",
        "message_interval_seconds",
        "dataloggers",
        "devices",
        "data",
        "type",
        "value",
        "sensors_data",
        "sensors_last_data",
        "status",
        "system",
        "serial_number_device",
        "channel",
        "ts",
        "unit",
        "quality",
        "total",
        "online",
        "mqtt_api_version",
        "ip_address",
        "good",
        "offline",
        "2026-03-02T08:15:30Z",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | words
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=5), inner, max_size=6)
)


def outcome(topic: str, payload: bytes, retain: bool = False) -> Report | ParseError | Ignored | Unrecognised:
    parser = registry.find(topic, payload)
    if parser is None:
        return Unrecognised()
    try:
        return parser.parse(envelope(topic, payload, retain), SITE)
    except (ParseError, Ignored, Unrecognised) as refusal:
        return refusal


def storable(report: Report) -> bool:
    """Whether PostgreSQL takes it all: JSON without NUL and NaN, names in bounds."""
    devices: list[GatewayReport | DataloggerReport] = [*report.gateways, *report.dataloggers]
    text = json.dumps([dict(device.metadata) for device in devices], allow_nan=False)
    names = [device.serial for device in devices] + [s.key for d in report.dataloggers for s in d.sensors]
    return "\\u0000" not in text.replace("\\\\", "") and all(0 < len(name) <= 128 for name in names)


@settings(deadline=None)
@given(topic=topics, payload=st.binary(max_size=200), retain=st.booleans())
def test_any_bytes_are_read_refused_or_ignored(topic: str, payload: bytes, retain: bool) -> None:
    outcome(topic, payload, retain)


@settings(max_examples=400, deadline=None)
@given(topic=topics, document=documents)
@example(topic=GATEWAY, document={"system": {"status": float("nan")}, "a": [float("inf")], "b": 2**70})
def test_any_json_is_read_or_refused_and_what_is_read_can_be_stored(topic: str, document: object) -> None:
    found = outcome(topic, json.dumps(document).encode())
    assert not isinstance(found, Report) or storable(found)


@settings(max_examples=300, deadline=None)
@given(document=documents, place=st.integers(0, 6))
def test_whatever_one_part_of_a_message_holds_the_other_parts_are_kept(document: object, place: int) -> None:
    message = telemetry([2.0])
    device = {"serial_number_device": "MNA1", "data": [document]}
    message["dataloggers"] = [
        *message["dataloggers"],  # type: ignore[misc]
        [document, {"devices": document}, {"devices": [document]}, {"devices": [device]}][place % 4],
    ]
    payload = json.dumps(message)
    assume("\\u0000" not in payload)  # NUL refuses the whole message
    found = outcome(TELEMETRY, payload.encode())
    assert isinstance(found, Report)
    assert len(found.dataloggers[0].sensors) == 2


numbers = st.integers(0, 2**32 - 1)
longs = st.integers(0, 2**64 - 1)
metrics = st.builds(
    lambda name, alias, about, value: Payload.Metric(name=name, alias=alias, **about, **value),
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.none() | longs,
    st.fixed_dictionaries({}, optional={"timestamp": longs, "datatype": numbers, "is_null": st.booleans()}),
    st.one_of(
        st.fixed_dictionaries({"int_value": numbers}),
        st.fixed_dictionaries({"long_value": longs}),
        st.fixed_dictionaries({"float_value": st.floats(width=32)}),
        st.fixed_dictionaries({"double_value": st.floats()}),
        st.fixed_dictionaries({"string_value": st.text(st.characters(exclude_categories=["Cs"]), max_size=8)}),
        st.just({}),
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DBIRTH/d", "DDATA/d", "DDEATH/d"]),
    found=st.lists(metrics, max_size=5),
    at=st.none() | longs,
)
def test_any_sparkplug_payload_is_read_or_refused_and_what_is_read_can_be_stored(
    kind: str, found: list[Payload.Metric], at: int | None
) -> None:
    kind, _, device = kind.partition("/")
    topic = "/".join(filter(None, ("spBv1.0/g", kind, "e", device)))
    report = outcome(topic, Payload(timestamp=at, metrics=found).SerializeToString())
    assert not isinstance(report, Report) or storable(report)


HOSTILE = {
    "100 000 keys": lambda: b"{" + b",".join(b'"k%d":1' % i for i in range(100_000)) + b"}",
    "as many keys as are read": lambda: b"{" + b",".join(b'"k%d":1' % i for i in range(20_000)) + b"}",
    "a text of 10 MB": lambda: b'{"serial_number": "' + b"x" * 10_000_000 + b'"}',
    "a text that fits": lambda: b'{"serial_number": "' + "\u0301\u0323".encode() * 60_000 + b'"}',  # slow to normalise
    "a key that fits": lambda: b'{"status": 1, "' + b"k" * 250_000 + b'": 1}',
    "depth 100 000": lambda: b'{"dataloggers":' * 100_000,
    "depth 190 beside bad parts": lambda: b'{"dataloggers": [1], "x": ' + b"[" * 190 + b"]" * 190 + b"}",
    "backslashes": lambda: b'{"a": "' + b"\\\\" * 100_000 + b'\\u0000"}',
    "numbers": lambda: b'{"dataloggers": [' + b"1," * 20_000 + b"1]}",
    "more numbers than are read": lambda: b'{"dataloggers": [' + b"1," * 120_000 + b"1]}",
    "empty objects": lambda: b'{"dataloggers": [' + b"{}," * 20_000 + b"{}]}",
    "a thousand bad parts": lambda: b'{"dataloggers": [' + b"1," * 990 + b"1]}",
    "bad sensors": lambda: b'{"sensors_last_data": {' + b",".join(b'"%d":1' % i for i in range(900)) + b"}}",
    "one list within one value": lambda: b'{"details": [' + b"[]," * 20_000 + b"[]]}",
    "lines without end": lambda: b'{"a": ' + b"\n" * 250_000,
}


def cost(work: Callable[[], object]) -> float:
    """Processor seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


@cache
def most() -> float:
    """Processor seconds that a message may cost."""
    return BUDGET * min(cost(lambda: json.loads(ORDINARY)) for _ in range(3))


def costs_little(work: Callable[[], object]) -> bool:
    """Whether the best of three stays below the budget; what others do on this machine is not its fault."""
    return any(cost(work) < most() for _ in range(3))


@pytest.mark.parametrize("topic", sorted(set(TOPICS)))
@pytest.mark.parametrize("hostile", [cache(make) for make in HOSTILE.values()], ids=HOSTILE)
def test_a_hostile_message_costs_little_more_than_an_ordinary_one_of_its_size(
    topic: str, hostile: Callable[[], bytes]
) -> None:
    payload = hostile()
    assert costs_little(lambda: outcome(topic, payload))


@pytest.mark.parametrize("end", ["", "/", "\n", "/!", "X"])
@pytest.mark.parametrize(
    "unit",
    ["/", "a/", "tele/", "stat/a/", "cmnd/", "rtl_433/", "ch1/", "dtu/", "1toMQTT/", "x/json/", "$a/", "status_"],
)
def test_a_topic_as_long_as_mqtt_allows_costs_no_more(unit: str, end: str) -> None:
    topic = (unit * 65_535)[: 65_535 - len(end)] + end
    assert costs_little(lambda: outcome(topic, b'{"a": 1}'))
