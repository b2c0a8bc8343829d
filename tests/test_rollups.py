"""Rollups: a long chart reads an hour as one row and says what the readings say, whenever they come and go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sites import charts, history, rollups
from sites.history import Reading
from sites.models import Reading as Row
from sites.models import Rollup, RollupEdge, Sensor, Site
from sites.upsert import query
from tests.rolling import DAY, EVENING, HOUR, NOON, Told, announce, counts, expected, furnished, read, roll, shown


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """What another test's database said is forgotten."""
    rollups.forget()
    yield
    rollups.forget()


@pytest.fixture
def sensor(db: None) -> Sensor:
    return furnished()


minutes = st.integers(0, 48 * 60).map(lambda number: NOON + timedelta(minutes=number))
vectors = st.lists(st.floats(-1e3, 1e3), max_size=3).map(tuple)
reports = st.dictionaries(minutes, vectors, max_size=30)
steps = st.lists(
    st.tuples(st.just("read"), reports) | st.tuples(st.just("roll"), minutes) | st.tuples(st.just("trim"), minutes),
    max_size=8,
)


@given(steps=steps, start=minutes, span=st.timedeltas(timedelta(minutes=1), 2 * DAY), points=st.integers(2, 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_chart_from_rollups_says_what_the_readings_say(
    sensor: Sensor, steps: list[tuple[str, Any]], start: datetime, span: timedelta, points: int
) -> None:
    for model in (Row, Rollup, RollupEdge):
        model.objects.all().delete()
    Site.objects.update(readings_keep_days=1)
    rollups.forget()
    told: Told = {}
    for step, what in steps:
        if step == "read":
            history.append([Reading(sensor.pk, moment, moment, values, "good") for moment, values in what.items()])
            told |= what
        elif step == "roll":
            roll(what)
        else:
            history.trim(what + DAY, 7)
            told = {moment: values for moment, values in told.items() if moment >= rollups.hour(what)}
    chart = charts.thin(sensor, start, start + span, points)
    assert shown(chart) == expected(told, start, start + span, timedelta(seconds=chart["bucket_s"]))


@given(
    start=st.integers(0, 32_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    span=st.timedeltas(timedelta(microseconds=1), timedelta(days=36_525)),
    points=st.integers(2, 5_000),
)
def test_buckets_of_an_hour_and_wider_are_whole_hours(start: datetime, span: timedelta, points: int) -> None:
    grid = charts.grid(start, start + span, points, None)
    assert grid.width < HOUR or grid.width % HOUR == timedelta(0)
    first, last = charts.whole_hours(start, start + span)
    assert start <= first <= last <= start + span
    assert (last - first) % HOUR == timedelta(0)


def test_an_hour_that_is_rolled_up_is_read_as_one_row(sensor: Sensor) -> None:
    read(sensor, *(NOON + timedelta(minutes=n) for n in range(150)))
    assert roll(NOON + timedelta(hours=2, minutes=30))["hours"] > 1
    query("DELETE FROM sites_reading WHERE time < %s", [NOON + 2 * HOUR])
    assert counts(sensor) == [60, 60, 30, 0]
    assert list(Rollup.objects.values_list("time", "readings", "counts")) == [
        (NOON, 60, [60, 60, 60]),
        (NOON + HOUR, 60, [60, 60, 60]),
    ]


def test_an_hour_waits_for_its_stragglers_and_for_those_who_remember_an_older_edge(sensor: Sensor) -> None:
    read(sensor, NOON)
    assert roll(NOON + HOUR + timedelta(minutes=14)) == {"hours": 1, "stale": 0}  # there was nothing before
    rollups.announce(NOON + HOUR + timedelta(minutes=15))
    rollups.forget()
    assert rollups.roll(NOON + 2 * HOUR) == {"hours": 0, "stale": 0}
    assert not Rollup.objects.exists()
    announce(NOON + HOUR)
    assert rollups.roll(NOON + HOUR)["hours"] == 1
    assert Rollup.objects.get().readings == 1


def test_a_worker_whose_clock_is_ahead_rolls_up_no_hour_that_is_not_over(sensor: Sensor) -> None:
    roll(timezone.now() + 3 * DAY)
    assert RollupEdge.objects.get().announced <= timezone.now()


def test_a_late_reading_shows_at_once_and_its_hour_is_rolled_up_anew(sensor: Sensor) -> None:
    read(sensor, NOON)
    roll(EVENING)
    read(sensor, NOON + timedelta(minutes=1), NOON + 2 * HOUR)
    assert counts(sensor) == [2, 0, 1, 0]
    assert roll(EVENING) == {"hours": 0, "stale": 2}
    assert not Rollup.objects.filter(is_stale=True).exists()
    query("DELETE FROM sites_reading")
    assert counts(sensor) == [2, 0, 1, 0]


def test_a_reading_that_is_merged_over_another_counts_instead_of_it(sensor: Sensor) -> None:
    read(sensor, NOON)
    roll(EVENING)
    for _ in range(2):
        read(sensor, NOON, values=(7.0,))
        chart = charts.thin(sensor, NOON, NOON + HOUR, 2)
        assert (chart["series"][0]["max"][0], chart["series"][1]["max"][0]) == (7.0, None)
        roll(EVENING)


def test_absurdly_large_readings_do_not_spoil_a_rollup(sensor: Sensor) -> None:
    for moment, value in ((NOON, 1.7e308), (NOON + timedelta(minutes=1), 1.7e308), (NOON + HOUR, -1.7e308)):
        read(sensor, moment, values=(value,))
    roll(EVENING)
    x = charts.thin(sensor, NOON, NOON + 2 * HOUR, 2)["series"][0]
    assert (x["min"][0], x["max"][0]) == (-1.7e308, 1.7e308)


def test_readings_that_are_in_time_ask_nothing_and_the_edge_is_asked_once_a_minute(sensor: Sensor) -> None:
    roll(EVENING)
    for number in range(5):
        read(sensor, EVENING + timedelta(seconds=number))
    assert rollups._edge.cache_info().misses <= 2  # the minute may turn
    assert not Rollup.objects.exists()


def test_rollups_go_with_the_sensor_and_with_the_readings(sensor: Sensor) -> None:
    history.make_partitions(EVENING, timedelta(days=30))
    read(sensor, NOON, NOON - timedelta(days=3))
    roll(EVENING)
    assert Rollup.objects.count() == 2
    assert "sites_reading_202502" in history.drop_partitions(EVENING, DAY)
    assert "sites_rollup_202502" not in history.partitions("sites_rollup")
    assert [one.time for one in Rollup.objects.all()] == [NOON]
    sensor.datalogger.site.delete()
    assert not Rollup.objects.exists()


def test_rollups_go_with_the_readings_of_a_site_that_keeps_them_shorter(sensor: Sensor) -> None:
    read(sensor, *(NOON + n * timedelta(minutes=20) for n in range(9)))
    roll(EVENING)
    Site.objects.update(readings_keep_days=1)
    assert history.trim(NOON + timedelta(days=1, hours=1, minutes=50), 2) == 3
    assert counts(sensor) == [0, 3, 3, 0]
    assert [one.time for one in Rollup.objects.order_by("time")] == [NOON + HOUR, NOON + 2 * HOUR]


def test_a_run_that_is_cut_off_is_gone_on_with(sensor: Sensor) -> None:
    read(sensor, *(NOON + n * HOUR for n in range(10)))
    announce(EVENING)
    assert [rollups._roll_hour(EVENING - HOUR) for _ in range(4)] == [True] * 4  # the first finds where history begins
    assert RollupEdge.objects.get().rolled == NOON + 3 * HOUR
    assert rollups.roll(EVENING, 60)["hours"] == 8
    assert RollupEdge.objects.get().rolled == EVENING - HOUR
    assert Rollup.objects.count() == 10


TIME_INDEXES = """
SELECT count(*), count(*) FILTER (WHERE i.indisvalid AND a.amname = 'brin') FROM pg_partition_tree('sites_reading') t
LEFT JOIN pg_index i ON i.indrelid = t.relid AND NOT i.indisunique
LEFT JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_am a ON a.oid = c.relam
"""


def test_each_partition_tells_where_an_hour_lies(sensor: Sensor) -> None:
    history.make_partitions(EVENING + timedelta(days=900), DAY)
    parts, indexed = query(TIME_INDEXES)[0]
    assert parts == indexed > 3
