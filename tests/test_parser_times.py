"""Device times: which forms are understood, and what is no time at all."""

import pytest

from mqtt_app.parsers.base import ParseError
from tests.fieldwork import TELEMETRY, parse, telemetry


def read(claimed: object) -> str | None:
    report = parse(TELEMETRY, telemetry([1.0], timestamp=claimed))
    times = {sensor.time for sensor in report.dataloggers[0].sensors}
    assert len(times) == 1
    time = times.pop()
    return time.isoformat() if time else None


@pytest.mark.parametrize(
    ("claimed", "time"),
    [
        ("2026-03-02T08:15:30Z", "2026-03-02T08:15:30+00:00"),
        ("2026-03-02T08:15:30.250500Z", "2026-03-02T08:15:30.250500+00:00"),
        ("2026-03-02T08:15:30.123456789Z", "2026-03-02T08:15:30.123456+00:00"),
        ("2026-03-02T13:45:30+05:30", "2026-03-02T08:15:30+00:00"),
        ("2026-03-02T10:15:30+0200", "2026-03-02T08:15:30+00:00"),
        ("2026-03-02T09:15:30", "2026-03-02T08:15:30+00:00"),
        ("2026-07-02T10:15:30", "2026-07-02T08:15:30+00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
        (1772439330, "2026-03-02T08:15:30+00:00"),
        (1772439330.5, "2026-03-02T08:15:30.500000+00:00"),
        (1772439330500, "2026-03-02T08:15:30.500000+00:00"),
        ("1772439330", "2026-03-02T08:15:30+00:00"),
        (10, "1970-01-01T00:00:10+00:00"),
        ("2036-01-01T00:00:00Z", "2036-01-01T00:00:00+00:00"),
        (None, None),
    ],
    ids=str,
)
def test_a_time_is_read_as_what_the_device_claims(claimed: object, time: str | None) -> None:
    assert read(claimed) == time


@pytest.mark.parametrize(
    "claimed",
    [
        *("", "now", "infinity", "29/07/2019 21:14:42", True, [], -86_400, "1969-12-30T00:00:00Z"),
        *("2101-06-01T00:00:00Z", "9999-12-31T23:59:59", "0001-01-01T00:00:00", "+10000-01-01T00:00:00Z"),
        *(1e300, 1772439330500000, "9" * 300),
    ],
    ids=lambda claimed: str(claimed)[:30],
)
def test_what_is_no_time_between_1970_and_2100_is_refused(claimed: object) -> None:
    with pytest.raises(ParseError) as refusal:
        read(claimed)
    assert refusal.value.reason == "bad_ts"


def test_a_reading_of_its_own_time_keeps_it() -> None:
    data = [{"type": "ch1", "value": 1, "timestamp": "2026-03-02T08:00:00Z"}, {"type": "ch2", "value": 2}]
    message = telemetry(dataloggers=[{"devices": [{"serial_number_device": "A", "data": data}]}])
    times = [sensor.time for sensor in parse(TELEMETRY, message).dataloggers[0].sensors]
    assert [time and time.minute for time in times] == [0, 15]
