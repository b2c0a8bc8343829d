"""What real gateways do that a schema alone would not tell, one sentence for each habit."""

import pytest

from mqtt_app.parsers.base import ParseError
from sites.reports import Availability, DataloggerReport, GatewayReport, Quality
from tests.fieldwork import GATEWAY, TELEMETRY, parse, telemetry

AGGREGATED = "dam_north/gateway/1/datalogger/all/status"
HEARTBEAT = "dam_north/gateway/1/datalogger/monstro/2/heartbeat"


def measured(kind: str, value: object) -> dict[str, object]:
    device = {"serial_number_device": "X1", "data": [{"type": kind, "value": value}]}
    return {"dataloggers": [{"devices": [device]}]}


@pytest.mark.parametrize(
    ("kind", "value", "components"),
    [
        ("accelerometer", [1, 2, 3], ("x", "y", "z")),
        ("inclinometer", [1, 2], ("pitch", "roll")),
        ("inclinometer", [1, 2, 3], ("pitch", "roll", "yaw")),
        ("ch1", [1], ("value",)),
        ("accelerometer", [1], ("value",)),
        ("ch1", 1.5, ("value",)),
        ("rosette", [1, 2, 3, 4], ("0", "1", "2", "3")),
    ],
)
def test_the_components_of_a_reading_have_names(kind: str, value: object, components: tuple[str, ...]) -> None:
    sensor = parse(TELEMETRY, measured(kind, value)).dataloggers[0].sensors[0]
    assert sensor.components == components
    assert len(sensor.values) == len(components)


@pytest.mark.parametrize("version", ["1.0.0", "v1.0.0"])
def test_two_spellings_of_an_api_version_are_one(version: str) -> None:
    report = parse(TELEMETRY, telemetry([1.0], mqtt_api_version=version))
    assert report.gateways[0].metadata == {"mqtt_api_version": "1.0.0"}


def test_an_aggregated_status_names_its_gateway_in_front_of_its_own_serial() -> None:
    message = {"serial_number": "dam_north-gateway_4-all_1", "dataloggers": [{"serial_number": "all_1"}]}
    assert parse(AGGREGATED, message).gateways[0].serial == "dam_north-gateway_4"


def test_an_aggregated_status_without_a_serial_is_its_topics_gateway() -> None:
    message = {"dataloggers": [{"serial_number": "all_1"}]}
    report = parse(AGGREGATED, message)
    assert report.gateways[0].serial == report.dataloggers[0].gateway == "dam_north-gateway_1"


@pytest.mark.parametrize("status", ["running", "stopped", "success", "OK"])
def test_what_a_process_does_is_no_presence(status: str) -> None:
    message = {"dataloggers": [{"serial_number": "all_1", "status": status, "sensors_data": []}]}
    datalogger = parse(AGGREGATED, message).dataloggers[0]
    assert (datalogger.availability, datalogger.alive, datalogger.metadata["status"]) == (None, True, status)
    assert parse(GATEWAY, {"status": status}).gateways[0].availability is None


@pytest.mark.parametrize("word", ["online", "Online", "connected", "ONLINE "])
def test_a_gateway_declares_itself_online(word: str) -> None:
    gateway = parse(GATEWAY, {"status": word}).gateways[0]
    assert (gateway.availability, gateway.alive) == (Availability.ONLINE, True)


@pytest.mark.parametrize("payload", [b"offline", b'"offline"', b"OFFLINE\n", b'{"status": "disconnected"}'])
@pytest.mark.parametrize("topic", ["dam_north/backend/status", "dam_north/connection/status", GATEWAY])
def test_a_last_will_is_offline_and_no_sign_of_life(topic: str, payload: bytes) -> None:
    report = parse(topic, payload, retain=True)
    devices: list[GatewayReport | DataloggerReport] = [*report.gateways, *report.dataloggers]
    assert [(device.availability, device.alive) for device in devices] == [(Availability.OFFLINE, False)]


def test_a_gateway_that_lists_dataloggers_proves_none_of_them_alive() -> None:
    report = parse(GATEWAY, {"dataloggers": [{"serial_number": "all_1", "status": "online"}, "all_2"]})
    assert report.gateways[0].alive
    assert [(d.serial, d.alive) for d in report.dataloggers] == [("all_1", False), ("all_2", False)]


def test_one_nameless_datalogger_in_a_list_costs_only_itself() -> None:
    report = parse(GATEWAY, {"dataloggers": [{"status": "online"}, "all_2", 7]})
    assert [datalogger.serial for datalogger in report.dataloggers] == ["all_2"]
    assert [problem.path for problem in report.problems] == ["dataloggers[0].serial_number", "dataloggers[2]"]


def test_what_stands_at_the_top_wins_over_the_system_object() -> None:
    gateway = parse(
        GATEWAY, {"hostname": "new", "system": {"hostname": "old", "disk_free": 1}, "disk_free": 2}
    ).gateways[0]
    assert gateway.addresses == {"hostname": "new"}
    assert gateway.metadata == {"disk_free": 2}


def test_a_load_that_is_no_number_costs_only_itself() -> None:
    report = parse(
        GATEWAY, b'{"system": {"cpu_load_percent": NaN, "ram_free_mb": 5}, "ip_address": 7, "dataloggers": [7]}'
    )
    assert report.gateways[0].metadata == {"ram_free_mb": 5}
    assert [(p.path, p.reason.split(":")[0]) for p in report.problems] == [
        ("ip_address", "schema"),
        ("dataloggers[0]", "schema"),
        ("system.cpu_load_percent", "number_range"),
    ]


def test_further_keys_are_kept_within_bounds() -> None:
    further = {
        "deep": [[[[[[[1]]]]]]],
        "long": "x" * 1_001,
        "big": 2**63,
        "wide": [0] * 300,
        "\u202e": 1,
        "fits": "x" * 1_000,
    }
    report = parse(GATEWAY, further | {f"k{i}": i for i in range(100)})
    metadata = report.gateways[0].metadata
    assert "fits" in metadata
    assert len(metadata) == 64
    assert [problem.path for problem in report.problems] == ["deep", "long", "big", "wide", '["\\u202e"]', "…"]


@pytest.mark.parametrize("quality", list(Quality))
def test_every_quality_word_is_understood(quality: Quality) -> None:
    message = {"sensors_last_data": {"t1": {"value": 1, "quality": quality.upper()}}}
    assert parse(HEARTBEAT, message).dataloggers[0].sensors[0].quality is quality


def test_an_unknown_quality_word_is_never_taken_for_good() -> None:
    report = parse(HEARTBEAT, {"sensors_last_data": {"t1": {"value": 1, "quality": "splendid"}, "t2": {"value": 2}}})
    assert [sensor.key for sensor in report.dataloggers[0].sensors] == ["t2"]
    assert [problem.path for problem in report.problems] == ["sensors_last_data.t1.quality"]


def test_a_heartbeat_is_a_sign_of_life_even_when_none_of_its_readings_can_be_read() -> None:
    report = parse(HEARTBEAT, {"sensors_last_data": {"t1": 22.5}})
    assert report.dataloggers[0].alive
    assert report.problems[0].path == "sensors_last_data.t1"
    assert report.gateways == ()


def test_a_device_with_channels_and_a_sensor_stand_side_by_side() -> None:
    sensors = [
        {"serial_number": "MNA9", "data": [{"channel": "acc00", "value": 1}, {"channel": "acc01", "value": "x"}]}
    ]
    message = {
        "dataloggers": [{"serial_number": "all_1", "sensors_data": [*sensors, {"device_name": "t1", "value": 2}]}]
    }
    report = parse(AGGREGATED, message)
    assert [(d.serial, [s.key for s in d.sensors]) for d in report.dataloggers] == [
        ("all_1", ["t1"]),
        ("MNA9", ["acc00"]),
    ]
    assert [problem.path for problem in report.problems] == ["dataloggers[0].sensors_data[0].data[1].value"]


def test_a_device_whose_every_reading_is_bad_has_still_been_heard() -> None:
    message = telemetry([1.0])
    broken = {"serial_number_device": "MNA1", "data": [{"type": "ch1", "value": None}]}
    message["dataloggers"] = [*message["dataloggers"], {"devices": [broken]}]  # type: ignore[misc]
    assert parse(TELEMETRY, message).dataloggers[1].alive


def test_a_listed_device_with_channels_is_heard_only_where_it_has_readings_good_or_bad() -> None:
    def alive(*data: dict[str, object]) -> list[bool]:
        entry = {"serial_number": "all_1", "sensors_data": [{"serial_number": "MNA9", "data": data}]}
        return [d.alive for d in parse(AGGREGATED, {"dataloggers": [entry]}).dataloggers]

    assert alive() == [True, False]
    assert alive({"channel": "acc00", "value": 1}) == [True, True]
    assert alive({"channel": "acc00", "value": None}) == [True, True]


def test_an_aggregated_status_without_one_good_datalogger_fails_whole() -> None:
    with pytest.raises(ParseError, match=r"schema: dataloggers\[0\].serial_number: Field required \(and 1 more\)"):
        parse(AGGREGATED, {"dataloggers": [{"status": "running"}, 7]})


def test_the_site_in_a_topic_is_any_site() -> None:
    assert parse("elsewhere/gateway/9/status", {}).gateways[0].serial == "elsewhere-gateway_9"
