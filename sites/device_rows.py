"""The rows of gateways and dataloggers: what was learned of them is written, completed, or said of all behind one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings

from sites import presence
from sites.binary import Column, arrays
from sites.heard import DeviceKey, Known
from sites.models import OfflineReason, Presence
from sites.presence import State
from sites.upsert import query, unnest


class Change(NamedTuple):
    """A device whose presence this batch touched: its state before and after."""

    id: int
    site_id: int
    serial: str
    before: State
    after: State
    interval_s: float


TOUCH: Sequence[Column] = [
    ("id", "bigint"),
    ("status", "text"),
    ("reason", "text"),
    ("seen", "timestamptz"),
    ("interval_s", "double precision"),
    ("firmware", "text"),
    ("metadata", "text"),
    ("extra", "text"),
    ("gateway_id", "bigint"),
]

# A device that names a new key in each message begins anew before its row grows without end.
TOUCH_DEVICES = """
UPDATE {table} d
SET status = v.status, offline_reason = v.reason, last_seen_at = v.seen,
    status_since = CASE WHEN d.status = v.status THEN d.status_since ELSE now() END,
    interval_s = COALESCE(v.interval_s, d.interval_s), firmware = COALESCE(NULLIF(v.firmware, ''), d.firmware),
    metadata = CASE WHEN pg_column_size(d.metadata) > 65536 THEN '{{}}'::jsonb ELSE d.metadata END || v.metadata::jsonb,
    {own}
FROM {rows}
WHERE d.id = v.id
"""

OWN = {
    "sites_gateway": "addresses = d.addresses || v.extra::jsonb",
    "sites_datalogger": "kind = COALESCE(NULLIF(v.extra, ''), d.kind), "
    "gateway_id = COALESCE(v.gateway_id, d.gateway_id)",
}
"""What only this kind of device has; `extra` carries a gateway's addresses or a datalogger's kind."""


PACE = "COALESCE(d.interval_s, (SELECT interval_s FROM sites_site WHERE id = d.site_id))"
"""Looked up only for who promises nothing."""


def touch(
    table: str, ids: Mapping[Any, int], known: Mapping[DeviceKey, Known], gateway_ids: Mapping[Any, int]
) -> list[Change]:
    """Lock the devices by id, then write what was learned of them; returns each one's state before and after."""
    keys = {ids[key]: key for key in known}
    before = query(
        f"SELECT id, status, offline_reason, last_seen_at, {PACE} FROM {table} d "  # noqa: S608
        "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [sorted(keys)],
    )
    changes, rows = [], []
    for pk, status, reason, last_seen_at, interval in before:
        key = keys[pk]
        one = known[key]
        old = State(status, reason, last_seen_at)
        new = presence.after(old, one.seen, one.declared)
        changes.append(Change(pk, *key, old, new, one.interval or interval or settings.DEFAULT_INTERVAL_S))
        extra = json.dumps(one.addresses) if table == "sites_gateway" else one.kind
        gateway_id = gateway_ids.get((key[0], one.gateway))
        rows.append((pk, *new, one.interval, one.firmware, json.dumps(one.metadata), extra, gateway_id))
    if rows:
        sql = TOUCH_DEVICES.format(table=table, own=OWN[table], rows=unnest(TOUCH))
        query(sql, arrays(rows, TOUCH))
    return changes


MISSING: Sequence[Column] = [
    ("id", "bigint"),
    ("interval_s", "double precision"),
    ("firmware", "text"),
    ("metadata", "text"),
    ("extra", "text"),
    ("gateway_id", "bigint"),
]

COMPLETE = """
UPDATE {table} d
SET interval_s = COALESCE(d.interval_s, v.interval_s), firmware = COALESCE(NULLIF(d.firmware, ''), v.firmware),
    metadata = v.metadata::jsonb || d.metadata, {own},
    status = CASE WHEN {unheard} THEN 'offline' ELSE d.status END,
    offline_reason = CASE WHEN {unheard} THEN 'silent' ELSE d.offline_reason END
FROM {rows}
WHERE d.id = v.id
"""

UNHEARD = "d.last_seen_at IS NULL AND d.status = 'unknown' AND d.first_seen_at >= now()"
"""A device that only old messages know of is silent, and nobody is told: it did not fall. One that speaks says itself
which gateway it is behind: an old word would put it behind one that is not there."""

OWN_MISSING = {
    "sites_gateway": "addresses = v.extra::jsonb || d.addresses",
    "sites_datalogger": "kind = COALESCE(NULLIF(d.kind, ''), v.extra), "
    "gateway_id = CASE WHEN {unheard} THEN COALESCE(d.gateway_id, v.gateway_id) ELSE d.gateway_id END",
}


def complete(
    table: str, ids: Mapping[Any, int], known: Mapping[DeviceKey, Known], gateway_ids: Mapping[Any, int]
) -> None:
    """Lock the devices by id, then fill in what nobody has said of them since."""
    query(f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(ids.values())])  # noqa: S608
    rows = []
    for key, one in known.items():
        extra = json.dumps(one.addresses) if table == "sites_gateway" else one.kind
        gateway_id = gateway_ids.get((key[0], one.gateway))
        rows.append((ids[key], one.interval, one.firmware, json.dumps(one.metadata), extra, gateway_id))
    if rows:
        sql = COMPLETE.format(
            table=table, own=OWN_MISSING[table].format(unheard=UNHEARD), rows=unnest(MISSING), unheard=UNHEARD
        )
        query(sql, arrays(rows, MISSING))


FALLEN: Sequence[Column] = [("gateway_id", "bigint"), ("proof", "timestamptz")]

TAKE_DOWN = f"""
WITH behind AS (
    SELECT d.id, d.site_id, d.serial, d.status, d.offline_reason, d.last_seen_at, {PACE} AS interval_s
    FROM sites_datalogger d JOIN {unnest(FALLEN)} ON d.gateway_id = v.gateway_id
    WHERE d.status <> 'offline' AND (d.last_seen_at IS NULL OR d.last_seen_at <= v.proof)
    ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE sites_datalogger d SET status = 'offline', offline_reason = 'gateway', status_since = now()
FROM behind b WHERE d.id = b.id
RETURNING b.id, b.site_id, b.serial, b.status, b.offline_reason, b.last_seen_at, b.interval_s
"""  # noqa: S608


def take_down(changes: Sequence[Change], known: Mapping[DeviceKey, Known]) -> list[Change]:
    """Whoever is behind a gateway that declared itself and all of them offline, and was not heard since, is so too."""
    fallen = []
    for change in changes:
        declared = known[change.site_id, change.serial].declared
        is_down = known[change.site_id, change.serial].takes_down and change.after.status == Presence.OFFLINE
        if declared and is_down:
            fallen.append((change.id, declared.since or declared.at))
    rows = query(TAKE_DOWN, arrays(sorted(fallen), FALLEN)) if fallen else []
    return [
        Change(
            pk,
            site,
            serial,
            State(status, reason, seen),
            State(Presence.OFFLINE, OfflineReason.GATEWAY, seen),
            interval or settings.DEFAULT_INTERVAL_S,
        )
        for pk, site, serial, status, reason, seen, interval in rows
    ]
