"""People's wishes for connections: made, changed, switched. Each only writes the row; a reconcile applies it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from mqtt_app import certificates
from mqtt_app.browsers import announcements, live
from mqtt_app.models import DiscoveredTopic, Listener, MqttConnection, MqttTopic, Pulse, TopicOverflow
from mqtt_app.topics import is_filter, matches, regular_expression
from mqtt_app.wire import addresses
from sites.fields import Undecryptable
from sites.models import Site

DISCOVERY = timedelta(minutes=10)  # how long every topic of a broker is listened to (docs/rules.md, 10)
TOPICS_PER_CONNECTION = 1_000  # every listener joins them into a cover; wildcards say more with less
LISTENERS_READ_EVERY = timedelta(seconds=2)  # their assignments (docs/rules.md, 2)

SECRETS = ("password", "client_key")
"""Columns that are written and never shown; leaving them unread also keeps a lost key from breaking every list."""

PROTECTION = ("use_tls", "tls_verify")
ADDRESSEE = ("broker_host", "broker_port", "ca_certificate", *PROTECTION)
"""Columns that decide who receives the password, or could read it on its way."""

NOT_ALONG = (
    "Enter the password again: the stored one is not sent to another host or port, nor under weaker or other TLS. "
    "An empty one deletes it."
)


def private_allowed(connection: MqttConnection) -> bool:
    """Whether its host may lead into a private network: everywhere, or because a superuser entered it."""
    return settings.ALLOW_PRIVATE_BROKERS or connection.is_host_trusted


def validate_host(host: str, trusted: bool) -> None:
    """Raises ValidationError for a private address, or a name that leads to one, unless that is allowed."""
    if settings.ALLOW_PRIVATE_BROKERS or trusted:
        return
    try:
        addresses.find(host, 0, private_allowed=False)
    except OSError as error:
        raise ValidationError({"broker_host": addresses.NOT_ALLOWED}) from error


def add(site: Site, *, trusted: bool = False, **fields: Any) -> MqttConnection:
    """A new connection, which listens to `{site.slug}/#`. Raises ValidationError. trusted: a superuser asks for it."""
    connection = MqttConnection(site=site, is_host_trusted=trusted, **fields)
    connection.full_clean(exclude=["client_id"])
    validate_new(fields, trusted)
    with transaction.atomic():
        connection.save()
        MqttTopic.objects.create(mqtt_connection=connection, topic_pattern=f"{site.slug}/#")
        told([connection.pk])
    return connection


def validate_new(fields: Mapping[str, Any], trusted: bool) -> None:
    """Raises ValidationError for a connection that may not be made so."""
    validate_host(fields["broker_host"], trusted)
    certificates.validate_pair(fields.get("client_certificate", ""), fields.get("client_key", ""), timezone.now())


def validate_change(row: MqttConnection, changes: Mapping[str, Any], trusted: bool) -> None:
    """Raises ValidationError where these columns of `row`, as it is stored, may not become what `changes` says.

    trusted: whoever asks may send the stored password anywhere, and name any host: a superuser.
    """
    if changes.get("broker_host") not in (None, row.broker_host):
        validate_host(changes["broker_host"], trusted)
    if not trusted and "password" not in changes and _exposes(row, changes):
        raise ValidationError({"password": NOT_ALONG})
    if {"client_certificate", "client_key"} & changes.keys():
        try:
            key = changes["client_key"] if "client_key" in changes else row.client_key  # noqa: SIM401  read only if needed
        except Undecryptable as error:
            raise ValidationError({"client_key": str(error)}) from error
        certificates.validate_pair(changes.get("client_certificate", row.client_certificate), key, timezone.now())


def trust(pk: int, changes: Mapping[str, Any], trusted: bool) -> None:
    """A changed host is trusted as far as whoever changed it."""
    if "broker_host" in changes:
        MqttConnection.objects.filter(pk=pk).update(is_host_trusted=trusted)


def _exposes(row: MqttConnection, changes: Mapping[str, Any]) -> bool:
    """Whether a stored password would go to another broker, or become readable on its way."""
    changed = {name for name in ADDRESSEE if changes.get(name, getattr(row, name)) != getattr(row, name)}
    weakened = {name for name in PROTECTION if name in changed and not changes[name]}
    stored = MqttConnection.objects.filter(pk=row.pk).exclude(password="")
    return bool(changed - set(PROTECTION) | weakened) and stored.exists()


class Outdated(Exception):
    """Somebody else has changed the connection since it was looked at."""

    WORDS = "Somebody has changed this connection meanwhile. Look at it again, then make your change."


def claim(pk: int, version: int | None = None) -> None:
    """Take the next version of a connection; needs a transaction, to whose end others wait.

    Raises Outdated when `version`, which the person has seen, is no longer the present one. None: whatever it is.
    """
    rows = MqttConnection.objects.filter(pk=pk, **({} if version is None else {"version": version}))
    if not rows.update(version=F("version") + 1):
        raise Outdated(Outdated.WORDS)


def switch(connections: QuerySet[MqttConnection], active: bool) -> int:
    """Wish these connections open or closed; returns how many were not so wished before."""
    ids = list(connections.exclude(is_active=active).values_list("pk", flat=True))
    with transaction.atomic():
        changed = (
            MqttConnection.objects.filter(pk__in=ids)
            .exclude(is_active=active)
            .update(is_active=active, version=F("version") + 1)
        )
        told(ids)
    return changed


def retry(connections: QuerySet[MqttConnection]) -> int:
    """Wish the next attempt at once, of those that should be open and are not; returns how many there are."""
    rows = connections.filter(is_active=True).exclude(status=MqttConnection.Status.CONNECTED)
    ids = list(rows.values_list("pk", flat=True))
    return MqttConnection.objects.filter(pk__in=ids).update(retry_wished_at=Now(), version=F("version") + 1)


def discover(connections: QuerySet[MqttConnection], until: datetime, with_system: bool = False) -> int:
    """Wish that these connections listen to every topic of their brokers, with_system: to those under `$SYS` too."""
    return connections.update(discover_until=until, discover_system=with_system, version=F("version") + 1)


def adopt(discovered: QuerySet[DiscoveredTopic]) -> tuple[int, int]:
    """Make a topic, to be parsed, of each discovered one; returns how many were made, and how many could not be.

    Skipped: a topic that exists or that no filter can name, a site without connection, a connection that has all the
    topics it may have.
    """
    wanted = list(discovered.values_list("site_id", "topic_path"))
    with transaction.atomic():
        rows = MqttConnection.objects.filter(site_id__in={site_id for site_id, _ in wanted}).defer(*SECRETS)
        of_site = {row.site_id: row for row in rows.annotate(held=Count("topics"))}
        room = {site_id: TOPICS_PER_CONNECTION - row.held for site_id, row in of_site.items()}
        known = set(
            MqttTopic.objects.filter(mqtt_connection__in=rows).values_list("mqtt_connection__site_id", "topic_pattern")
        )
        new = []
        for site_id, path in wanted:
            if (site_id, path) not in known and room.get(site_id, 0) > 0 and is_filter(path):
                room[site_id] -= 1
                new.append(MqttTopic(mqtt_connection=of_site[site_id], topic_pattern=path))
        MqttTopic.objects.bulk_create(new, ignore_conflicts=True)
    return len(new), len(wanted) - len(new)


class TooMany(Exception):
    """A connection has as many topics as it may have."""


def set_topic(connection: MqttConnection, pattern: str, parser_name: str = "", *, muted: bool = False) -> MqttTopic:
    """Parse what belongs to this filter, or mute it; a topic with the same filter is changed.

    What is muted is forgotten by discovery, which gains its room. Raises ValidationError, TooMany.
    """
    with transaction.atomic():
        MqttConnection.objects.select_for_update().only("pk").get(pk=connection.pk)
        topic = connection.topics.filter(topic_pattern=pattern).first()
        if topic is None and connection.topics.count() >= TOPICS_PER_CONNECTION:
            raise TooMany(f"A connection has {TOPICS_PER_CONNECTION} topics at most; use the wildcards + and #.")
        topic = topic or MqttTopic(mqtt_connection=connection, topic_pattern=pattern)
        topic.is_active, topic.is_muted, topic.parser_name = not muted, muted, parser_name
        topic.full_clean()
        topic.save()
        if muted:
            forget_discovered(connection.site_id, pattern)
    return topic


def forget_discovered(site_id: int, pattern: str) -> None:
    """Take what belongs to this filter off the list of discovered topics."""
    DiscoveredTopic.objects.filter(site=site_id, topic_path__regex=regular_expression(pattern)).delete()
    unlisted = TopicOverflow.objects.filter(site=site_id)
    TopicOverflow.objects.filter(pk__in=[one.pk for one in unlisted if matches(pattern, one.example)]).delete()


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a wish written now becomes a fact, if the broker agrees."""

    applies_by: datetime
    next_reconcile_at: datetime
    reconcile_period_s: int
    listener_alive: bool


def outlook(now: datetime) -> Outlook:
    """An overdue reconcile is expected within one period from now: a listener runs it when nobody else does."""
    period = timedelta(seconds=settings.RECONCILE_PERIOD_S)
    last = Pulse.objects.filter(name="reconcile").values_list("at", flat=True).first()
    due = last + period if last else now
    following = due if now < due <= now + period else now + period
    alive = Listener.living().exists()
    return Outlook(following + LISTENERS_READ_EVERY, following, settings.RECONCILE_PERIOD_S, alive)


def told(ids: Sequence[int]) -> None:
    """After the commit, tell browsers of these connections' wishes."""
    if ids:
        transaction.on_commit(partial(_announce, ids))


def _announce(ids: Sequence[int]) -> None:
    following = {"next_reconcile_at": outlook(timezone.now()).next_reconcile_at}
    rows = MqttConnection.objects.filter(pk__in=ids).defer(*SECRETS)
    live.announce([announcements.of_connection(row).model_copy(update=following) for row in rows])
