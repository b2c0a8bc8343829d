"""What waits for one socket: merged, in order, bounded."""

from typing import Any

import pytest

from mqtt_app.browsers.outbox import FRAME_LIMIT, Frame, Outbox


def loggers(site: int, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"type": "datalogger_update", "site_id": site, "dataloggers": list(entries)}


def logger(number: int, **sensors: float) -> dict[str, Any]:
    return {"id": number, "sensors": [{"id": key, "values": [value]} for key, value in sensors.items()]}


def fallen(kind: str, *ids: int) -> dict[str, Any]:
    return {"type": kind, "site_id": 1, "gateways": [], "dataloggers": [{"id": each} for each in ids]}


def drained(*events: dict[str, Any]) -> list[Frame]:
    outbox = Outbox()
    for event in events:
        outbox.put(event)
    return outbox.drain()


def test_the_newest_value_of_each_sensor_wins() -> None:
    [frame] = drained(loggers(1, logger(7, a=1, b=1)), loggers(1, logger(7, a=2)), loggers(1, logger(8, c=3)))
    seen = {
        entry["id"]: {sensor["id"]: sensor["values"] for sensor in entry["sensors"]}
        for entry in frame.data["dataloggers"]
    }
    assert seen == {7: {"a": [2], "b": [1]}, 8: {"c": [3]}}


def test_what_other_sockets_share_is_not_changed_by_merging() -> None:
    first = loggers(1, logger(7, a=1))
    drained(first, loggers(1, logger(7, a=2)))
    assert first == loggers(1, logger(7, a=1))


def test_sites_are_never_mixed_in_one_frame() -> None:
    frames = drained(loggers(1, logger(7, a=1)), loggers(2, logger(7, a=2)))
    assert [(frame.site_id, frame.data["dataloggers"][0]["sensors"][0]["values"]) for frame in frames] == [
        (1, [1]),
        (2, [2]),
    ]


def test_a_connection_has_one_status_and_it_is_the_last() -> None:
    first, last = ({"type": "mqtt_status", "site_id": 1, "status": word} for word in ("connecting", "connected"))
    assert drained(first, last) == [Frame("mqtt_status", 1, {"status": "connected"})]


@pytest.mark.parametrize(
    ("story", "end"),
    [
        (["sensor_offline", "sensor_online"], "sensor_online"),
        (["sensor_offline", "sensor_online", "sensor_offline"], "sensor_offline"),
        (["sensor_online", "sensor_offline", "sensor_online", "sensor_offline"], "sensor_offline"),
    ],
)
def test_whoever_reads_in_order_ends_with_the_truth_about_each_device(story: list[str], end: str) -> None:
    frames = drained(fallen("sensor_offline", 2), *(fallen(kind, 1) for kind in story))
    assert [frame.type for frame in frames if {"id": 1} in frame.data["dataloggers"]][-1] == end


def test_failures_of_one_kind_are_added_up() -> None:
    failure = {"parser": "telemetry", "reason": "json_invalid", "count": 3, "topic": "a"}
    failed = {"type": "parse_failed", "site_id": 1, "failures": [failure]}
    assert drained(failed, failed) == [Frame("parse_failed", 1, {"failures": [failure | {"count": 6}]})]


def test_what_waits_is_bounded_the_oldest_goes_and_it_is_said() -> None:
    outbox = Outbox(limit=10)
    for number in range(25):
        outbox.put(loggers(1, logger(number, a=number)))
    lagging, frame = outbox.drain()
    assert lagging == Frame("lagging", None, {"dropped": 15})
    assert [entry["id"] for entry in frame.data["dataloggers"]] == list(range(15, 25))
    assert outbox.drain() == []


def test_large_news_is_cut_into_frames() -> None:
    frames = drained(loggers(1, *(logger(number) for number in range(FRAME_LIMIT + 1))))
    assert [len(frame.data["dataloggers"]) for frame in frames] == [FRAME_LIMIT, 1]


def test_a_site_that_was_taken_from_the_reader_is_forgotten() -> None:
    outbox = Outbox()
    outbox.put(loggers(1, logger(7)))
    outbox.put(loggers(2, logger(8)))
    outbox.put({"type": "pong", "site_id": None})
    outbox.keep({2})
    assert [(frame.type, frame.site_id) for frame in outbox.drain()] == [("datalogger_update", 2), ("pong", None)]
