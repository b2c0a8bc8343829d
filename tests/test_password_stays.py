"""A stored password goes to the broker it was entered for, and to no other one."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from mqtt_app.models import MqttConnection
from sites.models import Role
from tests import rows
from tests.certificates import Authority

pytestmark = pytest.mark.django_db

CA = Authority().certificate
ELSEWHERE = [{"broker_host": "evil.example"}, {"broker_port": 8883}, {"use_tls": False}, {"ca_certificate": CA}]


@pytest.fixture
def field() -> SimpleNamespace:
    return rows.furnished()


def client(field: SimpleNamespace, superuser: bool = False) -> Client:
    """The browser of the site's admin, or of a superuser."""
    person = rows.person("ada", Role.ADMIN, field.site, is_staff=True, is_superuser=superuser)
    person.user_permissions.set(
        Permission.objects.filter(codename__in=["view_mqttconnection", "change_mqttconnection"])
    )
    return rows.browser(person)


def patch(who: Client, field: SimpleNamespace, **body: Any) -> tuple[int, str]:
    answer = who.patch(f"/api/v1/connections/{field.connection.pk}/", body, content_type="application/json")
    return answer.status_code, answer.content.decode()


def submit(who: Client, field: SimpleNamespace, **changes: Any) -> tuple[int, str]:
    one = field.connection
    shown: dict[str, Any] = {"broker_host": one.broker_host, "broker_port": one.broker_port, "username": one.username}
    shown |= {"keep_raw_days": one.keep_raw_days, "protocol": one.protocol, "client_id_prefix": "fl-"}
    shown |= {"tls_verify": True, "use_tls": True}
    sent = {name: value for name, value in (shown | changes).items() if value is not False}
    answer = who.post(reverse("admin:mqtt_app_mqttconnection_change", args=[one.pk]), sent)
    return answer.status_code, answer.content.decode()


def unchanged(field: SimpleNamespace) -> bool:
    stored = MqttConnection.objects.get()
    names = ("broker_host", "broker_port", "use_tls", "tls_verify", "ca_certificate", "password")
    return [getattr(stored, name) for name in names] == [getattr(field.connection, name) for name in names]


@pytest.mark.parametrize("change", ELSEWHERE)
def test_a_stored_password_does_not_follow_elsewhere(field: SimpleNamespace, change: dict[str, Any]) -> None:
    ada = client(field)
    status, words = patch(ada, field, **change)
    assert status == 422
    assert "Enter the password again" in words
    status, words = submit(ada, field, **change)
    assert status == 200
    assert "Enter the password again" in words
    assert unchanged(field)


@pytest.mark.parametrize("change", ELSEWHERE)
def test_given_anew_it_goes_where_it_is_sent(field: SimpleNamespace, change: dict[str, Any]) -> None:
    assert patch(client(field), field, **change, password="another")[0] == 200
    stored = MqttConnection.objects.get()
    assert {name: getattr(stored, name) for name in change} == change
    assert stored.password == "another"


def test_given_anew_in_the_admin_or_deleted_there_the_host_may_change(field: SimpleNamespace) -> None:
    ada = client(field)
    assert submit(ada, field, broker_host="one.example", new_password="another")[0] == 302
    assert submit(ada, field, broker_host="two.example", forget_secrets="on")[0] == 302
    assert submit(ada, field, broker_host="three.example")[0] == 302
    stored = MqttConnection.objects.get()
    assert (stored.broker_host, stored.password) == ("three.example", "")


def test_deleting_it_in_rest_lets_the_host_change(field: SimpleNamespace) -> None:
    ada = client(field)
    assert patch(ada, field, broker_host="one.example", password="")[0] == 200
    assert patch(ada, field, broker_host="two.example")[0] == 200


def test_what_does_not_decide_who_gets_it_changes_freely(field: SimpleNamespace) -> None:
    ada = client(field)
    same = {"broker_host": "broker.example", "broker_port": 1883, "use_tls": True, "tls_verify": True}
    assert patch(ada, field, **same, username="other", protocol="3.1.1", is_active=False)[0] == 200
    MqttConnection.objects.update(use_tls=False)
    assert patch(ada, field, use_tls=True)[0] == 200
    assert MqttConnection.objects.get().password == rows.PLANTED


def test_only_a_superuser_switches_verification_off_or_moves_the_password_along(field: SimpleNamespace) -> None:
    assert patch(client(field), field, tls_verify=False, password="another")[0] == 403
    assert unchanged(field)
    rows.person("root", is_superuser=True)
    root = rows.browser(rows.person("root2", is_superuser=True, is_staff=True))
    assert patch(root, field, tls_verify=False, broker_host="new.example")[0] == 200
    assert submit(root, field, broker_host="newer.example")[0] == 302
    stored = MqttConnection.objects.get()
    assert (stored.broker_host, stored.password) == ("newer.example", rows.PLANTED)
