"""What is wrong now, read from what the system knows: the facts behind notices."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, Sum

from mqtt_app.models import Incident, LedgerMinute, MqttConnection, Problem
from mqtt_app.records import balance
from sites.hours import opened_at
from sites.models import Datalogger, Gateway, OfflineReason, Presence
from sites.presence import PATIENCE

RATE_OVER = timedelta(minutes=10)
ENOUGH = 20  # messages; of fewer a share says nothing
LEDGER_OVER = timedelta(hours=1)
MORNING = timedelta(hours=1)  # so long, at most, a device may take to be heard once the working hours have begun


NEVER_HEARD = Q(last_seen_at=None, offline_reason=OfflineReason.SILENT)
"""A device that others named, or old messages that were replayed, and that never spoke itself has not fallen."""

NEEDED = (
    "serial",
    "status_since",
    "interval_s",
    "site__interval_s",
    "site__timezone",
    "site__works_from",
    "site__works_to",
)


class Found(NamedTuple):
    """One thing that is wrong. since: when it began, as far as is known. percent: of failures, how many.

    sleeps: a device that need not speak now, because these are not the working hours of its site.
    """

    site_id: int
    problem: str
    subject: str
    label: str
    since: datetime
    percent: int = 100
    sleeps: bool = False


def find(now: datetime) -> list[Found]:
    """Everything that is wrong at any site. What a fallen gateway explains is not."""
    return [*_connections(), *_gateways(now), *_dataloggers(now), *_failures(now), *_ledgers(now)]


def _connections() -> Iterator[Found]:
    down = MqttConnection.objects.filter(is_active=True).exclude(status=MqttConnection.Status.CONNECTED)
    for pk, site, host, port, since in down.values_list("pk", "site_id", "broker_host", "broker_port", "status_since"):
        yield Found(site, Problem.CONNECTION, f"connection:{pk}", _broker(host, port), since)


def brokers(incidents: Iterable[Incident]) -> dict[str, str]:
    """The brokers that these incidents of connections are about as they are named now: labels by subject."""
    wanted = [one.subject.removeprefix("connection:") for one in incidents]
    rows = MqttConnection.objects.filter(pk__in=wanted).values_list("pk", "broker_host", "broker_port")
    return {f"connection:{pk}": _broker(host, port) for pk, host, port in rows}


def _broker(host: str, port: int) -> str:
    return f"broker {host}:{port}"


def _gateways(now: datetime) -> Iterator[Found]:
    fallen = Gateway.objects.filter(status=Presence.OFFLINE).exclude(NEVER_HEARD).exclude(muted_until__gt=now)
    for gateway in fallen.select_related("site").only(*NEEDED):
        yield _fallen(gateway, "gateway", now)


def _dataloggers(now: datetime) -> Iterator[Found]:
    fallen = Datalogger.objects.filter(status=Presence.OFFLINE).exclude(offline_reason=OfflineReason.GATEWAY)
    fallen = fallen.exclude(NEVER_HEARD).exclude(muted_until__gt=now)
    for datalogger in fallen.exclude(gateway__status=Presence.OFFLINE).select_related("site").only(*NEEDED):
        yield _fallen(datalogger, "datalogger", now)


def _fallen(device: Gateway | Datalogger, kind: str, now: datetime) -> Found:
    """Its time runs in the working hours of its site only, and anew from when they begin if it fell before."""
    opened = opened_at(device.site, now)
    patience = timedelta(seconds=PATIENCE * device.expected_interval_s)
    wakes = opened is not None and device.status_since < opened and now < opened + min(patience, MORNING)
    return Found(
        device.site_id,
        Problem.DEVICE,
        f"{kind}:{device.pk}",
        f"{kind} {device.serial}",
        max(device.status_since, opened or device.status_since),
        sleeps=opened is None or wakes,
    )


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
