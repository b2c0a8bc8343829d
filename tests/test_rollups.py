"""Rollups: a long chart reads an hour as one row and says what the readings say, whenever they come and go."""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sites import charts, history, rollups
from sites.history import Reading
from sites.models import Reading as Row
from sites.models import Rollup, RollupEdge, Sensor, Site
from sites.upsert import query
from tests import rows

NOON = datetime(2025, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVENING = NOON + timedelta(hours=12)


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """What another test's database said is forgotten."""
    rollups.forget()
    yield
    rollups.forget()


@pytest.fixture
def sensor(db: None) -> Sensor:
    return furnished()


def furnished() -> Sensor:
    found: Sensor = rows.furnished().sensor
    Row.objects.all().delete()
    return found


def announce(now: datetime) -> None:
    """As if it had been announced an hour ago: nobody remembers an older edge."""
    rollups.announce(now)
    query("UPDATE sites_rollupedge SET since = since - interval '1 hour'")
    rollups.forget()


def roll(now: datetime) -> dict[str, int]:
    announce(now)
    return rollups.roll(now, 60)


def read(sensor: Sensor, *moments: datetime, values: tuple[float, ...] = (1.0, 2.0, 3.0)) -> None:
    history.append([Reading(sensor.pk, moment, moment, values, "good") for moment in moments])


def counts(sensor: Sensor, start: datetime = NOON, hours: int = 4) -> list[int]:
    """How many readings a chart by the hour shows."""
    chart = charts.thin(sensor, start, start + hours * HOUR, hours + 1)
    assert chart["bucket_s"] == 3_600
    counted: list[int] = chart["count"]
    return counted


Told = dict[datetime, tuple[float, ...]]


def expected(told: Told, start: datetime, end: datetime, width: timedelta) -> dict[datetime, list[Any]]:
    """What a chart must show in each bucket: how many readings, and of each component least, mean and most."""
    buckets: dict[datetime, list[tuple[float, ...]]] = {}
    for moment, values in told.items():
        if start <= moment < end:
            buckets.setdefault(moment - (moment - rollups.EPOCH) % width, []).append(values)
    return {bucket: [len(found), *(_line(found, n) for n in range(3))] for bucket, found in buckets.items()}


def _line(found: list[tuple[float, ...]], n: int) -> tuple[float, float, float] | None:
    numbers = [values[n] for values in found if len(values) > n]
    return (min(numbers), math.fsum(numbers) / len(numbers), max(numbers)) if numbers else None


def shown(chart: dict[str, Any]) -> dict[datetime, list[Any]]:
    found: dict[datetime, list[Any]] = {}
    for place, count in enumerate(chart["count"]):
        lines = [tuple(line[column][place] for column in charts.COLUMNS) for line in chart["series"]]
        if count:
            bucket = datetime.fromtimestamp(chart["time"][place], UTC)
            found[bucket] = [count, *(None if line[0] is None else pytest.approx(line) for line in lines)]
    return found


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


# Two connections: what one does while the other has not committed.


@contextmanager
def elsewhere(work: Callable[[], None], *, wait_for: str = "") -> Iterator[Callable[[], None]]:
    """Do the work in a transaction of another connection, which stays open until it is told to commit.

    wait_for: instead of its end, what PostgreSQL says the work is waiting for.
    """
    done, may_end = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with transaction.atomic():
                work()
                done.set()
                may_end.wait(30)
        except BaseException as error:  # noqa: BLE001  # told to the test
            failures.append(error)
        finally:
            done.set()
            connection.close()

    def commit() -> None:
        may_end.set()
        thread.join(30)
        assert not failures

    thread = threading.Thread(target=run)
    thread.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = %s AND datname = current_database()"
    while not done.wait(0.02) and not (wait_for and query(waiting, [wait_for])):
        assert thread.is_alive()
    try:
        yield commit
    finally:
        may_end.set()
        thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_a_rollup_waits_for_a_transaction_that_did_not_know_of_it() -> None:
    sensor = furnished()
    read(sensor, NOON)
    with elsewhere(lambda: read(sensor, NOON + timedelta(minutes=1))) as commit:
        announce(EVENING)
        assert rollups.roll(EVENING, 0.2)["hours"] == 0
        assert RollupEdge.objects.get().rolled is None
        commit()
    assert rollups.roll(EVENING, 60)["hours"] > 1
    assert Rollup.objects.get().readings == 2
    assert counts(sensor) == [2, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("minute", [0, 1])
def test_a_late_reading_shows_from_its_commit_on_whether_rolled_up_meanwhile_or_not(minute: int) -> None:
    sensor = furnished()
    read(sensor, NOON)
    announce(EVENING)
    assert rollups.roll(EVENING, 60)["hours"] > 1
    late = NOON + timedelta(minutes=minute)  # over the one that is known, or beside it
    with elsewhere(lambda: read(sensor, late, values=(9.0,))) as commit:
        assert rollups.roll(EVENING, 60)["stale"] == 0
        assert charts.thin(sensor, NOON, NOON + HOUR, 2)["series"][0]["max"] == [1.0]
        commit()
        for stale in (1, 0):
            assert charts.thin(sensor, NOON, NOON + HOUR, 2)["series"][0]["max"] == [9.0]
            assert rollups.roll(EVENING, 60)["stale"] == stale
    assert counts(sensor) == [1 + minute, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [False, True])
def test_a_late_reading_during_a_rollup_of_its_hour_is_not_missed(again: bool) -> None:
    sensor = furnished()
    read(sensor, NOON)
    announce(EVENING)
    if again:
        assert rollups.roll(EVENING, 60)["hours"] > 1
        read(sensor, NOON + timedelta(minutes=1))
    else:
        rollups._roll_hour(NOON + HOUR)  # where history begins
    with ExitStack() as stack:
        with transaction.atomic():
            assert rollups._roll_anew() == 1 if again else rollups._roll_hour(NOON + HOUR)
            late = elsewhere(lambda: read(sensor, NOON + timedelta(minutes=2)), wait_for="Lock")
            commit = stack.enter_context(late)
        commit()
    assert Rollup.objects.get().is_stale
    assert counts(sensor) == [2 + again, 0, 0, 0]
    rollups.roll(EVENING, 60)
    assert not Rollup.objects.get().is_stale
    assert counts(sensor) == [2 + again, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_a_second_run_leaves_the_work_to_the_first() -> None:
    sensor = furnished()
    read(sensor, NOON)
    announce(EVENING)
    with elsewhere(lambda: query("SELECT 1 FROM sites_rollupedge FOR UPDATE")) as commit:
        assert rollups._roll_hour(EVENING) is False
        commit()
    assert rollups._roll_hour(EVENING) is True


def differs(sensor: Sensor) -> str:
    """How a chart differs from the readings, both as one instant sees them."""
    with transaction.atomic():
        query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        chart = charts.thin(sensor, NOON, EVENING, 13)
        told = dict(Row.objects.filter(sensor=sensor).values_list("time", "values"))
        right = expected(told, NOON, EVENING, HOUR)
        return "" if shown(chart) == right else f"{shown(chart)} instead of {right}"


@pytest.mark.django_db(transaction=True)
def test_no_chart_ever_misses_a_committed_reading_while_many_write_and_roll_up() -> None:
    sensor = furnished()
    read(sensor, NOON)
    announce(EVENING + HOUR)
    stop, failures, charts_seen = threading.Event(), list[str](), 0

    def until_stopped(work: Callable[[Random], None], seed: int) -> Callable[[], None]:
        def run() -> None:
            chance = Random(seed)
            try:
                while not stop.is_set():
                    work(chance)
            except Exception as error:  # noqa: BLE001  # told to the test
                failures.append(repr(error))
            finally:
                connection.close()

        return run

    def write(chance: Random) -> None:
        moments = {NOON + timedelta(minutes=chance.randrange(720)) for _ in range(chance.randrange(1, 6))}
        with transaction.atomic():
            read(sensor, *moments, values=(chance.random(),))

    works = [until_stopped(write, 1), until_stopped(write, 2)]
    works += [until_stopped(lambda _: void(rollups.roll(EVENING, 0.05)), seed) for seed in (3, 4)]
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    while charts_seen < 150 and not failures:
        charts_seen += 1
        if words := differs(sensor):
            failures.append(words)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert failures == []
    rollups.roll(EVENING, 60)
    assert not Rollup.objects.filter(is_stale=True).exists()
    assert differs(sensor) == ""


def void(_: object) -> None:
    pass
