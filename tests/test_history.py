"""History: a reading counts once, at a time that can be believed, in the partition of its month."""

from datetime import UTC, datetime, timedelta

import pytest

from sites import history
from sites.history import Reading
from sites.models import Reading as Row
from sites.reports import Quality
from sites.upsert import query

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEEP = timedelta(days=400)


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (None, (NOON, Quality.GOOD, None)),
        (NOON - timedelta(hours=1), (NOON - timedelta(hours=1), Quality.GOOD, None)),
        (NOON + timedelta(minutes=9), (NOON + timedelta(minutes=9), Quality.GOOD, None)),
        (NOON + timedelta(minutes=11), (NOON, Quality.QUESTIONABLE, NOON + timedelta(minutes=11))),
        (NOON - timedelta(days=401), (NOON, Quality.QUESTIONABLE, NOON - timedelta(days=401))),
    ],
)
def test_a_claimed_time_counts_while_it_can_be_believed(
    claimed: datetime | None, expected: tuple[datetime, Quality, datetime | None]
) -> None:
    assert history.settle(claimed, NOON, Quality.GOOD, KEEP) == expected


def test_a_bad_reading_with_a_wrong_clock_stays_bad() -> None:
    assert history.settle(NOON + timedelta(days=1), NOON, Quality.BAD, KEEP)[1] is Quality.BAD


def partition_of(time: datetime) -> str:
    return str(query("SELECT tableoid::regclass FROM sites_reading WHERE time = %s", [time])[0][0])


def test_a_reading_lands_in_the_partition_of_its_month_and_otherwise_in_default() -> None:
    history.make_partitions(NOON, KEEP)
    inside, outside = NOON - timedelta(days=90), NOON + timedelta(days=900)
    history.append([Reading(1, at, NOON, (1.0,), "good") for at in (inside, outside)])
    assert partition_of(inside) == "sites_reading_202512"
    assert partition_of(outside) == "sites_reading_default"


def test_readings_that_waited_in_default_move_into_their_partition_once_it_is_made() -> None:
    far = NOON + timedelta(days=900)
    history.append([Reading(1, far, NOON, (1.0,), "good")])
    assert "sites_reading_202808" in history.make_partitions(far, timedelta(days=1))
    assert partition_of(far) == "sites_reading_202808"
    assert history.make_partitions(far, timedelta(days=1)) == []


def test_a_database_that_is_migrated_back_has_its_partitions_all_the_same() -> None:
    query("DROP TABLE sites_rollup")
    assert "sites_reading_202808" in history.make_partitions(NOON + timedelta(days=900), timedelta(days=1))


def test_partitions_are_dropped_when_their_last_reading_is_too_old() -> None:
    history.make_partitions(NOON, timedelta(days=70))
    history.append([Reading(1, NOON - timedelta(days=days), NOON, (1.0,), "good") for days in (10, 65)])
    before = set(history.partitions())
    dropped = set(history.drop_partitions(NOON, timedelta(days=20)))
    assert "sites_reading_202512" in dropped
    assert not any(name.endswith(("202602", "202603", "default")) for name in dropped)
    assert set(history.partitions()) == before - dropped
    assert Row.objects.count() == 1


def test_the_same_reading_twice_is_one_row_and_of_two_values_the_last_wins() -> None:
    for value in (1.0, 1.0, 2.0):
        history.append([Reading(1, NOON, NOON, (value,), "good")])
    history.append([Reading(2, NOON, NOON, (1.0,), "good"), Reading(2, NOON, NOON, (5.0,), "bad")])
    assert list(Row.objects.order_by("sensor_id").values_list("values", "quality")) == [([2.0], "good"), ([5.0], "bad")]


@pytest.mark.parametrize("others", [0, history.WORTH_COPY])
def test_a_reading_that_is_known_already_costs_none_of_the_new_ones_beside_it(others: int) -> None:
    history.append([Reading(1, NOON, NOON, (1.0,), "good")])
    claimed, later = datetime(1970, 1, 1, tzinfo=UTC), NOON + timedelta(microseconds=1)
    new = [Reading(1, later, NOON, (2.0, 3.0), "questionable", claimed), Reading(2, NOON, later, (4.0,), "good")]
    new += [Reading(3 + other, NOON, NOON, (5.0,), "good") for other in range(others)]
    history.append([*new, Reading(1, NOON, NOON, (1.0,), "good")])
    found = Row.objects.order_by("sensor_id", "time").values_list(
        "sensor_id", "time", "received_at", "values", "quality", "claimed_time"
    )
    assert [Reading(*row[:3], tuple(row[3]), *row[4:]) for row in found] == [
        Reading(1, NOON, NOON, (1.0,), "good"),
        *new,
    ]


@pytest.mark.parametrize("known", [False, True])
def test_history_is_the_same_whether_its_rows_are_copied_or_merged(known: bool) -> None:
    rows = [
        Reading(1, NOON, NOON - timedelta(days=30_000), (1.5, -0.0, 1e300), "good", None),
        Reading(2, NOON, NOON, (0.1,), "calibrating", datetime(2099, 12, 31, tzinfo=UTC)),
    ]
    (history.merge if known else history.copy)(rows)
    found = Row.objects.order_by("sensor_id").values_list(
        "sensor_id", "time", "received_at", "values", "quality", "claimed_time"
    )
    assert [Reading(*row[:3], tuple(row[3]), *row[4:]) for row in found] == rows


def test_values_keep_every_digit() -> None:
    values = (0.1 + 0.2, 1e-300, -0.0, 123456789.123456789)
    history.append([Reading(1, NOON, NOON, values, "good")])
    assert tuple(Row.objects.get().values) == values
