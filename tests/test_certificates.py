"""A certificate or key that could not be used is refused when it is entered, in words; a good key is kept encrypted."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from mqtt_app.models import MqttConnection
from tests import rows
from tests.certificates import DAY, Authority, new_key

pytestmark = pytest.mark.django_db

AUTHORITY = Authority()
OURS = AUTHORITY.issue("fieldledger")
EXPIRED = AUTHORITY.issue("fieldledger", -DAY)


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


def change(root: Client, connection: MqttConnection, **body: Any) -> tuple[int, dict[str, str]]:
    path = f"/api/v1/connections/{connection.pk}/"
    answer = root.patch(path, body, content_type="application/json")
    return answer.status_code, answer.json().get("error", {}).get("fields", {})


def connection() -> MqttConnection:
    return MqttConnection.objects.create(site=rows.site(), broker_host="broker.example")


REFUSED = [
    ({"ca_certificate": "hello"}, "ca_certificate", "no certificate in PEM"),
    ({"ca_certificate": AUTHORITY.certificate[:-40]}, "ca_certificate", "no certificate in PEM"),
    ({"ca_certificate": f"# Società\n{AUTHORITY.certificate}"}, "ca_certificate", "plain ASCII"),
    ({"client_certificate": OURS.key + OURS.certificate, "client_key": OURS.key}, "client_certificate", "field of the"),
    ({"client_certificate": OURS.certificate}, "client_key", "no use without its key"),
    ({"client_certificate": "hello", "client_key": OURS.key}, "client_certificate", "no certificate in PEM"),
    ({"client_certificate": OURS.certificate, "client_key": "hello"}, "client_key", "no private key in PEM"),
    ({"client_certificate": OURS.certificate, "client_key": new_key()}, "client_key", "does not belong"),
    ({"client_certificate": OURS.certificate, "client_key": new_key(b"secret")}, "client_key", "passphrase"),
    ({"client_certificate": EXPIRED.certificate, "client_key": EXPIRED.key}, "client_certificate", "expired on 20"),
    ({"client_key": OURS.certificate}, "client_key", "no private key in PEM"),
]


@pytest.mark.parametrize(("body", "field", "words"), REFUSED)
def test_what_could_not_be_used_is_refused_in_rest(root: Client, body: dict[str, str], field: str, words: str) -> None:
    one = connection()
    status, fields = change(root, one, **body)
    assert status == 422
    assert words in fields[field]
    made = root.post(
        "/api/v1/connections/",
        {"site": rows.site("other").pk, "broker_host": "h", **body},
        content_type="application/json",
    )
    assert words in made.json()["error"]["fields"][field]
    one.refresh_from_db()
    assert (one.ca_certificate, one.client_certificate, one.client_key) == ("", "", "")


@pytest.mark.parametrize(("body", "field", "words"), REFUSED)
def test_what_could_not_be_used_is_refused_in_the_admin(
    root: Client, body: dict[str, str], field: str, words: str
) -> None:
    one = connection()
    named = {{"client_key": "new_client_key"}.get(name, name): value for name, value in body.items()}
    shown = {
        "broker_host": one.broker_host,
        "broker_port": 1883,
        "protocol": "5",
        "client_id_prefix": "fl-",
        "keep_raw_days": 0,
    }
    path = reverse("admin:mqtt_app_mqttconnection_change", args=[one.pk])
    page = root.post(path, shown | {"tls_verify": "on", "is_active": "on"} | named)
    assert page.status_code == 200
    assert words in str(page.context["adminform"].form.errors[{"client_key": "new_client_key"}.get(field, field)])


def test_a_pair_and_a_bundle_are_taken_and_the_key_is_encrypted_at_rest(root: Client) -> None:
    one = connection()
    bundle = f"The plant's own:\n{AUTHORITY.certificate}\n{Authority().certificate}"
    assert change(root, one, ca_certificate=bundle, client_certificate=OURS.certificate, client_key=OURS.key)[0] == 200
    one.refresh_from_db()
    assert one.client_key == OURS.key
    with database.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM mqtt_app_mqttconnection c")
        stored = cursor.fetchone()[0]
    assert OURS.certificate.splitlines()[1] in stored
    assert OURS.key.splitlines()[1] not in stored


def test_a_renewed_certificate_is_compared_with_the_stored_key(root: Client) -> None:
    one = connection()
    assert change(root, one, client_certificate=OURS.certificate, client_key=OURS.key)[0] == 200
    other = AUTHORITY.issue("fieldledger", timedelta(days=2))
    assert "does not belong" in change(root, one, client_certificate=other.certificate)[1]["client_key"]
    assert "no use without" in change(root, one, client_key="")[1]["client_key"]
    assert change(root, one, client_certificate="", client_key="")[0] == 200


@pytest.mark.parametrize(("field", "value"), [("broker_host", "broker.example\n"), ("client_id_prefix", "fl-\n")])
def test_a_name_does_not_end_with_a_line_feed(field: str, value: str) -> None:
    one = connection()
    setattr(one, field, value)
    with pytest.raises(ValidationError, match=r"Enter a host name|Use letters"):
        one.full_clean()
