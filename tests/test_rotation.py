"""`manage.py rotate_field_keys`: after it the first key alone reads every secret, and none was lost on the way."""

import io

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection as database

from mqtt_app.models import MqttConnection
from sites.models import AuditEntry
from tests import rows

pytestmark = pytest.mark.django_db

NEW, LOST = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_field_keys", stdout=out)
    return out.getvalue()


def stored() -> list[str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT password, client_key FROM mqtt_app_mqttconnection ORDER BY id")
        return [text for row in cursor.fetchall() for text in row if text]


def test_afterwards_the_new_key_alone_is_enough(settings: LazySettings) -> None:
    rows.furnished()
    rows.furnished("site_002")
    before = stored()
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    assert "4 secrets encrypted anew, 0 were already" in rotate()
    assert not set(before) & set(stored())
    settings.FIELD_KEYS = [NEW]
    assert {row.password for row in MqttConnection.objects.all()} == {rows.PLANTED}
    assert {row.client_key for row in MqttConnection.objects.all()} == {rows.PLANTED_KEY}
    assert AuditEntry.objects.filter(kind="connection").latest("id").via == "rotate_field_keys"


def test_doing_it_twice_changes_nothing(settings: LazySettings) -> None:
    rows.furnished()
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    rotate()
    before = stored()
    assert "0 secrets encrypted anew, 2 were already" in rotate()
    assert stored() == before


def test_a_secret_whose_key_is_lost_is_named_left_alone_and_keeps_no_other_back(settings: LazySettings) -> None:
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [LOST]
    lost = rows.furnished("lost").connection
    settings.FIELD_KEYS = old
    rows.furnished("kept")
    before = stored()
    settings.FIELD_KEYS = [NEW, *old]
    with pytest.raises(CommandError, match=f"password of mqtt connection {lost.pk}"):
        rotate()
    assert stored()[:2] == before[:2]
    assert not set(stored()[2:]) & set(before)
