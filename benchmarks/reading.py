"""What people wait for: a page of a long list of devices, and a chart of a year."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from benchmarks import field
from benchmarks.figures import Bound, Figure, number, percentile
from benchmarks.system import System
from benchmarks.throughput import rolled_up

Say = Callable[[str], None]

DEVICES, POINTS = 20_000, 1_500

MAKE_DEVICES = """
INSERT INTO sites_datalogger (site_id, serial, kind, status, last_seen_at, interval_s)
SELECT s.id, 'MAS' || to_char(n, 'FM00000'), (ARRAY['adaq', 'monstro'])[1 + n %% 2],
    (ARRAY['online', 'offline', 'unknown'])[1 + n %% 3], now() - n * interval '1 second', 60
FROM generate_series(1, %s) n JOIN sites_site s ON s.slug = 'list_' || to_char(1 + n %% %s, 'FM0000')
"""
MAKE_SENSOR = """
INSERT INTO sites_sensor (datalogger_id, key, kind, unit, components, latest_quality)
SELECT id, %s, 'channel', 'mm', '{value}', 'good' FROM sites_datalogger WHERE serial = 'MAS00001' RETURNING id
"""
MAKE_DAYS = """
INSERT INTO sites_reading (sensor_id, time, received_at, values, quality)
SELECT id, t, t, ARRAY[20 + 5 * sin(extract(epoch FROM t)::float8 / 86400)], 'good'
FROM generate_series(now() - %s * interval '1 day', now(), '1 minute') t, unnest(%s::bigint[]) id ORDER BY t, id
"""
# Pages so empty that a few neighbours leave a sensor no two rows on one, as two hundred do in life.
SPREAD = """
DO $$ DECLARE part regclass; BEGIN
FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent IN ('sites_reading'::regclass, 'sites_rollup'::regclass)
LOOP EXECUTE 'ALTER TABLE ' || part || ' {} '; END LOOP; END $$
"""
NEIGHBOURS = [-number for number in range(1, 8)]  # of no datalogger


def measure(at: System, times: int, days: int, say: Say, *, spread: bool) -> list[Figure]:
    """Each request `times` times, through the web process, as a program would make it.

    days: of the chart, as many as make its buckets an hour or wider. spread: also among others.
    """
    sites = 10
    with field.sites(at, sites, "list", connected=False), _rest(at) as rest:
        say(f"{DEVICES:,} devices and {days * 1_440:,} readings")
        at.query(MAKE_DEVICES, [DEVICES, sites])
        at.query("VACUUM ANALYZE")
        page = {"status": "online", "kind": "adaq", "sort": "-last_seen_at", "limit": 100, "offset": 200}
        listed = _timed(rest, "/dataloggers/", page, times)
        found = _timed(rest, "/dataloggers/", {"search": "99", "sort": "-status_since", "limit": 100}, times)
        lists = max(listed, found, key=lambda one: percentile(one, 0.95))
        figures = [_figure(f"device list of {DEVICES:,}, filter and sort, p95", lists, 150)]
        figures.append(_charted(at, rest, "alone", [], times, days))
        if spread:
            say(f"{days * 1_440:,} readings, each on a page of its own")
            at.query(SPREAD.format("SET (fillfactor = 10)"))
            figures.append(_charted(at, rest, "among others", NEIGHBOURS, times, days))
            at.query(SPREAD.format("RESET (fillfactor)"))
    return figures


def _charted(at: System, rest: httpx.Client, name: str, others: list[int], times: int, days: int) -> Figure:
    """A chart of a new sensor, from readings and then from rollups."""
    sensor = at.value(MAKE_SENSOR, [name])
    at.query(MAKE_DAYS, [days, [sensor, *others]])
    at.query("TRUNCATE sites_rollup, sites_rollupedge")  # beat takes three minutes to begin again
    at.query("VACUUM ANALYZE sites_reading")
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(days=days)).isoformat(), "to": now.isoformat(), "points": POINTS}
    path = f"/sensors/{sensor}/readings"
    before = _timed(rest, path, span, max(times // 10, 3))
    rolled_up(at)
    at.query("VACUUM ANALYZE sites_rollup")
    figure = _figure(
        f"chart of {days} days of minutes, {name}, {POINTS:,} points, p95", _timed(rest, path, span, times), 200
    )
    return replace(figure, details=f"{figure.details}; from readings p50 {number(percentile(before, 0.5))} ms")


def _rest(at: System) -> httpx.Client:
    headers = {"Authorization": f"Bearer {at.ready['token']}"}
    return httpx.Client(base_url=at.ready["url"] + "/api/v1", headers=headers, timeout=60)


def _timed(rest: httpx.Client, path: str, parameters: dict[str, Any], times: int) -> list[float]:
    """Milliseconds of each request, after a first one that nobody counts."""
    took = []
    for _ in range(times + 1):
        began = time.perf_counter()
        rest.get(path, params=parameters).raise_for_status()
        took.append(1000 * (time.perf_counter() - began))
    return took[1:]


def _figure(name: str, took: list[float], target: float) -> Figure:
    details = f"p50 {number(percentile(took, 0.5))} ms, {len(took)} requests"
    return Figure(name, percentile(took, 0.95), "ms", Bound.AT_MOST, target, details)
