"""A listener's side of its assignment, in the database: its heartbeat, what it should hold, whether it may connect."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from mqtt_app import connection_events, connections
from mqtt_app.judging.routes import beacon
from mqtt_app.messages import Admission
from mqtt_app.models import Listener, MqttConnection, MqttTopic
from mqtt_app.records import ledger
from mqtt_app.records.ledger import Count, Page
from mqtt_app.topics import cover
from mqtt_app.wire.wish import Wish
from sites.fields import Undecryptable
from sites.upsert import query

DISCOVER = timedelta(minutes=10)
"""How long a connection without any topic listens to everything (docs/rules.md, 10)."""

SYSTEM = "$SYS/#"
"""What a broker says of itself; no filter that begins with a wildcard brings it."""

RECONCILE_LATE_PERIODS = 1.5


def register(name: str, capacity: int) -> int:
    """Enter a new run of a listener and return its id. A former run of the same name is over: its row goes."""
    with transaction.atomic():
        Listener.objects.filter(name=name).delete()
        return Listener.objects.create(name=name, capacity=capacity).pk


RENEW = """
UPDATE mqtt_app_listener l SET oldest_pending_at = %s, heartbeat = now(), beats = l.beats + 1,
    set_forward_at = CASE WHEN now() - l.heartbeat > %s::interval THEN now() ELSE l.set_forward_at END
FROM (SELECT id, heartbeat FROM mqtt_app_listener WHERE id = %s FOR UPDATE) AS former
WHERE l.id = former.id RETURNING l.beats, former.heartbeat, l.heartbeat
"""

SET_FORWARD = timedelta(seconds=1)
"""So much more than time passed between two heartbeats: it was set forward. Clocks that are steered drift less."""


class Renewed(NamedTuple):
    """What the database knows of this listener: how many of its heartbeats; and from when the one before this is."""

    beats: int
    former: datetime
    at: datetime


def renew(
    listener_id: int, oldest: float | None, counts: Mapping[Page, Count], former: float | None = None, beats: int = 0
) -> Renewed | None:
    """Beat, and enter what was counted; None when this listener was declared dead and its row removed.

    former: when the renewal before this one began, monotonic: the database has no clock of its own that nobody sets.
    beats: that the database is known to have had; when it has fewer, it has forgotten what it had committed.
    """
    pending = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    with transaction.atomic():
        ledger.tell(counts)
        passed = None if former is None else timedelta(seconds=time.monotonic() - former) + SET_FORWARD
        rows = query(RENEW, [pending, passed, listener_id])
        found = Renewed(*rows[0]) if rows else None
        if found and found.beats <= beats:
            connection_events.forgotten(listener_id, found.former, found.at)
        return found


WISHED = (
    "epoch",
    "broker_host",
    "broker_port",
    "client_id",
    "protocol",
    "username",
    "password",
    "use_tls",
    "tls_verify",
    "ca_certificate",
    "client_certificate",
    "client_key",
    "is_host_trusted",
    "retry_wished_at",
    "discover_until",
    "discover_system",
    "assigned_at",
)
WISHED_TOPICS = ("topic_pattern", "qos_level", "is_muted")
"""The columns that a wish is made of."""

STATE = f"""
SELECT md5(string_agg(md5(ROW(
    c.id, {", ".join(f"c.{name}" for name in WISHED)}, s.slug, t.topics,
    c.discover_until > now(), c.assigned_at + %s > now()
)::text), '' ORDER BY c.id))
FROM mqtt_app_mqttconnection c JOIN sites_site s ON s.id = c.site_id
LEFT JOIN LATERAL (
    SELECT array_agg(ROW({", ".join(WISHED_TOPICS)}) ORDER BY id) AS topics
    FROM mqtt_app_mqtttopic WHERE mqtt_connection_id = c.id
) t ON true
WHERE c.listener_id = %s
"""  # noqa: S608


def state(listener_id: int) -> str | None:
    """A digest of all that `wishes` would read: while it stays the same, nothing has changed. None: nothing is wished.

    A tenth of the cost of reading them, which a listener of a thousand connections feels.
    """
    digest: str | None = query(STATE, [DISCOVER, listener_id])[0][0]
    return digest


def wishes(listener_id: int) -> tuple[dict[int, Wish], set[int]]:
    """Every connection assigned to this listener, and how it is wanted; and those whose secrets cannot be read.

    It reads assignments only: whether a connection should be open is for reconcile to say.
    """
    topics = Prefetch("topics", MqttTopic.objects.only("mqtt_connection_id", *WISHED_TOPICS))
    connections = MqttConnection.objects.only(*WISHED, "site__slug").select_related("site")
    assigned = connections.filter(listener=listener_id).prefetch_related(topics)
    try:
        return {one.pk: _wish(one) for one in assigned}, set()
    except Undecryptable:
        return _readable_wishes(assigned.defer("password", "client_key"))


def wish_of(connection_id: int) -> Wish:
    """How one connection is wanted, whoever holds it. Raises Undecryptable."""
    return _wish(MqttConnection.objects.select_related("site").prefetch_related("topics").get(pk=connection_id))


def _readable_wishes(assigned: QuerySet[MqttConnection]) -> tuple[dict[int, Wish], set[int]]:
    """One by one: a secret that no key fits keeps only its own connection closed."""
    readable, locked = {}, set()
    for one in assigned:
        try:
            readable[one.pk] = _wish(one)
        except Undecryptable:
            locked.add(one.pk)
    return readable, locked


def _wish(connection: MqttConnection) -> Wish:
    topic, online = beacon(connection.site.slug, connection.client_id, "online")
    return Wish(
        connection_id=connection.pk,
        epoch=connection.epoch,
        host=connection.broker_host,
        port=connection.broker_port,
        client_id=connection.client_id,
        protocol=connection.protocol,
        username=connection.username,
        password=connection.password,
        use_tls=connection.use_tls,
        tls_verify=connection.tls_verify,
        ca_certificate=connection.ca_certificate,
        client_certificate=connection.client_certificate,
        client_key=connection.client_key,
        private_allowed=connections.private_allowed(connection),
        beacon=(topic, online, beacon(connection.site.slug, connection.client_id, "offline")[1]),
        cover=_cover(connection),
        retry_wished_at=connection.retry_wished_at,
    )


def _cover(connection: MqttConnection) -> dict[str, int]:
    """All topics of a connection without overlap, muted ones left out; everything while it discovers."""
    now = timezone.now()
    topics = connection.topics.all()
    until = connection.discover_until
    if not topics and connection.assigned_at:
        until = max(until or connection.assigned_at, connection.assigned_at + DISCOVER)
    if until and now < until:
        return {"#": 1, SYSTEM: 0} if connection.discover_system else {"#": 1}
    return cover({one.topic_pattern: one.qos_level for one in topics if not one.is_muted})


ADMIT = """
UPDATE mqtt_app_mqttconnection c SET generation = generation + 1
WHERE id = %s AND listener_id = %s AND epoch = %s
RETURNING generation, subscribed,
    GREATEST(session, (SELECT max(r.session) FROM mqtt_app_receipt r WHERE r.connection_id = c.id)),
    EXTRACT(EPOCH FROM GREATEST(last_connected_at, last_message_at))::double precision, session_broker
"""


def admit(listener_id: int, wish: Wish) -> Admission | None:
    """Ask, right before CONNECT, whether it is still ours. A receipt may know of a session that no report told yet."""
    rows = query(ADMIT, [wish.connection_id, listener_id, wish.epoch])
    if not rows:
        return None
    generation, subscribed, session, heard_at, broker = rows[0]
    return Admission(generation, session, frozenset(subscribed), heard_at, broker)


LATE = """
SELECT NOT EXISTS (
        SELECT 1 FROM mqtt_app_pulse
        WHERE name = 'reconcile' AND at BETWEEN now() - %s::interval AND now() + interval '10 seconds'
    )
    OR EXISTS (
        SELECT 1 FROM mqtt_app_listener l WHERE l.id <> %s
        AND l.heartbeat NOT BETWEEN now() - interval '10 seconds' AND now() + interval '10 seconds'
        AND EXISTS (SELECT 1 FROM mqtt_app_mqttconnection c WHERE c.listener_id = l.id)
    )
"""


def should_reconcile(listener_id: int) -> bool:
    """Whether a reconcile is overdue, or another listener has fallen silent: then this listener sees to it.

    What lies ahead was noted by a clock that was set back since: it may be any time ago.
    """
    late = timedelta(seconds=RECONCILE_LATE_PERIODS * settings.RECONCILE_PERIOD_S)
    return bool(query(LATE, [late, listener_id])[0][0])


def stopping(listener_id: int) -> None:
    """From now on nothing new is given to this listener."""
    Listener.objects.filter(pk=listener_id).update(is_stopping=True)


def leave(listener_id: int) -> None:
    """The run is over: what it held is free."""
    Listener.objects.filter(pk=listener_id).delete()
