"""Gaps in history are found, a device is asked for them, and its answer fills them and touches nothing else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mqtt_app.downlink import commands
from mqtt_app.downlink.backfill import Asked, Doubtful, spread
from mqtt_app.ingest import ingest
from mqtt_app.messages import Word
from mqtt_app.models import Command, Listener, MqttConnection
from sites import rollups
from sites.models import Reading, Role, RollupEdge, Sensor
from tests import rows
from tests.field import batch, connect, ledger, message, telemetry

DATA = "site_001/gateway/1/datalogger/all/data"
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
END = START + timedelta(minutes=1)


@pytest.fixture
def connection(transactional_db: None) -> MqttConnection:
    """A minute without readings lies between two of one accelerometer; a listener holds the connection open."""
    made = connect()
    listener = Listener.objects.create(name="one")
    MqttConnection.objects.update(listener=listener, status="connected")
    made.refresh_from_db()
    measure(made, START, END)
    return made


def measure(connection: MqttConnection, *times: datetime) -> None:
    said = [telemetry(at=time.isoformat(), message_interval_seconds=5) for time in times]
    assert ingest(batch(connection, *[message(payload=one) for one in said]))


def gaps(connection: MqttConnection, sensor: Sensor | None = None) -> dict[str, Any]:
    pk = (sensor or Sensor.objects.get()).pk
    known = rows.User.objects.filter(username="ada").first() or rows.person("ada", Role.OPERATOR, connection.site)
    found: dict[str, Any] = rows.browser(known).get(f"/api/v1/sensors/{pk}/gaps/").json()
    return found


def ask(connection: MqttConnection, **params: Any) -> int:
    """Have the only gap filled, as the screen does; perhaps with other parameters."""
    [gap] = gaps(connection)["gaps"]
    body = gap["command"]
    body["params"] |= params
    browser = rows.browser(rows.User.objects.get(username="ada"))
    answer = browser.post("/api/v1/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.json()
    assert connection.listener_id
    [order] = commands.take(connection.listener_id)
    commands.tell([Word(order.id, "sent")])
    return int(order.id)


def bring(connection: MqttConnection, *chunks: dict[str, Any], serial: str = "MNA000123", topic: str = DATA) -> None:
    said = json.dumps({"status": "success", "query_type": "resampled_vibration", "data": {serial: chunks}})
    assert ingest(batch(connection, message(topic, said.encode())))


def chunk(at: datetime, *values: float) -> dict[str, Any]:
    return {"ts": at.isoformat(), "X": values, "Y": [value + 1 for value in values], "Z": [0.5] * len(values)}


def filled() -> list[tuple[float, list[float]]]:
    """Seconds after START and the values of all that was filled in."""
    found = Reading.objects.filter(quality="resampled").order_by("time")
    return [((one.time - START).total_seconds(), one.values) for one in found]


def test_a_gap_comes_with_the_command_that_fills_it(connection: MqttConnection) -> None:
    found = gaps(connection)
    assert (found["longer_than_s"], found["reason"], found["truncated"]) == (12.5, "", False)
    [gap] = found["gaps"]
    assert gap["seconds"] == 60
    assert gap["command"]["params"] == {
        "query_type": "resampled_vibration",
        "device_names": ["MNA000123"],
        "start_time": START.isoformat().replace("+00:00", "Z"),
        "end_time": END.isoformat().replace("+00:00", "Z"),
        "axes": ["X", "Y", "Z"],
        "target_total_points": 12,
    }


def test_an_answer_of_one_chunk_is_spread_over_the_gap_and_marked(connection: MqttConnection) -> None:
    pk = ask(connection, target_total_points=4)
    bring(connection, chunk(START, 9.0, 0.1, 0.2, 0.3))
    assert filled() == [(15, [0.1, 1.1, 0.5]), (30, [0.2, 1.2, 0.5]), (45, [0.3, 1.3, 0.5])]
    measured = Reading.objects.filter(quality="good").values_list("values", flat=True)
    assert list(measured) == [[1.342, 3.456, 4.567]] * 2
    told = Command.objects.get(pk=pk)
    assert (told.state, told.answer["merged"]) == ("done", {"readings": 3, "refused": []})
    assert Sensor.objects.get().latest_time == END


def test_an_answer_that_was_merged_counts_as_stored(connection: MqttConnection) -> None:
    before = ledger(connection)["stored"]
    bring(connection, chunk(START, 1, 2, 3))
    assert ledger(connection)["ignored"] == 1
    ask(connection, target_total_points=6)
    bring(connection, chunk(START, 1, 2))
    assert ledger(connection)["ignored"] == 2
    bring(connection, chunk(START, 1, 2, 3, 4, 5, 6))
    assert (ledger(connection)["ignored"], ledger(connection)["stored"]) == (2, before + 1)


def told(*words: str) -> list[str]:
    """What `manage.py gaps` says, line by line."""
    out = StringIO()
    call_command("gaps", "--site", "site_001", *words, stdout=out)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_the_command_lists_gaps_and_sends_nothing(connection: MqttConnection) -> None:
    at = f"{START:%Y-%m-%d %H:%M:%S}Z to {END:%Y-%m-%d %H:%M:%S}Z"
    assert told() == [f"MNA000123 accelerometer {at} 60 s", "1 gap."]
    assert told("--to", START.isoformat()) == ["0 gaps."]
    assert not Command.objects.exists()


def test_the_command_asks_for_each_gap_once_and_the_answer_fills_it(connection: MqttConnection) -> None:
    assert told("--ask", "--datalogger", "MNA000123")[-1] == "1 gap, 1 asked for."
    assert "asked before" in told("--ask")[0]
    command = Command.objects.get()
    assert (command.topic, command.method) == ("site_001/gateway/1/datalogger/all/cmd", "query_data")
    assert connection.listener_id
    [order] = commands.take(connection.listener_id)
    commands.tell([Word(order.id, "sent")])
    bring(connection, chunk(START, *range(12)))
    assert (len(filled()), told()) == (11, ["0 gaps."])


def test_the_command_says_why_a_gap_cannot_be_filled(connection: MqttConnection) -> None:
    Sensor.objects.update(components=["value"])
    lines = told("--ask")
    assert "Only a sensor of the axes x, y and z" in lines[0]
    assert (lines[-1], Command.objects.count()) == ("1 gap, 0 asked for.", 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sensor", "0"), "No sensor is so called"),
        (("--from", "2026-01-02", "--to", "2026-01-01"), "--from lies before --to"),
        (("--from", "soon"), "no date or time"),
    ],
)
@pytest.mark.usefixtures("connection")
def test_the_command_says_what_it_cannot_read(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        told(*words)


def test_the_same_answer_twice_adds_nothing_and_what_it_brought_stays_told(connection: MqttConnection) -> None:
    pk = ask(connection, target_total_points=6)
    for _ in range(2):
        bring(connection, chunk(START, 1, 2, 3, 4, 5, 6))
    assert len(filled()) == 5
    assert Command.objects.get(pk=pk).answer["merged"] == {"readings": 5, "refused": []}


def test_chunks_tell_each_others_steps(connection: MqttConnection) -> None:
    ask(connection)
    second = START + timedelta(seconds=21)
    bring(connection, chunk(second, 3, 4), chunk(START + timedelta(seconds=1), 1, 2))
    assert [at for at, _ in filled()] == [1, 11, 21, 31]


def test_what_lies_outside_the_gap_is_left_out(connection: MqttConnection) -> None:
    pk = ask(connection)
    early, late = START - timedelta(seconds=30), END + timedelta(seconds=30)
    bring(connection, chunk(early, 1), chunk(START, 2), chunk(START + timedelta(seconds=9), 3), chunk(late, 4))
    assert [at for at, _ in filled()] == [9]
    assert Command.objects.get(pk=pk).answer["merged"]["readings"] == 1


def test_a_reading_that_came_meanwhile_stays(connection: MqttConnection) -> None:
    ask(connection, target_total_points=4)
    measure(connection, START + timedelta(seconds=30))
    bring(connection, chunk(START, 0, 1, 2, 3))
    assert [at for at, _ in filled()] == [15, 45]
    assert Reading.objects.filter(quality="good").count() == 3


@pytest.fixture
def totalled(connection: MqttConnection) -> Iterator[None]:
    """All hours until now are totalled, so that older readings mark theirs."""
    RollupEdge.objects.create(announced=datetime.now(UTC))
    rollups.forget()
    yield
    rollups.forget()


@pytest.mark.usefixtures("totalled")
def test_an_hour_that_was_totalled_is_totalled_anew(connection: MqttConnection) -> None:
    ask(connection)
    bring(connection, chunk(START + timedelta(seconds=9), 3))
    assert Sensor.objects.get().rollups.filter(is_stale=True).count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (chunk(START, 1, 2, 3), "3 points under one time, and 12 were asked for"),
        ({"ts": START.isoformat(), "X": [1.0], "Y": [1.0, 2.0], "Z": [1.0]}, "arrays of one length"),
        ({"ts": "yesterday", "X": [1.0], "Y": [1.0], "Z": [1.0]}, "needs its time"),
        ({"ts": START.isoformat(), "X": ["1"], "Y": [1.0], "Z": [1.0]}, "X"),
        ({"ts": START.isoformat(), "X": [1.0]}, "three arrays"),
    ],
)
def test_points_whose_times_nobody_knows_are_refused(
    connection: MqttConnection, said: dict[str, Any], words: str
) -> None:
    pk = ask(connection)
    bring(connection, said)
    assert filled() == []
    assert words in Command.objects.get(pk=pk).answer["merged"]["refused"][0]


def test_an_answer_about_another_device_is_refused(connection: MqttConnection) -> None:
    pk = ask(connection)
    bring(connection, chunk(START + timedelta(seconds=9), 1), serial="MNA000999")
    assert Command.objects.get(pk=pk).answer["merged"]["refused"] == ["MNA000999: it was not asked for"]


def test_history_that_nobody_asked_for_is_ignored(connection: MqttConnection) -> None:
    bring(connection, chunk(START + timedelta(seconds=9), 1))
    assert filled() == []


def test_bulk_may_follow_an_answer_that_names_the_method(connection: MqttConnection) -> None:
    pk = ask(connection)
    said = b'{"method": "query_data", "status": "success"}'
    ingest(batch(connection, message("site_001/gateway/1/datalogger/all/cmdres", said)))
    assert Command.objects.get(pk=pk).state == "done"
    bring(connection, chunk(START + timedelta(seconds=9), 1))
    assert [at for at, _ in filled()] == [9]


def test_a_sensor_of_one_value_has_gaps_that_nobody_can_fill(connection: MqttConnection) -> None:
    data = [{"type": "ch1", "value": [1.0]}]
    device = {"type": "adaq", "serial_number_device": "MAS8AT00", "data": data}
    for time in (START, END):
        said = {"timestamp": time.isoformat(), "dataloggers": [{"devices": [device]}], "message_interval_seconds": 5}
        ingest(batch(connection, message(payload=json.dumps(said).encode())))
    found = gaps(connection, Sensor.objects.get(key="ch1"))
    assert found["gaps"][0]["command"] is None
    assert found["reason"] == "Only a sensor of the axes x, y and z can be asked for its history."


def test_two_chunks_of_one_time_say_nothing_of_their_points() -> None:
    points = [{"x": 1.0, "y": 1.0, "z": 1.0}] * 2
    with pytest.raises(Doubtful, match="the same time"):
        list(spread([(START, points), (START, points)], Asked(frozenset(), START, END, 4)))
