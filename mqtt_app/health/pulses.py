"""When the things that must keep happening last happened: reconcile, housekeeping, each queue's canary."""

import json
from typing import Any

from sites.upsert import query

BEAT = """
INSERT INTO mqtt_app_pulse AS p (name, at, detail) VALUES (%s, now(), %s)
ON CONFLICT (name) DO UPDATE SET at = now(), detail = excluded.detail
"""


def beat(name: str, detail: dict[str, Any] | None = None) -> None:
    """Write down that it happened, by the database's clock."""
    query(BEAT, [name, json.dumps(detail or {})])
