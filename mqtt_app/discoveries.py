"""Listening to every topic of a broker for a while, begun by people; reconcile ends it and reports what is new."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Now

from mqtt_app import connection_events, connections
from mqtt_app.exploring import survey
from mqtt_app.messages import LogEntry
from mqtt_app.models import DiscoveredTopic, DiscoveryRun, MqttConnection, TopicOverflow

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=1)
REPORTED = 100  # templates that a report names
REFUSED = "The broker refuses its own topics under $SYS; discovery goes on without them."
HUNG_UP = "The broker keeps closing the connection; its own topics under $SYS are not listened to any more."
RUNS_AT_ONCE = 100  # that one reconcile ends


def begin(
    rows: QuerySet[MqttConnection],
    now: datetime,
    length: timedelta = connections.DISCOVERY,
    with_system: bool = False,
    user: User | None = None,
) -> int:
    """Wish that these connections listen to everything, `$SYS` too if so wished; one that does already begins anew."""
    with transaction.atomic():
        ids = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        chosen = MqttConnection.objects.filter(pk__in=ids)
        connections.discover(chosen, now + length, with_system)
        DiscoveryRun.objects.filter(connection__in=ids, finished_at=None, until__gt=now).update(until=now)
        DiscoveryRun.objects.bulk_create(
            DiscoveryRun(connection_id=pk, started_at=now, until=now + length, with_system=with_system, started_by=user)
            for pk in ids
        )
    return len(ids)


def finish() -> int:
    """Report on what has ended; returns how many. Once each, whoever runs it and however often."""
    spare()
    due = DiscoveryRun.objects.filter(finished_at=None, until__lt=Now()).select_related("connection__site")
    ended = list(due.defer(*(f"connection__{name}" for name in connections.SECRETS)).order_by("pk")[:RUNS_AT_ONCE])
    return sum(_finish(run) for run in ended)


def spare() -> None:
    """Some brokers refuse a subscription to `$SYS/#`, or hang up on it: there, discovery goes on without it.

    It says so in its report. A refused filter makes a connection one in trouble, though all other topics are heard.
    """
    wished = MqttConnection.objects.filter(discover_system=True, discover_until__gt=Now())
    refused = set(wished.filter(status="error", last_error__contains="$SYS/#").values_list("pk", flat=True))
    hung_up = set(wished.filter(mqtt_retry_count__gte=2).values_list("pk", flat=True)) - refused
    hurt = {**dict.fromkeys(refused, REFUSED), **dict.fromkeys(hung_up, HUNG_UP)}
    MqttConnection.objects.filter(pk__in=hurt).update(discover_system=False)
    DiscoveryRun.objects.filter(connection__in=hurt, finished_at=None).update(report={"system_refused": True})
    connection_events.write([LogEntry(pk, time.time(), "WARNING", words) for pk, words in sorted(hurt.items())])


def _finish(run: DiscoveryRun) -> bool:
    report = told(run)
    with transaction.atomic():
        fresh = DiscoveryRun.objects.filter(pk=run.pk, finished_at=None)
        if not fresh.update(finished_at=Now(), report=report):
            return False
        connection_events.write([LogEntry(run.connection_id, time.time(), "INFO", in_words(report))])
    return True


def told(run: DiscoveryRun) -> dict[str, Any]:
    """What is new since the run began: as it stands now, or as it stood when the run ended."""
    if run.finished_at:
        return dict(run.report)
    site = run.connection.site
    found = survey.of_site(site, since=run.started_at)
    new = DiscoveredTopic.objects.filter(site=site, first_seen_at__gte=run.started_at)
    beyond = TopicOverflow.objects.filter(site=site, last_seen_at__gte=run.started_at)
    return {
        "system_refused": bool(run.report.get("system_refused")),
        "topics": new.count(),
        "topics_without_parser": new.filter(is_processable=False).count(),
        "templates_in_all": len(found.rows),
        "unlisted_messages": beyond.aggregate(sum=Sum("message_count"))["sum"] or 0,
        "templates": [
            {
                "template": row.template,
                "filter": row.filter,
                "topics": row.topics,
                "messages": row.messages,
                "parsers": [name for name in row.parsers if name],
                "state": row.state,
            }
            for row in found.rows[:REPORTED]
        ],
    }


def in_words(report: dict[str, Any]) -> str:
    """A report in one line."""
    words = (
        f"Discovery has ended: {report['topics']} new topics in {report['templates_in_all']} templates, "
        f"{report['topics_without_parser']} of them without a parser."
    )
    if report["unlisted_messages"]:
        words += f" {report['unlisted_messages']} messages came on topics beyond the site's limit."
    return words
