"""A chart of any length is thinned by the database, and its gaps are the data's own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sites import charts
from sites.models import Reading, Role, Sensor
from tests import rows

NOON = datetime(2025, 11, 25, 12, tzinfo=UTC)


def stored(sensor: Sensor, *readings: tuple[float, list[float]]) -> None:
    """Readings at seconds after noon."""
    moments = [(NOON + timedelta(seconds=seconds), values) for seconds, values in readings]
    Reading.objects.bulk_create([rows.reading(sensor, time, *values) for time, values in moments])


@pytest.fixture
def sensor(db):
    return rows.furnished().sensor


def test_each_bucket_tells_least_mean_most_and_how_many_per_component(sensor):
    stored(sensor, (0, [1, 10, -1]), (10, [2, 20, -2]), (59, [6, 30, -3]), (60, [100, 0, 0]))
    chart = charts.thin(sensor, NOON, NOON + timedelta(minutes=2), 3)
    assert chart["bucket_s"] == 60
    assert chart["time"] == [NOON.timestamp(), NOON.timestamp() + 60]
    assert chart["count"] == [3, 1]
    assert chart["series"] == [
        {"component": "x", "min": [1, 100], "avg": [3, 100], "max": [6, 100]},
        {"component": "y", "min": [10, 0], "avg": [20, 0], "max": [30, 0]},
        {"component": "z", "min": [-3, 0], "avg": [-2, 0], "max": [-1, 0]},
    ]
    assert (chart["sensor"], chart["unit"], chart["components"]) == (sensor.pk, "g", ["x", "y", "z"])


def test_a_silence_is_null_and_every_bucket_of_the_range_is_there(sensor):
    stored(sensor, (0, [1, 1, 1]), (300, [2, 2, 2]))
    chart = charts.thin(sensor, NOON, NOON + timedelta(minutes=10), 11)
    assert chart["count"] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert chart["series"][0]["avg"] == [1, None, None, None, None, 2, None, None, None, None]
    assert len(chart["time"]) == 10


def test_the_range_takes_its_start_and_leaves_its_end(sensor):
    stored(sensor, (-1, [9, 9, 9]), (0, [1, 1, 1]), (60, [9, 9, 9]))
    assert sum(charts.thin(sensor, NOON, NOON + timedelta(minutes=1), 100)["count"]) == 1


def test_a_device_that_keeps_its_interval_has_no_gap_however_closely_one_looks(sensor):
    late = [0, 0.4, -0.3, 0.2, -0.4]
    stored(sensor, *((5 * n + late[n % 5] + 1, [n, n, n]) for n in range(120)))
    chart = charts.thin(sensor, NOON, NOON + timedelta(seconds=600), 5_000)
    assert chart["bucket_s"] == 10
    assert 0 not in chart["count"]
    assert sum(chart["count"]) == 120


def test_without_a_declared_interval_the_points_decide_down_to_a_millisecond(sensor):
    sensor.datalogger.interval_s = None
    stored(sensor, (0, [1, 1, 1]), (0.5, [2, 2, 2]))
    chart = charts.thin(sensor, NOON, NOON + timedelta(seconds=1), 5)
    assert (chart["bucket_s"], chart["count"]) == (0.25, [1, 0, 1, 0])


def test_a_reading_that_lacks_a_component_leaves_the_others(sensor):
    stored(sensor, (0, [1]), (1, [3, 5, 7]))
    series = charts.thin(sensor, NOON, NOON + timedelta(minutes=1), 2)["series"]
    assert [line["avg"] for line in series] == [[2], [5], [7]]


def test_absurdly_large_readings_do_not_spoil_the_chart(sensor):
    stored(sensor, (0, [1.7e308, 1, 1]), (1, [1.7e308, 1, 1]), (2, [-1.7e308, 1, 1]))
    x = charts.thin(sensor, NOON, NOON + timedelta(minutes=1), 2)["series"][0]
    assert (x["min"], x["max"]) == ([-1.7e308], [1.7e308])


def test_a_sensor_that_never_read_anything_has_an_empty_chart(sensor):
    silent = Sensor.objects.create(datalogger=sensor.datalogger, key="new")
    chart = charts.thin(silent, NOON, NOON + timedelta(minutes=1), 10)
    assert chart["series"] == []
    assert set(chart["count"]) == {0}


@given(
    start=st.integers(0, 32_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    span=st.timedeltas(timedelta(microseconds=1), timedelta(days=36_525)),
    points=st.integers(2, 5_000),
    interval=st.none() | st.floats(0, 1e6),
)
def test_a_grid_covers_its_range_with_no_more_buckets_than_points(start, span, points, interval):
    grid = charts.grid(start, start + span, points, interval)
    assert 1 <= grid.buckets <= points
    assert grid.first <= start < grid.first + grid.width
    assert grid.first + grid.buckets * grid.width >= start + span
    assert grid.place(start) == 0
    assert grid.place(start + span - timedelta(microseconds=1)) == grid.buckets - 1
    assert grid.width.total_seconds() >= 2 * (interval or 0)


def test_buckets_stay_where_they_are_while_the_range_moves_on():
    first = charts.grid(NOON, NOON + timedelta(hours=24), 1_500, None)
    second = charts.grid(NOON + timedelta(seconds=7), NOON + timedelta(hours=24, seconds=7), 1_500, None)
    assert first.width == second.width
    assert (second.first - first.first) % first.width == timedelta(0)


@pytest.mark.django_db
def test_the_chart_route_shows_the_last_day_unless_asked_otherwise():
    field = rows.furnished()
    client = rows.browser(rows.person("ada", Role.VIEWER, field.site))
    path = f"/api/v1/sensors/{field.sensor.pk}/readings"
    chart = client.get(path).json()
    assert list(chart) == ["sensor", "unit", "components", "from", "to", "bucket_s", "time", "count", "series"]
    start, end = (datetime.fromisoformat(chart[name]) for name in ("from", "to"))
    assert end - start == timedelta(hours=24)
    assert abs(end - timezone.now()) < timedelta(seconds=10)
    assert sum(chart["count"]) == 10
    assert 1_400 < len(chart["time"]) <= 1_500
    assert len(client.get(f"{path}?points=99999999&from=1970-01-02T00:00:00Z").json()["time"]) <= 5_000
    assert len(client.get(f"{path}?from=1970-01-02T00:00:00Z&points=2").json()["time"]) <= 2


@pytest.mark.django_db
def test_a_chart_costs_one_query_over_the_readings(django_assert_num_queries):
    field = rows.furnished()
    sensor = Sensor.objects.select_related("datalogger").get()
    with django_assert_num_queries(1):
        charts.thin(sensor, timezone.now() - timedelta(hours=1), timezone.now(), 100)
    assert field.sensor == sensor
