"""Whatever is sent, the API says what is wrong with it, in one shape, and never fails itself."""

import gzip
import json

import pytest
from django.test import override_settings

from sites.models import Role
from tests import rows

pytestmark = pytest.mark.django_db

CONNECTION = {"broker_host": "broker.example"}
BIG = 2**70


@pytest.fixture
def field():
    return rows.furnished()


@pytest.fixture
def client(field):
    return rows.browser(rows.person("root", is_superuser=True))


def refused(response, *statuses: int) -> dict:
    """The error, which has the one shape that all errors have."""
    assert response.status_code in statuses, response.content
    assert response["Content-Type"].startswith("application/json")
    error = response.json()["error"]
    assert {"code", "message"} <= error.keys() <= {"code", "message", "fields", "deletes"}
    assert isinstance(error["message"], str)
    return error


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("sites/?search=%00", (422,)),
        ("sites/?%00=1", (422,)),
        ("sites/?search=" + "x" * 10_000, (422,)),
        ("sites/?sort=password", (422,)),
        ("connections/?sort=password", (422,)),
        ("connections/?sort=site__memberships__user__password", (422,)),
        ("sites/?limit=0", (422,)),
        ("sites/?limit=1001", (422,)),
        ("sites/?limit=-1", (422,)),
        ("sites/?limit=1e3", (422,)),
        (f"sites/?offset={BIG}", (422,)),
        ("sites/?site_type=castle", (422,)),
        ("sites/?is_active=perhaps", (422,)),
        ("sites/abc/", (422,)),
        (f"sites/{BIG}/", (404,)),
        (f"sites/-{BIG}/", (404,)),
        (f"sites/{'9' * 5_000}/", (422,)),
        (f"readings/?sensor={BIG}", (404,)),
        ("readings/", (422,)),
        ("gateways/?site=NaN", (422,)),
        ("parsing-logs/?from=yesterday", (422,)),
        ("parsing-logs/?from=2025-02-30T00:00:00Z", (422,)),
        ("parsing-logs/?from=0001-01-01T00:00:00%2B14:00", (422,)),
        ("parsing-logs/?from=9999-12-31T23:59:59-14:00", (422,)),
        ("parsing-logs/?from=NaN", (422,)),
        ("parsing-logs/?from=Infinity", (422,)),
        ("parsing-logs/?from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z", (400,)),
        ("connection-logs/?from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z", (400,)),
        ("mqtt/ledger/?from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z", (400,)),
        ("sensors/{sensor}/readings?from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z", (400,)),
        ("sensors/{sensor}/readings?from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", (400,)),
        ("sensors/{sensor}/readings?points=0", (422,)),
        ("sensors/{sensor}/readings?points=NaN", (422,)),
        ("sensors/{sensor}/readings?from=1e400", (422,)),
        ("nothing/", (404,)),
        ("sites", (404,)),
    ],
)
def test_a_bad_question_is_answered_with_what_is_wrong(client, field, query, statuses):
    refused(client.get("/api/v1/" + query.replace("{sensor}", str(field.sensor.pk))), *statuses)


@pytest.mark.parametrize("query", [f"gateways/?site={BIG}", f"topics/?connection=-{BIG}", "sites/?search=%27%3B--"])
def test_what_cannot_be_there_is_not_found_without_an_error(client, query):
    assert client.get("/api/v1/" + query).json()["items"] == []


def test_a_log_is_not_continued_from_an_impossible_place(client):
    assert client.get(f"/api/v1/parsing-logs/?before=-{BIG}").json()["items"] == []
    assert len(client.get(f"/api/v1/parsing-logs/?before={BIG}").json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_json"),
        (b"\xff\xfe", "application/json", 400, "bad_json"),
        (b'{"name": NaN}', "application/json", 400, "bad_json"),
        (b'{"name": Infinity}', "application/json", 400, "bad_json"),
        (b'{"name": ' + b"9" * 5_000 + b"}", "application/json", 400, "bad_json"),
        (b"[" * 100_000, "application/json", 400, "bad_json"),
        (b'{"a":' * 100_000, "application/json", 400, "bad_json"),
        (b'{"name": "x"}', "text/plain", 415, "not_json"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "not_json"),
        (b'"' + b"x" * 2_000_000 + b'"', "application/json", 413, "too_big"),
        (b"", "application/json", 422, "invalid"),
        (b"null", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b'"text"', "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_by_its_kind(client, body, content_type, status, code):
    assert refused(client.post("/api/v1/sites/", body, content_type=content_type), status)["code"] == code


def test_a_packed_body_is_never_unpacked(client):
    bomb = gzip.compress(b'{"name": "' + b"x" * 50_000_000 + b'"}')
    response = client.post("/api/v1/sites/", bomb, content_type="application/json", HTTP_CONTENT_ENCODING="gzip")
    assert refused(response, 400)["code"] == "bad_json"


@pytest.mark.parametrize("path", ["/", "/api/v1/sites/", "/admin/", "/login/"])
def test_a_host_that_we_are_not_is_refused(client, path):
    response = client.get(path, HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert b"evil" not in response.content


@pytest.mark.parametrize("body", [b"false", b"null", b"0", b"[]", b'""', b"true", b"7"])
def test_a_change_that_is_no_object_is_refused(client, field, body):
    response = client.patch(f"/api/v1/connections/{field.connection.pk}/", body, content_type="application/json")
    assert refused(response, 422)["code"] == "invalid"


@pytest.mark.parametrize(
    ("changes", "field_name"),
    [
        ({"broker_port": 0}, "broker_port"),
        ({"broker_port": 65_536}, "broker_port"),
        ({"broker_port": -1}, "broker_port"),
        ({"broker_port": "abc"}, "broker_port"),
        ({"broker_port": 1.5}, "broker_port"),
        ({"broker_port": None}, "broker_port"),
        ({"broker_host": ""}, "broker_host"),
        ({"broker_host": "a b"}, "broker_host"),
        ({"broker_host": "mqtt://host"}, "broker_host"),
        ({"broker_host": "host\r\nX: y"}, "broker_host"),
        ({"broker_host": "host\n"}, "broker_host"),
        ({"broker_host": "/run/broker.sock"}, "broker_host"),
        ({"broker_host": "h" * 254}, "broker_host"),
        ({"broker_host": "a\0b"}, "broker_host"),
        ({"broker_host": ["h"]}, "broker_host"),
        ({"username": "a\0b"}, "username"),
        ({"username": "u" * 70_000}, "username"),
        ({"username": "\ud800"}, "username"),
        ({"username": None}, "username"),
        ({"password": "a\0b"}, "password"),
        ({"password": "p" * 70_000}, "password"),
        ({"client_id_prefix": "fl\n"}, "client_id_prefix"),
        ({"client_id_prefix": "a b"}, "client_id_prefix"),
        ({"client_id_prefix": "a" * 70_000}, "client_id_prefix"),
        ({"protocol": "3"}, "protocol"),
        ({"is_active": "perhaps"}, "is_active"),
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_bad_connection_is_refused_by_the_name_of_its_field(client, field, method, changes, field_name):
    path, body = f"/api/v1/connections/{field.connection.pk}/", changes
    if method == "post":
        path, body = "/api/v1/connections/", CONNECTION | {"site": rows.site("new").pk} | changes
    response = getattr(client, method)(path, json.dumps(body), content_type="application/json")
    assert any(name.startswith(field_name) for name in refused(response, 422)["fields"])


@pytest.mark.parametrize("pattern", ["", "a/#/b", "a#", "+a/b", "$share/g/a", "a\0b", "x" * 513, None, 5])
def test_a_topic_that_no_broker_would_take_is_refused(client, field, pattern):
    body = {"connection": field.connection.pk, "topic_pattern": pattern}
    response = client.post("/api/v1/topics/", json.dumps(body), content_type="application/json")
    assert "topic_pattern" in refused(response, 422)["fields"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"slug": "a b"}, "slug"),
        ({"slug": "site_001"}, "slug"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"name": "n" * 129}, "name"),
        ({"name": ""}, "name"),
        ({"site_type": "castle"}, "site_type"),
    ],
)
def test_a_bad_site_is_refused_by_the_name_of_its_field(client, changes, name):
    body = {"name": "New", "slug": "new"} | changes
    response = client.post("/api/v1/sites/", body, content_type="application/json")
    assert name in refused(response, 422)["fields"]


def test_a_parser_that_is_not_installed_is_refused_with_those_that_are(client, field):
    body = {"parser_name": "imaginary"}
    response = client.patch(f"/api/v1/topics/{field.topic.pk}/", body, content_type="application/json")
    assert "dataloggers_telemetry" in refused(response, 422)["fields"]["parser_name"]


PRIVATE = [
    "127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0",  # noqa: S104
    "0x7f000001", "2130706433", "127.1", "224.0.0.1", "fe80::1", "64:ff9b::7f00:1", "2002:7f00:1::", "postgres",
    "no-such-name.invalid",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
@override_settings(ALLOW_PRIVATE_BROKERS=False)
def test_a_private_broker_is_refused_in_the_same_words_as_one_that_does_not_exist(host):
    site = rows.site("new")
    body = CONNECTION | {"site": site.pk, "broker_host": host}
    client = rows.browser(rows.person("ada", Role.ADMIN, site))
    response = client.post("/api/v1/connections/", body, content_type="application/json")
    assert refused(response, 422)["fields"] == {
        "broker_host": "This broker cannot be reached from here: name a host on the public internet."
    }


@override_settings(ALLOW_PRIVATE_BROKERS=False)
def test_a_public_broker_is_taken_and_cannot_be_made_private_later():
    site = rows.site("new")
    body = CONNECTION | {"site": site.pk, "broker_host": "8.8.8.8"}
    client = rows.browser(rows.person("ada", Role.ADMIN, site))
    made = client.post("/api/v1/connections/", body, content_type="application/json")
    assert made.status_code == 201
    path = f"/api/v1/connections/{made.json()['id']}/"
    refused(client.patch(path, {"broker_host": "127.0.0.1"}, content_type="application/json"), 422)


def test_a_second_connection_for_a_site_is_refused(client, field):
    body = CONNECTION | {"site": field.site.pk}
    assert "site" in refused(client.post("/api/v1/connections/", body, content_type="application/json"), 422)["fields"]


def test_a_topic_cannot_become_one_that_its_connection_has(client, field):
    body = {"connection": field.connection.pk, "topic_pattern": "a/b"}
    made = client.post("/api/v1/topics/", body, content_type="application/json").json()
    body = {"topic_pattern": field.topic.topic_pattern}
    path = f"/api/v1/topics/{made['id']}/"
    assert "once per connection" in refused(client.patch(path, body, content_type="application/json"), 409)["message"]


def test_a_wrong_method_is_told_the_right_ones(client):
    response = client.delete("/api/v1/gateways/")
    assert refused(response, 405)["code"] == "method_not_allowed"
    assert response["Allow"] == "GET"
