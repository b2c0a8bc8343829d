"""Who holds which connection: the one function that makes assignments match wishes, and the plan behind it."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from mqtt_app import connection_events
from mqtt_app.browsers import live
from mqtt_app.browsers.events import ReconcileTick
from mqtt_app.health import pulses
from mqtt_app.models import Listener, MqttConnection
from mqtt_app.records import ledger
from sites.binary import arrays
from sites.upsert import query, unnest

LOCK = 7_263_001
"""Advisory lock of reconcile: it runs once at a time, whoever calls it."""

LEASE = timedelta(seconds=10)
"""A heartbeat older than this makes a listener suspect; it renews it every 3 s."""

SUSPICION = timedelta(seconds=5)
"""A suspect that is still silent this much later is dead: after an outage of the database all look silent at first."""

RELEASE = timedelta(seconds=15)
"""How long a listener may take to confirm that it closed a connection."""

FORGET = timedelta(days=1)
"""Dead listeners are listed this long."""


class Reconciled(NamedTuple):
    """What a reconcile did. applied: the sites whose assignment changed."""

    finished_at: datetime
    applied: list[int]


def plan(wanted: Mapping[int, int | None], capacity: Mapping[int, int]) -> dict[int, int | None]:
    """Give every wanted connection a living listener, moving as few as possible.

    wanted: connection → who holds it now. capacity: living listener → how many connections it can hold.
    None means that nobody has room for it.
    """
    result: dict[int, int | None] = {}
    load = Counter[int]()
    for pk, holder in sorted(wanted.items()):
        if holder is not None and holder in capacity and load[holder] < capacity[holder]:
            result[pk] = holder
            load[holder] += 1
    for pk in sorted(set(wanted) - set(result)):
        room = [one for one in capacity if load[one] < capacity[one]]
        result[pk] = min(room, key=lambda one: (load[one] / capacity[one], one), default=None)
        if (chosen := result[pk]) is not None:
            load[chosen] += 1
    return result


@transaction.atomic
def reconcile() -> Reconciled | None:
    """Make assignments match wishes; None when another run is at it. Safe to run twice, at once, late or never."""
    if not query("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])[0][0]:
        return None
    begun = time.monotonic()
    now = query("SELECT now()")[0][0]
    dead = _find_dead(now)
    living = Listener.objects.exclude(pk__in=dead)
    # What a stopping listener holds stays with it until it is drained: it hands its connections back itself.
    settled = Q(listener__is_stopping=True) & ~Q(listener__in=dead)
    wanted = MqttConnection.objects.filter(~settled, is_active=True).values_list("pk", "listener_id")
    capacity = living.filter(is_stopping=False).values_list("pk", "capacity")
    applied = _assign(plan(dict(wanted), dict(capacity))) + _release(now)
    _bury(dead, now)
    ledger.close_ended()
    pulses.beat("reconcile", {"applied": len(applied), "took_s": round(time.monotonic() - begun, 3)})
    done = Reconciled(now, applied)
    transaction.on_commit(lambda: announce(done))
    return done


def _find_dead(now: datetime) -> set[int]:
    """Listeners found silent before and still silent; those found silent now are noted.

    After the clock was set back, what was noted by it lies ahead: as if it had been noted now.
    """
    Listener.objects.filter(heartbeat__gt=now + LEASE).update(heartbeat=now)
    Listener.objects.filter(suspected_at__gt=now).update(suspected_at=now)
    Listener.objects.filter(heartbeat__gte=now - LEASE).exclude(suspected_at=None).update(suspected_at=None)
    silent = Listener.objects.filter(heartbeat__lt=now - LEASE)
    dead = set(silent.filter(suspected_at__lt=now - SUSPICION).values_list("pk", flat=True))
    silent.filter(suspected_at=None).update(suspected_at=now)
    return dead


PLANNED = [("id", "bigint"), ("listener_id", "bigint")]
ASSIGN = f"""
UPDATE mqtt_app_mqttconnection c SET listener_id = v.listener_id, epoch = c.epoch + 1, assigned_at = now()
FROM {unnest(PLANNED)}, mqtt_app_mqttconnection old
LEFT JOIN mqtt_app_listener l ON l.id = old.listener_id
WHERE c.id = v.id AND old.id = c.id AND c.listener_id IS DISTINCT FROM v.listener_id
RETURNING c.id, c.site_id, c.epoch, l.name
"""  # noqa: S608


def _assign(planned: Mapping[int, int | None]) -> list[int]:
    """Write the assignments that differ; a connection that changes hands is reported lost by its former holder."""
    changed = query(ASSIGN, arrays(sorted(planned.items()), PLANNED))
    for former in {name for *_, name in changed if name}:
        epochs = {pk: epoch for pk, _, epoch, name in changed if name == former}
        connection_events.lost(epochs, f"Listener {former} no longer answers; another takes over as soon as one can.")
    return [site for _, site, _, _ in changed]


RELEASE_UNWANTED = """
UPDATE mqtt_app_mqttconnection SET listener_id = NULL, epoch = epoch + 1, assigned_at = now()
WHERE NOT is_active AND listener_id IS NOT NULL RETURNING site_id
"""


def _release(now: datetime) -> list[int]:
    """Take unwanted connections from whoever holds them, and say so where the holder never confirms."""
    released = [site for (site,) in query(RELEASE_UNWANTED)]
    orphans = MqttConnection.objects.filter(listener=None, assigned_at__lt=now - RELEASE)
    open_still = orphans.exclude(status=MqttConnection.Status.DISCONNECTED).values_list("pk", "epoch")
    connection_events.lost(dict(open_still), "Its listener went away without a word.")
    return released


def _bury(dead: set[int], now: datetime) -> None:
    """Dead listeners are listed for a day, so that people see that there was one."""
    Listener.objects.filter(pk__in=dead, heartbeat__lt=now - FORGET).delete()


def announce(done: Reconciled) -> None:
    """Tell browsers that a reconcile has ended, so that every countdown moves."""
    next_at = done.finished_at + timedelta(seconds=settings.RECONCILE_PERIOD_S)
    live.announce([ReconcileTick(finished_at=done.finished_at, next_at=next_at, applied=done.applied)])
