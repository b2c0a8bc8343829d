"""Certificates that are about to expire: those entered here, and the brokers' own, looked at a few times a day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.utils import timezone

from mqtt_app import certificates, connection_events
from mqtt_app.health import pulses
from mqtt_app.listening import lease
from mqtt_app.models import MqttConnection
from mqtt_app.wire import reach
from mqtt_app.wire.wish import Wish
from sites.fields import Undecryptable

AHEAD = timedelta(days=30)
BROKERS_AT_ONCE = 16
HANDSHAKE = ("dns", "tcp", "tls")

BROKERS, CLIENTS, AUTHORITY = "broker's certificate", "client certificate", "CA certificate"
REMEDY = {
    BROKERS: "It must be renewed at the broker.",
    CLIENTS: "Enter a new one, with its key.",
    AUTHORITY: "Enter the authority's new one.",
}


def look() -> int:
    """Note when the first certificate of each TLS connection expires; warn daily from 30 days before. How many do."""
    now = timezone.now()
    wanted = list(_wishes())
    with ThreadPoolExecutor(BROKERS_AT_ONCE) as pool:
        brokers = list(pool.map(lambda wish: reach.reach(wish, HANDSHAKE).certificate_expires_at, wanted))
    warnings = []
    for wish, broker in zip(wanted, brokers, strict=True):
        expires_at, name = first(wish, broker)
        MqttConnection.objects.filter(pk=wish.connection_id).update(
            certificate_expires_at=expires_at, certificate_name=name
        )
        if expires_at is not None and expires_at < now + AHEAD:
            warnings.append((wish.connection_id, words(name, expires_at, now)))
    MqttConnection.objects.filter(use_tls=False).exclude(certificate_expires_at=None).update(
        certificate_expires_at=None, certificate_name=""
    )
    connection_events.warn_daily(warnings)
    pulses.beat("certificates", {"expiring": len(warnings)})
    return len(warnings)


def _wishes() -> Iterator[Wish]:
    for pk in MqttConnection.objects.filter(is_active=True, use_tls=True).values_list("pk", flat=True):
        try:
            yield lease.wish_of(pk)
        except (Undecryptable, MqttConnection.DoesNotExist):
            continue  # the one is told elsewhere, the other gone


def first(wish: Wish, broker: datetime | None) -> tuple[datetime | None, str]:
    """When the first of a connection's certificates expires, and which that is."""
    found = (
        (BROKERS, broker),
        (CLIENTS, certificates.first_to_expire(wish.client_certificate)),
        (AUTHORITY, certificates.first_to_expire(wish.ca_certificate)),
    )
    known = [(moment, name) for name, moment in found if moment is not None]
    return min(known) if known else (None, "")


def words(name: str, expires_at: datetime, now: datetime) -> str:
    """The same all day, so that it is said once a day."""
    if expires_at <= now:
        return f"The {name} expired on {expires_at:%Y-%m-%d}. {REMEDY[name]}"
    return f"The {name} expires on {expires_at:%Y-%m-%d}. {REMEDY[name]}"
