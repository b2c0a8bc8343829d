"""What a fresh local system begins with: somebody who may sign in, a token for programs, and the fleet's sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from django.contrib.auth.models import User
from django.utils import timezone

from mqtt_app.models import MqttConnection, MqttTopic, Protocol
from project.local.ports import LOOPBACK
from sites import tokens
from sites.models import ApiToken, Site

TOKEN_LIFE = timedelta(days=3_650)  # it guards a system on loopback


@dataclass(frozen=True)
class Place:
    """A simulated site."""

    slug: str
    name: str
    kind: Site.Type
    location: str
    latitude: float | None = None
    longitude: float | None = None


FLEET = (
    Place("diga_valdora", "Diga di Valdora", Site.Type.DAM, "Valdora, Emilia-Romagna", 44.28, 10.55),
    Place("ponte_san_lazzaro", "Ponte San Lazzaro", Site.Type.BRIDGE, "Strada statale 9, km 112", 44.47, 11.41),
    Place("campo_colle", "Campo solare Colle", Site.Type.PLANT, "Colle, Emilia-Romagna", 44.62, 10.95),
)


def places(count: int) -> list[Place]:
    """The fleet's first `count` sites; those beyond the ones with a name are numbered."""
    numbered = [_numbered(FLEET[index % len(FLEET)], index + 1) for index in range(len(FLEET), count)]
    return [*FLEET[:count], *numbered]


def _numbered(like: Place, number: int) -> Place:
    return Place(f"{like.kind.value}_{number:03}", f"{like.kind.label} {number:03}", like.kind, "")


def administrator(username: str, password: str, token: str) -> User:
    """The superuser and its token. One that is there keeps its own password; the token is always made to work."""
    user, is_new = User.objects.get_or_create(username=username, defaults={"is_staff": True, "is_superuser": True})
    if is_new:
        user.set_password(password)
        user.save()
    now = timezone.now()
    ApiToken.objects.update_or_create(
        digest=tokens.digest(token),
        defaults={"user": user, "scope": ApiToken.Scope.ADMIN, "expires_at": now + TOKEN_LIFE},
        create_defaults={
            "user": user,
            "name": "local system",
            "prefix": token[: tokens.PREFIX_LENGTH],
            "scope": ApiToken.Scope.ADMIN,
            "expires_at": now + TOKEN_LIFE,
        },
    )
    return user


def fleet(broker_url: str, places: Sequence[Place] = FLEET) -> list[str]:
    """The fleet's sites, connected to its broker. What people changed stays; only a loopback broker's port follows.

    Returns the slugs of the sites that will hear their devices: switched on, with a topic to parse.
    """
    return [place.slug for place in places if _hears(_connection(place, broker_url))]


def _connection(place: Place, broker_url: str) -> MqttConnection:
    url = urlsplit(broker_url)
    host, port = url.hostname or LOOPBACK, url.port or 1883
    site, _ = Site.objects.get_or_create(
        slug=place.slug,
        defaults={
            "name": place.name,
            "site_type": place.kind,
            "timezone": "Europe/Rome",
            "location": place.location,
            "latitude": place.latitude,
            "longitude": place.longitude,
        },
    )
    connection, is_new = MqttConnection.objects.get_or_create(
        site=site,
        defaults={
            "broker_host": host,
            "broker_port": port,
            "username": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "protocol": Protocol.V311,
        },
    )
    if is_new:
        MqttTopic.objects.get_or_create(mqtt_connection=connection, topic_pattern=f"{place.slug}/#")
    elif connection.broker_host == host == LOOPBACK and connection.broker_port != port:
        connection.broker_port = port
        connection.save(update_fields=["broker_port"])
    return connection


def _hears(connection: MqttConnection) -> bool:
    return connection.is_active and connection.topics.filter(is_active=True).exists()
