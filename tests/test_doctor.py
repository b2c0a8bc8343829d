"""`manage.py doctor`: every part is asked, and what is not well is said with the way to mend it."""

import json
import socket
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.management import call_command
from django.db.models.functions import Now

from mqtt_app.models import Listener, MqttConnection, Pulse
from sites.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole() -> None:
    Listener.objects.create(name="listener-1")
    for name in ("reconcile", "canary:ingest", "canary:control", "canary:upkeep"):
        Pulse.objects.create(name=name, at=Now())


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def connection(slug: str, host: str, port: int, **fields: Any) -> MqttConnection:
    site = Site.objects.create(name=slug.title(), slug=slug)
    return MqttConnection.objects.create(site=site, broker_host=host, broker_port=port, **fields)


def doctor(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_a_healthy_system_gets_a_clean_bill(whole: None, port: int) -> None:
    connection("colle", "127.0.0.1", port)
    text, status = doctor()
    assert status == 0
    assert "failed" not in text
    assert f"broker of Colle: 127.0.0.1:{port} accepts connections." in text


def test_a_broker_that_cannot_be_reached_is_named_with_a_remedy(whole: None, port: int) -> None:
    connection("closed", "127.0.0.1", 1)
    connection("lost", "no-such-host.invalid", 1883)
    connection("unwanted", "no-such-host.invalid", 1883, is_active=False)
    text, status = doctor("--json")
    failed = {line["name"]: line for line in json.loads(text) if line["state"] == "failed"}
    assert status == 1
    assert failed.keys() == {"broker of Closed", "broker of Lost"}
    assert "refused" in failed["broker of Closed"]["detail"]
    assert "not known" in failed["broker of Lost"]["detail"]
    assert all(line["remedy"] for line in failed.values())


def test_an_operator_is_told_in_full_what_readyz_keeps_back(whole: None, port: int, settings: LazySettings) -> None:
    Listener.objects.update(name="machine-in-the-cellar:4711")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text, _ = doctor()
    assert "A listener is alive. machine-in-the-cellar:4711" in text
    assert "Redis does not answer. Error 111 connecting to 127.0.0.1:1." in text


def test_a_mistake_in_the_settings_fails_with_its_hint(whole: None, settings: LazySettings) -> None:
    settings.FIELD_KEYS = []
    text, status = doctor()
    assert status == 1
    assert "failed   fieldledger.E001" in text
    assert "→ FIELD_KEYS must hold at least one Fernet key" in text


def test_a_warning_alone_is_not_a_failure(whole: None, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    text, status = doctor()
    assert status == 0
    assert "warning  fieldledger.W008" in text


def test_secrets_that_no_key_reads_are_named(whole: None, port: int, settings: LazySettings) -> None:
    """As after a restore with other keys."""
    stored = connection("colle", "127.0.0.1", port, password="planted-secret")
    assert "ok       secrets: FIELD_KEYS reads every stored secret." in doctor()[0]
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    text, status = doctor()
    assert status == 1
    assert f"No key of FIELD_KEYS reads the password of mqtt connection {stored.pk}." in text
    assert "→ Bring the lost key back, or enter them anew." in text


def test_what_stands_still_is_told_with_the_command_that_starts_it() -> None:
    text, status = doctor()
    assert status == 1
    assert "No listener is alive" in text
    assert "→ Start one: python manage.py run_mqtt" in text


def test_no_server_at_all_still_gives_a_report(settings: LazySettings, whole: None) -> None:
    settings.REDIS_URL = "redis://:planted-secret@127.0.0.1:1/0"
    text, status = doctor()
    assert status == 1
    assert "failed   redis: Redis does not answer" in text
    assert "planted-secret" not in text
