"""Sparkplug B across messages: births name what data numbers, deaths take down who is behind them, nothing is lost."""

import struct
from datetime import UTC, datetime

import pytest

from mqtt_app import replay
from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate, Message
from mqtt_app.models import MqttConnection, MqttParsingLog, MqttTopic, Replay
from mqtt_app.parsers.sparkplug.payload_pb2 import Payload
from mqtt_app.parsers.sparkplug.values import shortest, signed
from sites.models import Datalogger, Gateway, Reading, Sensor
from tests.field import batch, connect, message

pytestmark = pytest.mark.django_db(transaction=True)

Metric = Payload.Metric
AT = 1_772_439_330.0
NODE, DEVICE = "works/press", "works/press/scale"


@pytest.fixture
def connection() -> MqttConnection:
    made = connect()
    MqttTopic.objects.create(mqtt_connection=made, topic_pattern="#")
    return made


def said(kind: str, *metrics: Metric, at: float = AT, device: str = "") -> Message:
    topic = f"spBv1.0/works/{kind}/press{device and f'/{device}'}"
    content = Payload(timestamp=int(at * 1_000), metrics=metrics).SerializeToString()
    return message(topic, content, at=at)


def birth(at: float = AT, session: int = 1, alias: int = 7) -> Message:
    metrics = Metric(name="bdSeq", datatype=4, long_value=session), Metric(name="Force", alias=alias, datatype=1)
    return said("NBIRTH", *metrics, at=at)


def data(value: int = 248, alias: int = 7, at: float = AT + 1) -> Message:
    return said("NDATA", Metric(alias=alias, int_value=value), at=at)


def death(session: int = 1, at: float = AT + 5) -> Message:
    return said("NDEATH", Metric(name="bdSeq", datatype=4, long_value=session), at=at)


def fates(connection: MqttConnection, *messages: Message) -> list[Fate]:
    outcome = ingest(batch(connection, *messages))
    assert outcome
    return outcome.fates


def latest(connection: MqttConnection) -> list[float] | None:
    return Sensor.objects.get(datalogger__site=connection.site, key="Force").latest_values


def test_data_has_the_name_and_the_type_of_its_birth(connection: MqttConnection) -> None:
    assert fates(connection, birth()) == [Fate.STORED]
    assert fates(connection, data()) == [Fate.STORED]
    assert latest(connection) == [-8.0]


def test_data_before_its_birth_is_kept_and_read_again_when_the_birth_is_known(connection: MqttConnection) -> None:
    assert fates(connection, data()) == [Fate.FAILED]
    kept = MqttParsingLog.objects.get()
    assert (kept.error_type, bytes(kept.payload)) == ("not_yet_known", data().payload)
    fates(connection, birth())
    again = replay.begin(Replay(site=connection.site, source=Replay.Source.FAILURES, selection={"ids": [kept.pk]}))
    while replay.advance(again.pk):
        pass
    replay.start(again.pk)
    while replay.advance(again.pk):
        pass
    assert latest(connection) == [-8.0]


def test_a_new_birth_gives_new_names_to_old_numbers(connection: MqttConnection) -> None:
    fates(connection, birth(alias=7), birth(at=AT + 1, session=2, alias=8))
    assert fates(connection, data(alias=7, at=AT + 2), data(alias=8, at=AT + 2)) == [Fate.FAILED, Fate.STORED]


def test_a_number_that_a_birth_gives_twice_names_nothing(connection: MqttConnection) -> None:
    twice = [Metric(name=name, alias=7, datatype=3, int_value=1) for name in ("A", "B")]
    assert fates(connection, said("NBIRTH", *twice), data()) == [Fate.STORED, Fate.FAILED]


def test_a_devices_data_may_use_the_numbers_of_its_own_birth_and_of_its_nodes(connection: MqttConnection) -> None:
    own = Metric(name="Weight", alias=9, datatype=10, double_value=1)
    fates(connection, birth(), said("DBIRTH", own, device="scale"))
    both = Metric(alias=9, double_value=2.5), Metric(alias=7, int_value=3)
    assert fates(connection, said("DDATA", *both, device="scale", at=AT + 1)) == [Fate.STORED]
    assert set(Sensor.objects.filter(datalogger__serial=DEVICE).values_list("key", flat=True)) == {"Weight", "Force"}


def test_the_death_of_a_node_takes_its_devices_down_and_a_devices_death_only_itself(
    connection: MqttConnection,
) -> None:
    fates(connection, birth(), said("DBIRTH", device="scale"), said("DBIRTH", device="lamp"))
    fates(connection, said("DDEATH", device="lamp", at=AT + 1))
    assert statuses() == {NODE: "online", DEVICE: "online", "works/press/lamp": "offline"}
    assert fates(connection, death()) == [Fate.STORED]
    assert set(statuses().values()) == {"offline"}
    assert Gateway.objects.get().status == "offline"
    assert Datalogger.objects.get(serial=DEVICE).offline_reason == "gateway"


def test_a_device_that_spoke_after_the_death_stays(connection: MqttConnection) -> None:
    fates(connection, birth(), said("DBIRTH", device="scale"))
    fates(connection, said("DBIRTH", device="scale", at=AT + 9))
    fates(connection, death())
    assert statuses()[DEVICE] == "online"


def test_the_last_will_of_an_earlier_session_is_ignored(connection: MqttConnection) -> None:
    fates(connection, birth(session=2))
    assert fates(connection, death(session=1)) == [Fate.IGNORED]
    assert Gateway.objects.get().status == "online"


def test_a_metric_keeps_its_own_time(connection: MqttConnection) -> None:
    own = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    metric = Metric(name="Force", datatype=10, double_value=1, timestamp=int(own.timestamp() * 1_000))
    fates(connection, said("NDATA", metric))
    assert Sensor.objects.get().latest_time == own


@pytest.mark.parametrize(
    ("whole", "bits", "value"),
    [
        (128, 8, -128), (127, 8, 127), (2**32 - 128, 8, -128), (32_768, 16, -32_768), (2**31, 32, -(2**31)),
        (2**64 - 5, 32, -5), (2**63, 64, -(2**63)), (2**63 - 1, 64, 2**63 - 1), (2**32 - 1, 64, 2**32 - 1),
    ],
)  # fmt: skip
def test_signed_integers_of_every_width_are_read_as_they_travel(whole: int, bits: int, value: int) -> None:
    assert signed(whole, bits) == value


def table(*rows: tuple[int, float, str]) -> Payload.DataSet:
    cell = Payload.DataSet.Value
    lines = [(cell(int_value=one), cell(double_value=two), cell(string_value=three)) for one, two, three in rows]
    return Payload.DataSet(
        num_of_columns=3,
        columns=["step", "force", "word"],
        types=[1, 10, 12],
        rows=[Payload.DataSet.Row(elements=line) for line in lines],
    )


def test_the_columns_of_a_table_are_readings_and_its_rows_their_components(connection: MqttConnection) -> None:
    cycle = Metric(name="Cycle", alias=3, datatype=16, dataset_value=table((255, 1.5, "a"), (2, 2.5, "b")))
    fates(connection, said("NBIRTH", cycle))
    assert dict(Sensor.objects.values_list("key", "latest_values")) == {
        "Cycle/step": [-1.0, 2.0],
        "Cycle/force": [1.5, 2.5],
    }
    later = Metric(alias=3, dataset_value=table((4, 3.5, "c")))
    fates(connection, said("NDATA", later, at=AT + 1))
    assert Sensor.objects.get(key="Cycle/force").latest_values == [3.5]
    assert Datalogger.objects.get().metadata["Cycle/word"] == "c"


@pytest.mark.parametrize(
    ("datatype", "packed", "values"),
    [
        (22, b"\xff\x02", [-1.0, 2.0]), (23, b"\xfe\xff", [-2.0]), (29, b"\x05" + bytes(7), [5.0]),
        (30, struct.pack("<2f", 12.1, -0.5), [12.1, -0.5]), (31, struct.pack("<d", 0.25), [0.25]),
        (32, b"\x0c\0\0\0\x34\xd0", [0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1]),  # the specification's example
    ],
)  # fmt: skip
def test_an_array_is_one_reading(connection: MqttConnection, datatype: int, packed: bytes, values: list[float]) -> None:
    fates(connection, said("NBIRTH", Metric(name="Axes", datatype=datatype, bytes_value=packed)))
    assert Sensor.objects.get().latest_values == values


@pytest.mark.parametrize(
    ("datatype", "packed"), [(23, b"\1\2\3"), (17, b"\1\2"), (33, b"a\0b\0"), (32, b"\xff\xff\0\0\1")]
)
def test_bytes_that_are_no_numbers_are_no_reading(connection: MqttConnection, datatype: int, packed: bytes) -> None:
    assert fates(connection, said("NBIRTH", Metric(name="Axes", datatype=datatype, bytes_value=packed))) == [
        Fate.STORED
    ]
    assert not Sensor.objects.exists()


def test_a_list_that_is_too_long_is_named(connection: MqttConnection) -> None:
    long = Metric(name="Curve", datatype=31, bytes_value=struct.pack("<65d", *range(65)))
    good = Metric(name="Force", datatype=10, double_value=1)
    assert fates(connection, said("NBIRTH", long, good)) == [Fate.STORED]
    assert "Curve: too_large" in MqttParsingLog.objects.get().error_message
    assert Sensor.objects.get().key == "Force"


@pytest.mark.parametrize(("code", "quality"), [(0, "bad"), (192, "good"), (500, "questionable")])
def test_the_quality_of_a_metric_is_kept(connection: MqttConnection, code: int, quality: str) -> None:
    stated = Payload.PropertySet(keys=["Quality"], values=[Payload.PropertyValue(type=3, int_value=code)])
    fates(connection, said("NBIRTH", Metric(name="Force", datatype=10, double_value=1, properties=stated)))
    assert Reading.objects.get().quality == quality


def test_a_float_of_32_bits_is_the_decimal_that_it_stands_for() -> None:
    assert shortest(12.100000381469727) == 12.1


def statuses() -> dict[str, str]:
    return dict(Datalogger.objects.values_list("serial", "status"))
