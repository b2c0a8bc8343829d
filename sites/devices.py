"""Store what parsers reported: devices, their presence, latest values and history, as sets of rows.

The order is the same for every worker: make what is new (gateways, dataloggers, sensors), append history, then lock
and update gateways and dataloggers by id. A sensor is only updated under its datalogger's lock. So no two workers
wait for each other in a circle, and hot rows are locked last and shortest.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from sites import history, presence
from sites.binary import Column, arrays
from sites.history import Reading
from sites.models import OfflineReason, Presence
from sites.presence import Declaration, State
from sites.reports import Availability, DataloggerReport, GatewayReport, Report, SensorReport
from sites.upsert import Key, query, resolve, unnest


class Heard(NamedTuple):
    """One message's report, where and when it was received.

    retained: an old message that the broker kept; it proves no life. connected_at: since when we listen to that broker.
    """

    site_id: int
    report: Report
    received_at: datetime
    retained: bool
    connected_at: datetime


@dataclass(slots=True)
class Known:
    """What the messages of one batch said of one device, the newest of each fact."""

    firmware: str = ""
    kind: str = ""
    gateway: str | None = None
    interval: float | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    seen: datetime | None = None
    declared: Declaration | None = None
    takes_down: bool = False

    def learn(self, report: GatewayReport | DataloggerReport, heard: Heard) -> None:
        self.firmware = report.firmware or self.firmware
        self.interval = report.interval or self.interval
        self.metadata.update(report.metadata)
        if isinstance(report, GatewayReport):
            self.addresses.update(report.addresses)
        else:
            self.kind = report.kind or self.kind
            self.gateway = report.gateway or self.gateway
        if report.availability is not None:
            since = heard.connected_at if heard.retained else None
            self.declared = Declaration(report.availability, heard.received_at, since)
            self.takes_down = isinstance(report, GatewayReport) and report.takes_down
        offline = report.availability is Availability.OFFLINE
        if report.alive and not heard.retained and not offline:
            self.seen = max(self.seen or heard.received_at, heard.received_at)


class Latest(NamedTuple):
    """The newest reading of one sensor in a batch, and what it says of the sensor."""

    report: SensorReport
    reading: Reading


class Change(NamedTuple):
    """A device whose presence this batch touched: its state before and after."""

    id: int
    site_id: int
    serial: str
    before: State
    after: State
    interval_s: float


@dataclass(slots=True)
class Stored:
    """What a batch changed, for those who are to be told. latest: newest readings by datalogger id and sensor id.

    new_…: the devices that were made, by site and serial.
    """

    gateways: list[Change] = field(default_factory=list)
    dataloggers: list[Change] = field(default_factory=list)
    latest: dict[int, dict[int, Latest]] = field(default_factory=dict)
    new_gateways: list[Key] = field(default_factory=list)
    new_dataloggers: list[Key] = field(default_factory=list)

    def extend(self, other: "Stored") -> None:
        self.gateways += other.gateways
        self.dataloggers += other.dataloggers
        self.latest |= other.latest
        self.new_gateways += other.new_gateways
        self.new_dataloggers += other.new_dataloggers


DeviceKey = tuple[int, str]
"""(site id, serial)"""

DEVICE: Sequence[Column] = [("site_id", "bigint"), ("serial", "text")]
SENSOR: Sequence[Column] = [("datalogger_id", "bigint"), ("key", "text")]


def store(heard: Sequence[Heard]) -> Stored:
    """Store what one batch of messages reported. Needs a transaction; idempotent; newer wins."""
    gateways, dataloggers = learn(heard)
    if not gateways and not dataloggers:
        return Stored()
    new_gateways: list[Key] = []
    new_dataloggers: list[Key] = []
    gateway_ids = resolve("sites_gateway", DEVICE, gateways, new_gateways)
    datalogger_ids = resolve("sites_datalogger", DEVICE, dataloggers, new_dataloggers)
    latest = store_readings(heard, datalogger_ids)
    stored = Stored(
        gateways=_touch("sites_gateway", gateway_ids, gateways, {}),
        dataloggers=_touch("sites_datalogger", datalogger_ids, dataloggers, gateway_ids),
        new_gateways=new_gateways,
        new_dataloggers=new_dataloggers,
    )
    stored.dataloggers += _take_down(stored.gateways, gateways)
    stored.latest = store_latest(latest)
    return stored


def refill(heard: Sequence[Heard]) -> Stored:
    """Store what old messages said: history, what is new, and what is still unknown of a device; nobody's presence.

    Needs a transaction; idempotent; newer latest values stay.
    """
    gateways, dataloggers = learn(heard)
    if not gateways and not dataloggers:
        return Stored()
    stored = Stored()
    gateway_ids = resolve("sites_gateway", DEVICE, gateways, stored.new_gateways)
    datalogger_ids = resolve("sites_datalogger", DEVICE, dataloggers, stored.new_dataloggers)
    latest = store_readings(heard, datalogger_ids)
    _complete("sites_gateway", gateway_ids, gateways, {})
    _complete("sites_datalogger", datalogger_ids, dataloggers, gateway_ids)
    store_latest(latest)
    return stored


def learn(heard: Iterable[Heard]) -> tuple[dict[DeviceKey, Known], dict[DeviceKey, Known]]:
    """What a batch says of each gateway and each datalogger, in the order of reception."""
    gateways: dict[DeviceKey, Known] = {}
    dataloggers: dict[DeviceKey, Known] = {}
    for one in heard:
        for gateway in one.report.gateways:
            gateways.setdefault((one.site_id, gateway.serial), Known()).learn(gateway, one)
        for datalogger in one.report.dataloggers:
            dataloggers.setdefault((one.site_id, datalogger.serial), Known()).learn(datalogger, one)
            if datalogger.gateway:
                gateways.setdefault((one.site_id, datalogger.gateway), Known())
    return gateways, dataloggers


def store_readings(heard: Sequence[Heard], datalogger_ids: Mapping[Any, int]) -> dict[tuple[int, int], Latest]:
    """Append every reading to history; returns the newest by (datalogger id, sensor id)."""
    keep = timedelta(days=settings.READINGS_KEEP_DAYS)
    spoken = [
        (datalogger_ids[one.site_id, datalogger.serial], datalogger.sensors, one.received_at)
        for one in heard
        for datalogger in one.report.dataloggers
    ]
    keys = {(datalogger_id, sensor.key) for datalogger_id, sensors, _ in spoken for sensor in sensors}
    sensor_ids = resolve("sites_sensor", SENSOR, keys)
    readings: list[Reading] = []
    latest: dict[tuple[int, int], Latest] = {}
    for datalogger_id, sensors, received_at in spoken:
        for sensor in sensors:
            sensor_id = sensor_ids[datalogger_id, sensor.key]
            time, quality, claimed = history.settle(sensor.time, received_at, sensor.quality, keep)
            reading = Reading(sensor_id, time, received_at, sensor.values, quality, claimed)
            readings.append(reading)
            known = latest.get((datalogger_id, sensor_id))
            if known is None or known.reading.time <= time:
                latest[datalogger_id, sensor_id] = Latest(sensor, reading)
    history.append(readings)
    return latest


LATEST: Sequence[Column] = [
    ("id", "bigint"),
    ("kind", "text"),
    ("unit", "text"),
    ("components", "text"),
    ("values", "text"),
    ("time", "timestamptz"),
    ("received_at", "timestamptz"),
    ("quality", "text"),
]

UPDATE_LATEST = f"""
UPDATE sites_sensor s
SET latest_values = v.values::double precision[], latest_time = v.time, latest_received_at = v.received_at,
    latest_quality = v.quality, components = v.components::varchar[],
    kind = COALESCE(NULLIF(v.kind, ''), s.kind), unit = COALESCE(NULLIF(v.unit, ''), s.unit)
FROM {unnest(LATEST)}
WHERE s.id = v.id AND (s.latest_time IS NULL OR s.latest_time <= v.time)
RETURNING s.id
"""  # noqa: S608


def store_latest(latest: Mapping[tuple[int, int], Latest]) -> dict[int, dict[int, Latest]]:
    """Update latest values where these are newer; returns the ones that were."""
    rows = [
        (
            sensor_id,
            report.kind,
            report.unit,
            text_array(report.components),
            history.array(report.values),
            reading.time,
            reading.received_at,
            str(reading.quality),
        )
        for (_, sensor_id), (report, reading) in latest.items()
    ]
    newer = {pk for (pk,) in query(UPDATE_LATEST, arrays(rows, LATEST))} if rows else set()
    stored: dict[int, dict[int, Latest]] = {}
    for (datalogger_id, sensor_id), one in latest.items():
        if sensor_id in newer:
            stored.setdefault(datalogger_id, {})[sensor_id] = one
    return stored


@lru_cache(maxsize=1_000)  # most readings have one value, and no name for it
def text_array(words: tuple[str, ...]) -> str:
    """Words as PostgreSQL's array literal."""
    return "{" + ",".join(json.dumps(word) for word in words) + "}"


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


def _touch(
    table: str, ids: Mapping[Any, int], known: Mapping[DeviceKey, Known], gateway_ids: Mapping[Any, int]
) -> list[Change]:
    """Lock the devices by id, then write what was learned of them; returns each one's state before and after."""
    keys = {ids[key]: key for key in known}
    before = query(
        f"SELECT id, status, offline_reason, last_seen_at, interval_s FROM {table} "  # noqa: S608
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


def _complete(
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
    SELECT d.id, d.site_id, d.serial, d.status, d.offline_reason, d.last_seen_at, d.interval_s
    FROM sites_datalogger d JOIN {unnest(FALLEN)} ON d.gateway_id = v.gateway_id
    WHERE d.status <> 'offline' AND (d.last_seen_at IS NULL OR d.last_seen_at <= v.proof)
    ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE sites_datalogger d SET status = 'offline', offline_reason = 'gateway', status_since = now()
FROM behind b WHERE d.id = b.id
RETURNING b.id, b.site_id, b.serial, b.status, b.offline_reason, b.last_seen_at, b.interval_s
"""  # noqa: S608


def _take_down(changes: Sequence[Change], known: Mapping[DeviceKey, Known]) -> list[Change]:
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
