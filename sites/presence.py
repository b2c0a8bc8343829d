"""Who is there: what a message proves of its sender, and who has been silent for too long while we listened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from sites.models import Datalogger, Gateway, OfflineReason, Presence, Present
from sites.reports import Availability

Device = TypeVar("Device", Gateway, Datalogger)

PATIENCE = 2.5
"""Declared intervals that may pass in silence (docs/rules.md, 11)."""

ANNOUNCED = ("backend", "connection")
"""Kinds of device that say once that they come, and whose last will says that they go. Without a promised interval
their silence proves nothing."""


class Declaration(NamedTuple):
    """An availability that a message declared, and when we received it.

    since: for a retained message, the moment we connected; life seen after it outweighs the old words.
    """

    availability: Availability
    at: datetime
    since: datetime | None = None


class State(NamedTuple):
    """What is known of a device's presence."""

    status: str
    reason: str
    last_seen_at: datetime | None


def after(state: State, seen: datetime | None, declared: Declaration | None) -> State:
    """What a device's presence becomes when it was heard at `seen` and said `declared` of itself.

    A sign of life older than the last one changes nothing; neither do retained words after life was seen.
    """
    last = max((at for at in (state.last_seen_at, seen) if at), default=None)
    status, reason = state.status, state.reason
    if seen is not None and seen == last:
        status, reason = Presence.ONLINE, ""
    if declared is not None and declared.availability is Availability.OFFLINE:
        proof = declared.since or declared.at
        if last is None or last < proof or (declared.since is None and last == proof):
            status, reason = Presence.OFFLINE, OfflineReason.DECLARED
    return State(status, reason, last)


@dataclass(frozen=True, slots=True)
class Ear:
    """How well we hear one site. since: when its connection was last (re)opened; None while we are deaf.

    pending: reception of the oldest message whose fate is not committed; silence after it is not yet judged.
    """

    since: datetime | None
    pending: datetime | None = None


class Fall(NamedTuple):
    """A device that fell silent."""

    device: Gateway | Datalogger
    reason: str


def deadline(device: Present, ear: Ear) -> datetime:
    """Until when the device may be silent. Its time runs while we listen. Needs an ear that hears."""
    heard = max(at for at in (device.last_seen_at, ear.since) if at)
    return heard + timedelta(seconds=PATIENCE * device.expected_interval_s)


def deafen(now: datetime, heard: Collection[int]) -> list[Gateway | Datalogger]:
    """Make unknown who was online at a site that is not among those `heard`; returns them."""
    return [*_deafen(Gateway.objects.all(), now, heard), *_deafen(Datalogger.objects.all(), now, heard)]


def _deafen(devices: QuerySet[Device], now: datetime, heard: Collection[int]) -> list[Device]:
    online = devices.filter(~Q(site__in=heard), status=Presence.ONLINE)
    found = list(online)
    if found:
        online.filter(pk__in=[device.pk for device in found]).update(status=Presence.UNKNOWN, status_since=now)
    return found


def judge(now: datetime, ears: Mapping[int, Ear]) -> list[Fall]:
    """Mark who fell silent at the sites that have an ear; returns the falls, those that a gateway explains included."""
    falls = [_mark(gateway, OfflineReason.SILENT, now) for gateway in _overdue(Gateway.objects.all(), now, ears)]
    speaking = Datalogger.objects.exclude(kind__in=ANNOUNCED, interval_s=None)
    for datalogger in _overdue(speaking.select_related("gateway"), now, ears):
        gateway = datalogger.gateway
        explained = gateway is not None and gateway.status == Presence.OFFLINE
        falls.append(_mark(datalogger, OfflineReason.GATEWAY if explained else OfflineReason.SILENT, now))
    return [fall for fall in falls if fall is not None]


def _overdue(devices: QuerySet[Device], now: datetime, ears: Mapping[int, Ear]) -> list[Device]:
    """The devices past their deadline; the database sorts out the many that are not even close.

    One that was never heard is unknown and stays so: an old retained word of it is no life that could have ended.
    """
    hearing = [site for site, ear in ears.items() if ear.since is not None]
    interval = Coalesce(F("interval_s"), F("site__interval_s"), float(settings.DEFAULT_INTERVAL_S))
    patience = ExpressionWrapper(Value(timedelta(seconds=PATIENCE)) * interval, output_field=DurationField())
    late = ExpressionWrapper(Value(now) - patience, DateTimeField())
    quiet = devices.filter(~Q(status=Presence.OFFLINE), site__in=hearing, last_seen_at__lt=late)
    return [device for device in quiet.select_related("site") if _is_overdue(device, now, ears[device.site_id])]


def _is_overdue(device: Gateway | Datalogger, now: datetime, ear: Ear) -> bool:
    due = deadline(device, ear)
    return due < now and (ear.pending is None or ear.pending > due)


def _mark(device: Gateway | Datalogger, reason: OfflineReason, now: datetime) -> Fall | None:
    """Settle the race with a worker that hears the device now: whoever finds it unheard marks it, once."""
    quiet = type(device)._default_manager.filter(pk=device.pk, status=device.status, last_seen_at=device.last_seen_at)
    if quiet.update(status=Presence.OFFLINE, status_since=now, offline_reason=reason) == 0:
        return None
    return Fall(device, reason)
