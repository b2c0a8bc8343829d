"""Every route and every socket, walked by everyone: a stranger, a member elsewhere, each role, a superuser.

A new route without an entry here fails: whoever makes one says who may use it.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from channels.routing import URLRouter
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from mqtt_app.alerting import notices
from mqtt_app.models import Maintenance, MqttParsingLog, ParsingGroup
from project import asgi
from project.api import api
from project.urls import SCREENS
from sites import tokens
from sites.models import Role
from tests import rows
from tests.routes import ADMIN, FINGERPRINT, LADDER, MISSING, NOWHERE, OPERATOR, ROUTES, Anyone, At
from tests.web import browser, hear, serving

WALKERS = ("stranger", "elsewhere", *LADDER, "superuser")


@pytest.fixture
def field(db: None) -> Any:
    found = rows.furnished()
    now = timezone.now()
    MqttParsingLog.objects.update(fingerprint=FINGERPRINT)
    ParsingGroup.objects.create(
        site=found.site, fingerprint=FINGERPRINT, error_type="not_json", first_seen_at=now, last_seen_at=now
    )
    found.notice_rule = notices.add(found.site, True, name="hook", problems=["device"], address=NOWHERE)
    rows.person("lou", OPERATOR, found.site)
    found.maintenance = Maintenance.objects.create(site=found.site, starts_at=now, ends_at=now + timedelta(hours=1))
    return found


def person(walker: str, field: Any) -> User:
    if walker == "elsewhere":
        return rows.person("ada", ADMIN, rows.site("elsewhere"))
    if walker == "superuser":
        return rows.person("ada", is_superuser=True)
    return rows.person("ada", Role(walker), field.site)


def client(walker: str, field: Any) -> Client:
    return Client() if walker == "stranger" else rows.browser(person(walker, field))


def expected(route: At | Anyone, walker: str) -> int:
    if walker == "stranger":
        return 401
    if isinstance(route, Anyone):
        return 403 if route.forbidden and walker != "superuser" else route.good
    if walker == "elsewhere":
        return MISSING
    enough = walker == "superuser" or LADDER.index(Role(walker)) >= LADDER.index(route.need)
    return route.good if enough else 403


def operations() -> list[str]:
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return [f"{method} {path.removeprefix('/')}" for path, methods in paths.items() for method in methods]


def test_every_route_of_the_api_says_who_may_use_it() -> None:
    assert sorted(operations()) == sorted(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_answers_each_as_it_should(field: Any, name: str) -> None:
    """Each finds what was there before the others called."""
    for walker in WALKERS:
        before = transaction.savepoint()
        cache.delete(f"tested:{field.connection.pk}")  # the pause between two tests of a connection is over
        call(field, name, walker)
        transaction.savepoint_rollback(before)


def call(field: Any, name: str, walker: str) -> None:
    route, (method, path) = ROUTES[name], name.split()
    ids = {key: str(row.pk) for key, row in vars(field).items()}
    placed = {f"{key}_id": value for key, value in ids.items()} | {
        "log_id": ids["failure"],
        "token_id": "1",
        "bookmark_id": "1",
        "username": "lou",
    }
    placed |= {"fingerprint": FINGERPRINT, "verb": "cancel"}
    placed |= {"topic_id": ids["discovered"]} if "discovered" in path else {}
    placed |= {"rule_id": ids["notice_rule"]} if "notice" in path else {}
    body = {key: filled(value, ids) for key, value in (route.body or {}).items()}
    address = f"/api/v1/{path.format(**placed)}{route.query.format(**ids)}"
    response = getattr(client(walker, field), method)(address, body or None, content_type="application/json")
    assert response.status_code == expected(route, walker), (walker, response.content)
    if isinstance(route, At) and response.status_code == 403:
        error = response.json()["error"]
        assert error["code"] == "role_too_low"
        assert route.need in error["message"]
    if isinstance(route, Anyone) and method == "get" and walker in ("stranger", "elsewhere"):
        assert field.site.name not in response.text
        assert field.gateway.serial not in response.text


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    return value.format(**ids) if isinstance(value, str) else value


PAGES: dict[str, dict[str, int]] = {
    "": {"stranger": 302, "member": 200, "superuser": 200},
    "login/": {"stranger": 200, "member": 302, "superuser": 302},
    "logout/": {"stranger": 405, "member": 405, "superuser": 405},
    "welcome/MQ/none/": {"stranger": 200, "member": 200, "superuser": 200},
    "second-factor/": {"stranger": 302, "member": 200, "superuser": 200},
    "admin/login/": {"stranger": 302, "member": 403, "superuser": 403},
    "healthz": {"stranger": 200, "member": 200, "superuser": 200},
    "readyz": {"stranger": 503, "member": 503, "superuser": 503},
    "metrics": {"stranger": 401, "member": 403, "superuser": 200},
    "api/nothing": {"stranger": 404, "member": 404, "superuser": 404},
    "admin/ledger/": {"stranger": 302, "member": 302, "superuser": 200},
    **{screen: {"stranger": 302, "member": 200, "superuser": 200} for screen in SCREENS},
}


def test_every_page_says_who_may_see_it() -> None:
    walked = {"api/v1/", "admin/"}  # by the tests above and below
    for pattern in get_resolver().url_patterns:
        matching = [path for path in PAGES if pattern.pattern.match(path) or str(pattern.pattern) == path]
        assert matching or str(pattern.pattern) in walked, f"who may see {pattern.pattern}?"


@pytest.mark.parametrize("walker", ["stranger", "member", "superuser"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_each_as_it_should(field: Any, path: str, walker: str) -> None:
    visitor = Client() if walker == "stranger" else rows.browser(person("viewer", field))
    if walker == "superuser":
        visitor = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    status = visitor.get(f"/{path}").status_code
    is_screen = path in ("", *SCREENS)  # 503 where no pages are built
    assert status == PAGES[path][walker] or (is_screen and (status, PAGES[path][walker]) == (503, 200))


def admin_pages(resolver: URLResolver | None = None) -> Iterator[str]:
    """Each of the admin's addresses that takes no argument, and its name."""
    for pattern in admin.site.get_urls():
        for one in pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]:
            if isinstance(one, URLPattern) and one.name and not re.search(r"[<(]", str(one.pattern)):
                yield one.name


@pytest.mark.parametrize("name", sorted(set(admin_pages()) - {"login", "logout", "jsi18n", "ledger"}))
def test_the_admin_is_for_staff_and_its_tables_for_who_was_given_them(field: Any, name: str) -> None:
    path = reverse(f"admin:{name}")
    assert Client().get(path).status_code == 302
    assert rows.browser(person("admin", field)).get(path).status_code == 302
    staff = rows.browser(rows.person("eve", ADMIN, field.site, is_staff=True))
    table = name.endswith(("_changelist", "_add"))
    assert staff.get(path).status_code in ((403,) if table else (200, 302, 403))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("walker", WALKERS)
def test_every_socket_tells_each_of_their_own_sites_only(walker: str) -> None:
    field = rows.furnished()
    router = asgi.websocket()
    consumers = [str(route.pattern) for route in routes_of(router) if route.callback is not asgi.nowhere]
    assert consumers == ["ws/mqtt/status/"], "a new socket says here who may listen"
    headers = {}
    if walker != "stranger":
        lasts = timezone.now() + timedelta(days=1)
        headers = {"Authorization": f"Bearer {tokens.issue(person(walker, field), 't', 'admin', lasts)[1]}"}
    with serving() as host:
        if walker == "stranger":
            with pytest.raises(InvalidStatus, match="403"), browser(host, headers, origin=None):
                pass
            return
        with browser(host, headers, origin=None) as socket:
            told = {site["slug"]: site["role"] for site in hear(socket)["data"]["sites"]}
    own = {"elsewhere": {"elsewhere": "admin"}, "superuser": {"site_001": "admin"}}
    assert told == own.get(walker, {"site_001": walker})


def routes_of(door: Any) -> list[Any]:
    """The sockets behind the door, which is a function around the router."""
    found = [cell.cell_contents for cell in door.__closure__]
    while found:
        one = found.pop()
        if isinstance(one, URLRouter):
            return list(one.routes)
        found += [value for name in ("application", "inner", "app") if (value := getattr(one, name, None)) is not None]
    pytest.fail("no router was found")
