"""Who fell silent while we listened: every site's ear, judged, and the falls told."""

from django.db import transaction

from mqtt_app.assignments import LEASE
from mqtt_app.browsers import announcements, live
from mqtt_app.models import MqttConnection
from mqtt_app.records import origins
from sites import presence
from sites.models import Datalogger, OfflineReason
from sites.presence import Ear
from sites.upsert import query

LOCK = 7_263_003
"""Advisory lock: silence is judged once at a time."""


@transaction.atomic
def judge() -> list[presence.Fall]:
    """Mark who fell silent and tell it once. Does nothing when another run is at it.

    A site whose listener's heartbeat is late is not judged: after an outage of the database all are late at first,
    and what is known of messages under way is old. Reconcile says soon enough whether that listener is dead.
    """
    if not query("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])[0][0]:
        return []
    now = query("SELECT now()")[0][0]
    connected = MqttConnection.Status.CONNECTED
    ears: dict[int, Ear] = {}
    unsure: list[int] = []
    held = MqttConnection.objects.filter(listener__isnull=False, status=connected).select_related("listener")
    for one in held.only("site_id", "last_connected_at", "listener"):  # a lost key must not deafen the rest
        assert one.listener is not None
        if one.listener.heartbeat < now - LEASE:
            unsure.append(one.site_id)
        else:
            # What a heartbeat says of messages under way is true until that heartbeat: silence after it is not proven.
            # Nor is one by a clock that was set forward meanwhile: that hearts beat by it says whether it was.
            since = max((at for at in (one.last_connected_at, one.listener.set_forward_at) if at), default=None)
            ears[one.site_id] = Ear(since, one.listener.oldest_pending_at or one.listener.heartbeat)
    deafened = presence.deafen(now, [*ears, *unsure])
    falls = presence.judge(now, ears)
    silent = [one for one, reason in falls if isinstance(one, Datalogger) and reason == OfflineReason.SILENT]
    origins.keep_last_words(silent)
    transaction.on_commit(lambda: live.announce(announcements.of_silence(falls, deafened)))
    return falls
