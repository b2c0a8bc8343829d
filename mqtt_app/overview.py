"""All sites at a glance: for each the wish, the link, the data and the devices, and one word for the worst of them."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Count, Max, Min, QuerySet, Sum
from django.db.models.functions import TruncMinute

from mqtt_app.models import LedgerMinute, MqttConnection
from sites import headlines
from sites.hours import at_work
from sites.models import Datalogger, Gateway, Presence, Present, Site
from sites.presence import PATIENCE

Device = TypeVar("Device", bound=Present)
MINUTE = timedelta(minutes=1)
LATE = 2.0
"""Patiences that may pass before late becomes quiet."""


class Word(StrEnum):
    """What a site's pill says. Worst first, which is the order of a list that asks for attention."""

    DOWN = "down"
    QUIET = "quiet"
    APPLYING = "applying"
    LATE = "late"
    WAITING = "waiting"
    PAUSED = "paused"
    ASLEEP = "asleep"
    LIVE = "live"


ORDER = list(Word)


def link_word(link: MqttConnection | None) -> Word:
    """Whether the wish is fulfilled. LIVE: the connection is open, as it should be."""
    if link is None:
        return Word.PAUSED
    is_open = link.status == MqttConnection.Status.CONNECTED
    is_closed = link.status == MqttConnection.Status.DISCONNECTED
    if not link.is_active:
        return Word.PAUSED if is_closed else Word.APPLYING
    return Word.LIVE if is_open else Word.APPLYING if is_closed else Word.DOWN


def data_word(last_message_at: datetime | None, interval_s: float, now: datetime) -> Word:
    """How old the last message is, measured by the shortest interval that a device of the site declares."""
    if last_message_at is None:
        return Word.WAITING
    patience = timedelta(seconds=PATIENCE * interval_s)
    age = now - last_message_at
    return Word.LIVE if age <= patience else Word.LATE if age <= LATE * patience else Word.QUIET


def worst(link: Word, data: Word, offline: int, *, at_work: bool = True) -> Word:
    """One word for all: nothing can be said of data behind a link that is not open; a silent device makes it quiet.

    Outside of its working hours a site is silent because it sleeps.
    """
    if link is not Word.LIVE:
        return link
    word = min(data, Word.QUIET if offline else data, key=ORDER.index)
    return word if at_work else asleep(word)


def asleep(word: Word) -> Word:
    """What is said of silence outside of working hours."""
    return Word.ASLEEP if word in (Word.QUIET, Word.LATE) else word


def describe(sites: QuerySet[Site], now: datetime, minutes: int) -> list[dict[str, Any]]:
    """Every one of `sites`, in the order of their names, in as many statements for 500 of them as for one."""
    found = list(sites.order_by("name"))
    links = {link.site_id: link for link in _links(sites)}
    heard: dict[int, datetime] = {}
    gateways, dataloggers = (
        _counts(Gateway.objects.filter(site__in=sites), heard),
        _counts(Datalogger.objects.filter(site__in=sites), heard),
    )
    paces = dict(
        Datalogger.objects.filter(site__in=sites, interval_s__gt=0).values_list("site").annotate(Min("interval_s"))
    )
    received, failed = _messages(sites, _first_minute(now, minutes), minutes)
    values = headlines.of_sites(sites, now)
    rows = []
    for site in found:
        link, devices = links.get(site.pk), gateways[site.pk] + dataloggers[site.pk]
        pace = paces.get(site.pk) or site.interval_s or float(settings.DEFAULT_INTERVAL_S)
        if link is not None:
            link.last_message_at = latest(link.last_message_at, heard.get(site.pk))
        awake = at_work(site, now)
        data = data_word(link.last_message_at if link else None, pace, now)
        words = link_word(link), data if awake else asleep(data)
        rows.append(
            {
                "site": site,
                "connection": link,
                "word": worst(*words, devices[Presence.OFFLINE], at_work=awake),
                "link": words[0],
                "data": words[1],
                "interval_s": pace,
                "gateways": _three(gateways[site.pk]),
                "dataloggers": _three(dataloggers[site.pk]),
                "received": received[site.pk],
                "failed": failed[site.pk],
                "headline": values.get(site.pk),
            }
        )
    return rows


def _links(sites: QuerySet[Site]) -> QuerySet[MqttConnection]:
    return MqttConnection.objects.filter(site__in=sites).only(
        "site_id", "is_active", "status", "status_since", "last_message_at", "last_error", "mqtt_retry_count",
        "mqtt_next_retry", "broker_host", "broker_port",
    )  # fmt: skip


def _counts(devices: QuerySet[Device], heard: dict[int, datetime]) -> defaultdict[int, Counter[str]]:
    """How many devices of each site are in each state; enters in `heard` when each site's last one spoke."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    rows = devices.order_by().values_list("site_id", "status").annotate(Count("pk"), Max("last_seen_at"))
    for site_id, status, count, seen in rows:
        counts[site_id][status] = count
        if last := latest(heard.get(site_id), seen):
            heard[site_id] = last
    return counts


def latest(told: datetime | None, heard: datetime | None) -> datetime | None:
    """When a site's last message came: a listener tells of it twice a minute, devices are stored at once."""
    return max((at for at in (told, heard) if at), default=None)


def heard_at(sites: Collection[int]) -> dict[int, datetime]:
    """When the last device of each of these sites spoke, where one did."""
    gateways, dataloggers = (
        model.objects.filter(site__in=sites, last_seen_at__isnull=False)
        .order_by()
        .values_list("site_id")
        .annotate(at=Max("last_seen_at"))
        for model in (Gateway, Datalogger)
    )
    heard: dict[int, datetime] = {}
    for site_id, seen in gateways.union(dataloggers, all=True):
        heard[site_id] = max(heard.get(site_id, seen), seen)
    return heard


def _three(counts: Counter[str]) -> dict[str, int]:
    return {state.value: counts[state] for state in Presence}


def _first_minute(now: datetime, minutes: int) -> datetime:
    return now.replace(second=0, microsecond=0) - MINUTE * (minutes - 1)


def _messages(
    sites: QuerySet[Site], first: datetime, minutes: int
) -> tuple[defaultdict[int, list[int]], defaultdict[int, int]]:
    """What was received in each of the last `minutes`, the running one last; and how much of all that failed."""
    rows = (
        LedgerMinute.objects.filter(minute__gte=first, connection__site__in=sites)
        .values_list("connection__site_id", TruncMinute("minute"))
        .annotate(Sum("received"), Sum("failed"))
    )
    lines: defaultdict[int, list[int]] = defaultdict(lambda: [0] * minutes)
    failures: defaultdict[int, int] = defaultdict(int)
    for site_id, minute, received, failed in rows:
        failures[site_id] += failed
        place = (minute - first) // MINUTE
        if 0 <= place < minutes:
            lines[site_id][place] += received
    return lines, failures
