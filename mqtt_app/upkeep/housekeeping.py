"""Retention: what is older than it is kept goes, by dropping partitions where that is all they hold."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from mqtt_app.health import pulses
from mqtt_app.models import (
    Batch,
    Command,
    Delivery,
    Incident,
    LedgerMinute,
    Lesson,
    MqttConnectionLog,
    MqttParsingLog,
    ParsingGroup,
    Receipt,
    Replay,
    SparkplugArrival,
    SparkplugNode,
    TopicSample,
)
from mqtt_app.records import rawstore
from sites import history
from sites.models import IdentityChange
from sites.upsert import query

logger = logging.getLogger(__name__)

SLICE = 10_000
"""Rows deleted in one statement, so that no delete holds its locks for long."""


LOCK = 7_263_002
"""Advisory lock of housekeeping, of the session: each of its many small transactions ends without giving it up."""


def clean() -> dict[str, int] | None:
    """Apply every retention; returns how many rows or partitions went, by what they were.

    None when another run is at it. It may take longer than the visibility timeout after which Redis hands its task to
    a second worker: safe to start twice, at once, late or never, and to be killed anywhere.
    """
    if not query("SELECT pg_try_advisory_lock(%s)", [LOCK])[0][0]:
        logger.info("Housekeeping is under way elsewhere.")
        return None
    try:
        return _clean(timezone.now())
    finally:
        query("SELECT pg_advisory_unlock(%s)", [LOCK])


def _clean(now: datetime) -> dict[str, int]:
    keep = timedelta(days=settings.READINGS_KEEP_DAYS)
    history.make_partitions(now, keep)
    gone = {"partitions of readings": len(history.drop_partitions(now, keep))}
    gone["readings of sites that keep them shorter"] = history.trim(now, SLICE)
    batches = now - timedelta(days=settings.BATCHES_KEEP_DAYS)
    retentions: dict[str, QuerySet[Any]] = {
        "batches": Batch.objects.filter(begun_at__lt=batches),
        "receipts": Receipt.objects.filter(received_at__lt=batches),
        "connection logs": MqttConnectionLog.objects.filter(
            timestamp__lt=_ago(now, settings.CONNECTION_LOGS_KEEP_DAYS)
        ),
        "parsing logs": MqttParsingLog.objects.filter(timestamp__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "kinds of failures": ParsingGroup.objects.filter(last_seen_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "lessons taken back": Lesson.objects.filter(
            body__isnull=True, taught_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)
        ),
        "samples of topics": TopicSample.objects.filter(received_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "commands": Command.objects.filter(created_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "arrivals from Sparkplug nodes": SparkplugArrival.objects.filter(newest__lt=_ago(now, 1)),
        "Sparkplug nodes": SparkplugNode.objects.filter(heard_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "replays": Replay.objects.filter(touched_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "incidents that are over": Incident.objects.filter(ended_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "notices": Delivery.objects.filter(created_at__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
        "changes of devices' identity": IdentityChange.objects.filter(at__lt=now - keep),
        "sessions that have expired": Session.objects.filter(expire_date__lt=now),
        "ledger minutes": LedgerMinute.objects.filter(minute__lt=_ago(now, settings.PARSING_LOGS_KEEP_DAYS)),
    }
    gone["raw messages"] = rawstore.forget(now)
    for name, old in retentions.items():
        gone[name] = _delete(old)
    pulses.beat("housekeeping", gone)
    logger.info("Housekeeping: %s", gone)
    return gone


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _delete(old: QuerySet[Any]) -> int:
    total = 0
    while keys := list(old.values_list("pk", flat=True)[:SLICE]):
        total += old.model._default_manager.filter(pk__in=keys).delete()[0]
    return total
