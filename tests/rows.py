"""Rows that many tests need: people with roles, and a site in which everything is there once."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from mqtt_app import connections
from mqtt_app.models import (
    Command,
    DiscoveredTopic,
    LedgerMinute,
    Listener,
    Mapping,
    MappingVersion,
    MqttConnectionLog,
    MqttParsingLog,
    ParserCase,
    Pulse,
    Replay,
)
from sites import tokens
from sites.models import (
    Acknowledgement,
    ApiToken,
    Datalogger,
    DeviceRule,
    Gateway,
    Membership,
    Newcomer,
    Reading,
    Role,
    Sensor,
    SerialConflict,
    Site,
)
from tests import certificates

PLANTED = "planted-Passw0rd"
PLANTED_KEY = certificates.new_key()


def site(slug: str = "site_001", **fields: object) -> Site:
    return Site.objects.create(name=f"The {slug}", slug=slug, **fields)


def person(name: str, role: Role | None = None, at: Site | None = None, **fields: bool) -> User:
    """A user who holds `role` at `at`, or nothing anywhere."""
    user = User.objects.create(username=name, **fields)
    if role and at:
        Membership.objects.create(user=user, site=at, role=role)
    return user


def browser(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def program(user: User, scope: str = ApiToken.Scope.ADMIN, lasts: timedelta = timedelta(days=1)) -> Client:
    """A program with a token of `user`."""
    _, secret = tokens.issue(user, "a program", scope, timezone.now() + lasts)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def reading(sensor: Sensor, time: datetime, *values: float) -> Reading:
    return Reading(sensor=sensor, time=time, received_at=time, values=list(values), quality="good")


def furnished(slug: str = "site_001") -> SimpleNamespace:
    """A site with one of everything, and a broker password and client key that nobody may ever see again."""
    now = timezone.now()
    here = site(slug)
    link = connections.add(
        here, broker_host="broker.example", username="fl", password=PLANTED, client_key=PLANTED_KEY, use_tls=True
    )
    gateway = Gateway.objects.create(site=here, serial="gateway_1")
    datalogger = Datalogger.objects.create(site=here, gateway=gateway, serial="MNA000123", kind="monstro", interval_s=5)
    sensor = Sensor.objects.create(datalogger=datalogger, key="accelerometer", components=["x", "y", "z"], unit="g")
    Reading.objects.bulk_create([reading(sensor, now - timedelta(seconds=5 * n), n, 0.5, -n) for n in range(1, 11)])
    discovered = DiscoveredTopic.objects.create(
        site=here,
        topic_path=f"{slug}/gateway/1/status",
        first_seen_at=now,
        last_seen_at=now,
        sample_payload={"text": "x"},
    )
    log = MqttConnectionLog.objects.create(connection=link, message="CONNACK 0")
    failure = MqttParsingLog.objects.create(
        site=here, topic="a/b", received_at=now, error_type="not_json", payload=b"\xff\x00<script>", error_message="no"
    )
    case = ParserCase.objects.create(
        site=here, name="one", parser_name="gateway_status", topic="a/b", payload=b"{}", received_at=now
    )
    mapping = Mapping.objects.create(site=here, name="m")
    mapped = {"template": "a/{b}", "device": "{b}", "sensors": [{"key": "c", "value": "c"}]}
    MappingVersion.objects.create(mapping=mapping, number=1, definition=mapped)
    LedgerMinute.objects.create(connection=link, epoch=1, qos=1, minute=now, received=5, stored=4)
    Listener.objects.get_or_create(name="listener-1")
    Pulse.objects.get_or_create(name="reconcile", defaults={"at": now})
    return SimpleNamespace(
        site=here,
        connection=link,
        topic=link.topics.get(),
        gateway=gateway,
        datalogger=datalogger,
        sensor=sensor,
        discovered=discovered,
        log=log,
        failure=failure,
        case=case,
        replay=Replay.objects.create(site=here),
        mapping=mapping,
        command=Command.objects.create(
            site=here, connection=link, kind="raw", topic="a/b", payload=b"1", expires_at=now + timedelta(hours=1)
        ),
        rule=DeviceRule.objects.create(site=here, pattern="A*", action="hold"),
        newcomer=Newcomer.objects.create(
            site=here, role="datalogger", serial="N1", message_count=1, first_seen_at=now, last_seen_at=now
        ),
        acknowledgement=Acknowledgement.objects.create(site=here, by="ada"),
        conflict=SerialConflict.objects.create(site=here, other=here, role="datalogger", serial="N1"),
    )
