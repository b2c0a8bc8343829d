"""Rollups while others write: no chart misses a reading that was committed, and none is rolled up too early."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction

from sites import charts, rollups
from sites.models import Reading as Row
from sites.models import Rollup, RollupEdge, Sensor
from sites.upsert import query
from tests.rolling import EVENING, HOUR, NOON, announce, counts, expected, furnished, read, shown


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """What another test's database said is forgotten."""
    rollups.forget()
    yield
    rollups.forget()


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
