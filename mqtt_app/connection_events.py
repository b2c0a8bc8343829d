"""What really happened to connections: the only writer of their status, retry fields and log rows."""

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from django.db import transaction

from mqtt_app import context
from mqtt_app.browsers import announcements, live
from mqtt_app.messages import LogEntry, StatusReport
from mqtt_app.models import MqttConnection, MqttConnectionLog
from mqtt_app.records import receipts
from mqtt_app.records.failures import text
from sites.binary import Column, arrays
from sites.upsert import query, unnest

logger = logging.getLogger("mqtt_app.connections")

COLUMNS: Sequence[Column] = [
    ("id", "bigint"),
    ("epoch", "bigint"),
    ("sequence", "bigint"),
    ("status", "text"),
    ("since", "double precision"),
    ("retry_count", "int"),
    ("next_retry", "double precision"),
    ("last_error", "text"),
    ("connected_at", "double precision"),
    ("message_at", "double precision"),
    ("subscribed", "text"),
    ("broker", "text"),
]

UPDATE = f"""
WITH newer AS (
    SELECT v.* FROM mqtt_app_mqttconnection c JOIN {unnest(COLUMNS)} ON c.id = v.id
    WHERE (c.report_epoch, c.report_sequence) < (v.epoch, v.sequence) ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE mqtt_app_mqttconnection c SET
    report_epoch = v.epoch, report_sequence = v.sequence, status = v.status, last_error = v.last_error,
    status_since = CASE WHEN c.status = v.status THEN c.status_since ELSE to_timestamp(v.since) END,
    mqtt_retry_count = v.retry_count, mqtt_next_retry = to_timestamp(v.next_retry),
    last_connected_at = COALESCE(to_timestamp(v.connected_at), c.last_connected_at),
    session_broker = COALESCE(v.broker, c.session_broker),
    subscribed = CASE WHEN v.subscribed IS NULL THEN c.subscribed
        ELSE ARRAY(SELECT jsonb_array_elements_text(v.subscribed::jsonb)) END
FROM newer v WHERE c.id = v.id
RETURNING c.id
"""  # noqa: S608

SPOKEN: Sequence[Column] = [("id", "bigint"), ("message_at", "double precision")]
HEARD = f"""
UPDATE mqtt_app_mqttconnection c SET last_message_at = to_timestamp(v.message_at)
FROM {unnest(SPOKEN)}
WHERE c.id = v.id AND (c.last_message_at IS NULL OR c.last_message_at < to_timestamp(v.message_at))
"""  # noqa: S608


NEW_SESSION = "UPDATE mqtt_app_mqttconnection SET session = GREATEST(session, %s) WHERE id = %s"


@transaction.atomic
def record(reports: Sequence[StatusReport], entries: Sequence[LogEntry]) -> list[int]:
    """Store what a listener reported; returns the connections whose row changed. Saying it twice changes nothing."""
    newest = {report.connection_id: report for report in sorted(reports, key=lambda report: report[:3])}
    changed = _update(newest)
    for pk in changed:
        if (session := newest[pk].new_session_at) is not None:
            query(NEW_SESSION, [session, pk])
        if (settled := newest[pk].settled_at) is not None:
            receipts.forget(pk, settled)
    heard = [(report.connection_id, report.message_at) for report in newest.values() if report.message_at]
    if heard:
        query(HEARD, arrays(sorted(heard), SPOKEN))
    write(entries)
    transaction.on_commit(partial(announce, changed))
    return changed


def _update(reports: Mapping[int, StatusReport]) -> list[int]:
    rows = []
    for _, report in sorted(reports.items()):
        subscribed = None if report.subscribed is None else json.dumps(report.subscribed)
        rows.append((*report[:7], text(report.last_error)[:500], *report[8:10], subscribed, report.broker))
    return [pk for (pk,) in query(UPDATE, arrays(rows, COLUMNS))] if rows else []


@transaction.atomic
def lost(epochs: Mapping[int, int], reason: str) -> None:
    """Say that these connections (id → new epoch) have lost whoever held them; outranks what that one may still say."""
    now = datetime.now(UTC).timestamp()
    disconnected = MqttConnection.Status.DISCONNECTED
    record(
        [StatusReport(pk, epoch, 0, disconnected, now, last_error=reason) for pk, epoch in epochs.items()],
        [LogEntry(pk, now, "WARNING", reason) for pk in epochs],
    )


@transaction.atomic
def cannot_read_secrets(connection_ids: Collection[int]) -> None:
    """Say that these stay closed because no key of FIELD_KEYS fits their password or client key."""
    now = datetime.now(UTC).timestamp()
    words = "Its password cannot be decrypted. Bring the lost key back into FIELD_KEYS, or enter the password anew."
    epochs = MqttConnection.objects.filter(pk__in=connection_ids).values_list("pk", "epoch", "report_sequence")
    error = MqttConnection.Status.ERROR
    record(
        [StatusReport(pk, epoch, sequence + 1, error, now, last_error=words) for pk, epoch, sequence in epochs],
        [LogEntry(pk, now, "ERROR", words) for pk in connection_ids],
    )


def forgotten(listener_id: int, since: datetime, until: datetime) -> None:
    """Say of every connection of this listener that the database has forgotten what it had committed."""
    words = (
        f"The database has forgotten what it committed from {since:%Y-%m-%d %H:%M:%S} to {until:%H:%M:%S} UTC: "
        "a standby that lagged has taken over, or a backup was restored. "
        "What was acknowledged to the broker meanwhile is lost."
    )
    held = MqttConnection.objects.filter(listener=listener_id).values_list("pk", flat=True)
    write([LogEntry(pk, until.timestamp(), "ERROR", words) for pk in held])


def write(entries: Collection[LogEntry]) -> None:
    """Add lines to the log of connections that still exist, and to mqtt_connections.log."""
    existing = set(
        MqttConnection.objects.filter(pk__in={entry.connection_id for entry in entries}).values_list("pk", flat=True)
    )
    MqttConnectionLog.objects.bulk_create(
        MqttConnectionLog(
            connection_id=entry.connection_id,
            timestamp=datetime.fromtimestamp(entry.at, UTC),
            level=entry.level,
            message=text(entry.message),
            exception_type=entry.exception_type[:128],
            exception_traceback=text(entry.exception_traceback),
            retry_attempt=entry.retry_attempt,
        )
        for entry in entries
        if entry.connection_id in existing
    )
    for entry in entries:
        level = logging.getLevelNamesMapping()[entry.level]
        with context.about(connection=entry.connection_id):
            logger.log(level, "connection %s: %s", entry.connection_id, text(entry.message))


WARNINGS: Sequence[Column] = [("connection_id", "bigint"), ("message", "text")]
DAILY = f"""
SELECT v.connection_id, v.message FROM {unnest(WARNINGS)}
WHERE NOT EXISTS (
    SELECT 1 FROM mqtt_app_mqttconnectionlog l
    WHERE l.connection_id = v.connection_id AND l.message = v.message AND l.timestamp > now() - interval '1 day'
)
"""  # noqa: S608


def warn_daily(warnings: Iterable[tuple[int, str]]) -> None:
    """Log each (connection, warning) unless it was logged within a day."""
    rows = sorted({(pk, text(words)) for pk, words in warnings})
    if rows:
        now = datetime.now(UTC).timestamp()
        write([LogEntry(pk, now, "WARNING", words) for pk, words in query(DAILY, arrays(rows, WARNINGS))])


def announce(connection_ids: Collection[int]) -> None:
    """Tell browsers what these connections are now."""
    connections = MqttConnection.objects.filter(pk__in=connection_ids).defer("password", "client_key")  # may be locked
    live.announce([announcements.of_connection(connection) for connection in connections])
