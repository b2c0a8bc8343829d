"""Every REST route, for everyone who might call it."""

import re

import pytest
from django.test import Client

from project.api import api
from sites.models import ApiToken, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db

VIEWER, OPERATOR, ADMIN = LADDER = Role.VIEWER, Role.OPERATOR, Role.ADMIN

# method, path, body, the role it takes, the answer to those who hold it
ROUTES = [
    ("get", "sites/{site}/", None, VIEWER, 200),
    ("patch", "sites/{site}/", {"location": "north"}, ADMIN, 200),
    ("delete", "sites/{site}/", None, ADMIN, 409),
    ("get", "gateways/{gateway}/", None, VIEWER, 200),
    ("get", "dataloggers/{datalogger}/", None, VIEWER, 200),
    ("get", "sensors/{sensor}/", None, VIEWER, 200),
    ("get", "sensors/{sensor}/readings", None, VIEWER, 200),
    ("get", "readings/?sensor={sensor}", None, VIEWER, 200),
    ("get", "dataloggers/{datalogger}/trends/", None, VIEWER, 200),
    ("get", "dataloggers/{datalogger}/availability/", None, VIEWER, 200),
    ("get", "dataloggers/{datalogger}/last-words/", None, VIEWER, 200),
    ("get", "sensors/{sensor}/origin/?at=2026-01-01T00:00Z", None, VIEWER, 200),
    ("get", "mqtt/site/{site}/status/", None, VIEWER, 200),
    ("post", "mqtt/site/{site}/start/", None, OPERATOR, 202),
    ("post", "mqtt/site/{site}/stop/", None, OPERATOR, 202),
    ("post", "mqtt/site/{site}/tail/", {"filter": "#a"}, OPERATOR, 422),
    ("post", "mqtt/site/{site}/force-discovery/", None, OPERATOR, 202),
    ("get", "mqtt/site/{site}/discoveries/", None, VIEWER, 200),
    ("get", "topic-templates/?site={site}", None, VIEWER, 200),
    ("post", "topic-templates/parse/", {"site": "{site}", "template": "a/+"}, OPERATOR, 201),
    ("post", "topic-templates/mute/", {"site": "{site}", "template": "a/+"}, OPERATOR, 201),
    ("post", "parsers/try/", {"site": "{site}", "topic": "a", "text": "1"}, OPERATOR, 200),
    ("post", "parsers/try-topic/", {"site": "{site}", "filter": "a/#"}, OPERATOR, 200),
    ("get", "parser-cases/{case}/", None, VIEWER, 200),
    ("patch", "parser-cases/{case}/", {"name": "other"}, OPERATOR, 200),
    ("delete", "parser-cases/{case}/", None, OPERATOR, 200),
    ("post", "replays/", {"site": "{site}", "ids": []}, OPERATOR, 202),
    ("get", "replays/{replay}/", None, VIEWER, 200),
    ("post", "replays/{replay}/cancel/", None, OPERATOR, 202),
    ("post", "replays/{replay}/start/", None, OPERATOR, 409),
    ("get", "connections/{connection}/", None, VIEWER, 200),
    ("post", "connections/", {"site": "{site}", "broker_host": "h"}, ADMIN, 422),
    ("patch", "connections/{connection}/", {"username": "other"}, ADMIN, 200),
    ("delete", "connections/{connection}/", None, ADMIN, 200),
    ("get", "topics/{topic}/", None, VIEWER, 200),
    ("post", "topics/", {"connection": "{connection}", "topic_pattern": "a/b"}, OPERATOR, 201),
    ("patch", "topics/{topic}/", {"is_active": False}, OPERATOR, 200),
    ("delete", "topics/{topic}/", None, OPERATOR, 200),
    ("get", "discovered-topics/{discovered}/", None, VIEWER, 200),
    ("get", "parsing-logs/{failure}/", None, VIEWER, 200),
    ("get", "discovered-topics/{discovered}/samples/", None, VIEWER, 200),
    ("delete", "acknowledgements/{acknowledgement}/", None, OPERATOR, 204),
]
LISTS = [
    "sites/", "gateways/", "dataloggers/", "sensors/", "connections/", "topics/", "discovered-topics/",
    "connection-logs/", "parsing-logs/", "mqtt/connection-status/", "mqtt/ledger/",
    "overview/", "topic-tree/", "coverage/", "parser-cases/", "replays/", "mappings/",
    "device-rules/", "newcomers/", "serial-conflicts/", "acknowledgements/",
]  # fmt: skip


def listed(answer: list | dict) -> list:
    """What a list holds, whatever stands around it."""
    if isinstance(answer, list):
        return answer
    return next(answer[name] for name in ("items", "sites", "nodes") if name in answer)


def call(client: Client, method: str, path: str, body: dict | None, field: object) -> tuple[int, dict]:
    ids = {name: getattr(row, "pk", None) for name, row in vars(field).items()}
    sent = {key: value.format(**ids) if isinstance(value, str) else value for key, value in (body or {}).items()}
    response = getattr(client, method)(f"/api/v1/{path.format(**ids)}", sent or None, content_type="application/json")
    return response.status_code, response.json() if response.content else {}


@pytest.mark.parametrize(("method", "path", "body", "role", "good"), ROUTES)
def test_a_strangers_site_is_as_absent_as_one_that_never_was(method, path, body, role, good):
    field = rows.furnished()
    stranger = rows.browser(rows.person("stranger", ADMIN, rows.site("elsewhere")))
    status, answer = call(stranger, method, path, body, field)
    assert status == 404
    for row in vars(field).values():
        row.pk = 2**70
    assert call(stranger, method, path, body, field) == (404, answer)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_holds_only_what_its_reader_may_see(path):
    rows.furnished("theirs")
    field = rows.furnished("mine")
    client = rows.browser(rows.person("ada", VIEWER, field.site))
    answer = client.get(f"/api/v1/{path}").json()
    of_sites = path in ("sites/", "overview/")
    assert {item["id" if of_sites else "site_id"] for item in listed(answer)} == {field.site.pk}


@pytest.mark.parametrize("path", LISTS)
def test_a_hidden_site_is_absent_from_lists_except_for_its_admins(path):
    field = rows.furnished()
    Site.objects.update(is_active=False)
    for role, seen in ((VIEWER, False), (OPERATOR, False), (ADMIN, True)):
        answer = rows.browser(rows.person(role, role, field.site)).get(f"/api/v1/{path}").json()
        assert bool(listed(answer)) == seen


def operations() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(("method", "path"), operations())
def test_no_route_answers_the_anonymous(method, path):
    response = getattr(Client(), method)(re.sub(r"{\w+}", "1", path))
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["error"]["code"] == "unauthenticated"


@pytest.mark.parametrize("scope", ApiToken.Scope.values)
@pytest.mark.parametrize("held", LADDER)
@pytest.mark.parametrize(("method", "path", "body", "role", "good"), [ROUTES[i] for i in (0, 1, 12, 31, 34)])
def test_a_token_never_grants_more_than_its_scope_nor_more_than_its_users_role(
    method, path, body, role, good, held, scope
):
    field = rows.furnished()
    client = rows.program(rows.person("ada", held, field.site), scope)
    enough = min(LADDER.index(held), ApiToken.Scope.values.index(scope)) >= LADDER.index(role)
    status, answer = call(client, method, path, body, field)
    assert status == (good if enough else 403), answer


def test_even_a_superusers_read_token_only_reads():
    field = rows.furnished()
    client = rows.program(rows.person("root", is_superuser=True), ApiToken.Scope.READ)
    assert call(client, "get", "sites/{site}/", None, field)[0] == 200
    assert call(client, "post", "mqtt/site/{site}/stop/", None, field)[0] == 403
    assert call(client, "post", "sites/", {"name": "New", "slug": "new"}, field)[0] == 403
    assert call(client, "post", "tokens/", {"name": "more"}, field)[0] == 403


def test_making_a_site_takes_a_permission_and_makes_its_maker_admin():
    field = rows.furnished()
    body = {"name": "New", "slug": "new"}
    assert call(rows.browser(rows.person("ada", ADMIN, field.site)), "post", "sites/", body, field)[0] == 403
    root = rows.browser(rows.person("root", is_superuser=True))
    status, made = call(root, "post", "sites/", body, field)
    assert status == 201
    assert Site.objects.get(pk=made["id"]).memberships.get().role == ADMIN


def test_a_session_changes_nothing_without_its_csrf_token():
    field = rows.furnished()
    client = Client(enforce_csrf_checks=True)
    client.force_login(rows.person("ada", OPERATOR, field.site))
    path = f"/api/v1/mqtt/site/{field.site.pk}/stop/"
    refused = client.post(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf_failed")
    client.cookies["csrftoken"] = "a" * 32
    assert client.post(path, headers={"X-CSRFToken": "a" * 32}).status_code == 202
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        assert client.post(path, headers={"X-CSRFToken": "a" * 32, "Origin": origin}).status_code == 403
    assert client.post(path, headers={"X-CSRFToken": "b" * 32}).status_code == 403


def test_a_token_needs_no_csrf_token_because_no_browser_sends_it_unasked():
    field = rows.furnished()
    client = rows.program(rows.person("ada", OPERATOR, field.site))
    client.handler.enforce_csrf_checks = True
    assert client.post(f"/api/v1/mqtt/site/{field.site.pk}/stop/").status_code == 202
