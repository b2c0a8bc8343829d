"""A broker's password and key go in and never come out again."""

import json

import pytest
from django.contrib import admin
from django.db import connection as database
from django.urls import reverse

from mqtt_app.models import MqttConnection
from project.api import api
from tests import rows
from tests.test_api_permissions import LISTS, ROUTES

pytestmark = pytest.mark.django_db


def assert_nothing_planted(text: str) -> None:
    assert rows.PLANTED not in text
    assert rows.PLANTED_KEY.splitlines()[1] not in text


def test_no_rest_answer_holds_a_secret():
    field = rows.furnished()
    client = rows.browser(rows.person("root", is_superuser=True))
    ids = {name: row.pk for name, row in vars(field).items()}
    paths = [path.format(**ids) for method, path, *_ in ROUTES if method == "get"] + LISTS
    for path in paths:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert_nothing_planted(answer.content.decode())
    detail = client.get(f"/api/v1/connections/{field.connection.pk}/").json()
    assert (detail["has_password"], detail["has_client_key"]) == (True, True)


def test_writing_a_connection_does_not_echo_its_secrets():
    field = rows.furnished()
    client = rows.browser(rows.person("root", is_superuser=True))
    body = {"password": rows.PLANTED + "-2", "client_key": rows.PLANTED_KEY}
    changed = client.patch(f"/api/v1/connections/{field.connection.pk}/", body, content_type="application/json")
    assert changed.status_code == 200
    assert_nothing_planted(changed.content.decode())
    assert MqttConnection.objects.get().password == rows.PLANTED + "-2"
    refused = client.patch(
        f"/api/v1/connections/{field.connection.pk}/",
        body | {"broker_port": 0, "protocol": rows.PLANTED},
        content_type="application/json",
    )
    assert refused.status_code == 422
    assert_nothing_planted(refused.content.decode())


def test_what_is_not_named_keeps_the_stored_secret_and_an_empty_one_removes_it():
    field = rows.furnished()
    client = rows.browser(rows.person("root", is_superuser=True))
    path = f"/api/v1/connections/{field.connection.pk}/"
    client.patch(path, {"username": "other"}, content_type="application/json")
    assert MqttConnection.objects.get().password == rows.PLANTED
    client.patch(path, {"password": ""}, content_type="application/json")
    assert MqttConnection.objects.get().password == ""
    assert client.get(path).json()["has_password"] is False


def test_no_answers_schema_has_a_place_for_a_secret():
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    answers = json.dumps([op["responses"] for path in schema["paths"].values() for op in path.values()])
    seen: set[str] = set()
    waiting = {name for name in schema["components"]["schemas"] if f'schemas/{name}"' in answers}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        body = schema["components"]["schemas"][name]
        assert not {"password", "client_key", "digest"} & body.get("properties", {}).keys(), name
        waiting |= {n for n in schema["components"]["schemas"] if f'schemas/{n}"' in json.dumps(body)} - seen
    assert "ConnectionOut" in seen


def test_no_admin_page_holds_a_secret():
    field = rows.furnished()
    client = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert_nothing_planted(client.get(reverse(f"{name}_changelist")).content.decode())
    pages = ("change", "history", "delete")
    for page in pages:
        answer = client.get(reverse(f"admin:mqtt_app_mqttconnection_{page}", args=[field.connection.pk]))
        assert answer.status_code == 200
        assert_nothing_planted(answer.content.decode())


def test_the_database_itself_holds_no_readable_secret():
    rows.furnished()
    with database.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM mqtt_app_mqttconnection c")
        assert_nothing_planted(cursor.fetchone()[0])
