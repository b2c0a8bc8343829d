"""Prints what the screens cost at their limits: `make measure`, on a machine at rest."""

import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.e2e.stage import furnish, perform, shell, standing

TOPICS = 50_000
POINTS = 60_480  # a week at 10 s

MAKE_SITES = """
from sites.models import Site
Site.objects.bulk_create(Site(name=f"Crowd {n}", slug=f"crowd_{n}") for n in range(1, 501))
"""
MAKE_TOPICS = """
INSERT INTO mqtt_app_discoveredtopic (site_id, topic_path, topic_pattern, first_seen_at, last_seen_at, sampled_at,
    message_count, sample_payload, is_processable, processor_name)
SELECT %(site)s, format('crowd/area_%%s/d%%s/%%s', n %% 50, lpad((n / 5)::text, 5, '0'),
        (ARRAY['telemetry', 'status', 'heartbeat', 'config', 'log'])[n %% 5 + 1]), '', now() - n * interval '1 second',
    now(), now(), n, '{}', false, ''
FROM generate_series(1, %(topics)s) n
"""
MAKE_WEEK = """
INSERT INTO sites_sensor (datalogger_id, key, kind, unit, components, latest_values, latest_time, latest_received_at,
    latest_quality)
SELECT id, 'accelerometer', 'accelerometer', 'g', '{x,y,z}', '{0,0,0}', now(), now(), 'good'
FROM sites_datalogger WHERE site_id = %(site)s ORDER BY id LIMIT 1 RETURNING id, datalogger_id
"""
MAKE_READINGS = """
INSERT INTO sites_reading (sensor_id, time, received_at, values, quality)
SELECT %(sensor)s, now() - n * interval '10 seconds', now(), ARRAY[sin(n / 500.0), cos(n / 700.0), random()], 'good'
FROM generate_series(1, %(points)s) n
"""


def crowded(system: dict[str, Any]) -> dict[str, Any]:
    """Adds what is measured to the stage; returns how to find it."""
    found = furnish(system)
    shell(system, MAKE_SITES)
    with psycopg.connect(system["database_url"]) as connection:
        connection.execute(MAKE_TOPICS, {"site": found["crowd"], "topics": TOPICS})
        sensor, datalogger = connection.execute(MAKE_WEEK, {"site": found["crowd"]}).fetchone() or (0, 0)
        connection.execute(MAKE_READINGS, {"sensor": sensor, "points": POINTS})
    return found | {"week": datalogger}


def main() -> None:
    with standing() as system, tempfile.TemporaryDirectory() as folder:
        words = perform("measure", system | crowded(system), Path(folder))
    print(words)  # noqa: T201


if __name__ == "__main__":
    main()
