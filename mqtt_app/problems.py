"""What is wrong now, read from what the system knows: the facts behind notices."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, Sum

from mqtt_app import balance
from mqtt_app.models import LedgerMinute, MqttConnection, Problem
from sites.models import Datalogger, Gateway, OfflineReason, Presence

RATE_OVER = timedelta(minutes=10)
ENOUGH = 20  # messages; of fewer a share says nothing
LEDGER_OVER = timedelta(hours=1)


NEVER_HEARD = Q(last_seen_at=None, offline_reason=OfflineReason.SILENT)
"""A device that others named, or old messages that were replayed, and that never spoke itself has not fallen."""


class Found(NamedTuple):
    """One thing that is wrong. since: when it began, as far as is known. percent: of failures, how many."""

    site_id: int
    problem: str
    subject: str
    label: str
    since: datetime
    percent: int = 100


def find(now: datetime) -> list[Found]:
    """Everything that is wrong at any site. What a fallen gateway explains is not."""
    return [*_connections(), *_gateways(), *_dataloggers(), *_failures(now), *_ledgers(now)]


def _connections() -> Iterator[Found]:
    down = MqttConnection.objects.filter(is_active=True).exclude(status=MqttConnection.Status.CONNECTED)
    for pk, site, host, port, since in down.values_list("pk", "site_id", "broker_host", "broker_port", "status_since"):
        yield Found(site, Problem.CONNECTION, f"connection:{pk}", f"broker {host}:{port}", since)


def _gateways() -> Iterator[Found]:
    fallen = Gateway.objects.filter(status=Presence.OFFLINE).exclude(NEVER_HEARD)
    for pk, site, serial, since in fallen.values_list("pk", "site_id", "serial", "status_since"):
        yield Found(site, Problem.DEVICE, f"gateway:{pk}", f"gateway {serial}", since)


def _dataloggers() -> Iterator[Found]:
    fallen = Datalogger.objects.filter(status=Presence.OFFLINE).exclude(offline_reason=OfflineReason.GATEWAY)
    fallen = fallen.exclude(NEVER_HEARD)
    alone = fallen.exclude(gateway__status=Presence.OFFLINE)
    for pk, site, serial, since in alone.values_list("pk", "site_id", "serial", "status_since"):
        yield Found(site, Problem.DEVICE, f"datalogger:{pk}", f"datalogger {serial}", since)


def _failures(now: datetime) -> Iterator[Found]:
    recent = LedgerMinute.objects.filter(minute__gte=now - RATE_OVER).values(
        "connection_id", site=F("connection__site_id")
    )
    sums = recent.annotate(all=Sum("received"), bad=Sum("failed"))
    for row in sums.filter(all__gte=ENOUGH, bad__gt=0):
        share = min(100, round(100 * row["bad"] / row["all"]))
        label = f"{share} % of the messages of the last ten minutes"
        yield Found(row["site"], Problem.FAILURES, f"connection:{row['connection_id']}", label, now, share)


def _ledgers(now: datetime) -> Iterator[Found]:
    for row in balance.sums(LedgerMinute.objects.filter(minute__gte=now - LEDGER_OVER)):
        if not row["balanced"]:
            label = f"{row['unexplained']} messages are unaccounted for"
            yield Found(row["site_id"], Problem.LEDGER, f"connection:{row['connection_id']}", label, now)
