"""A token for some sites: it reaches those, however much its user may do elsewhere, and makes nothing wider."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mqtt_app.browsers.visitors import visitor
from sites import tokens
from sites.models import ApiToken, Role, Site
from tests import rows
from tests.test_api_permissions import LISTS, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return rows.furnished("here")


@pytest.fixture
def there():
    return rows.furnished("there")


@pytest.fixture
def root():
    return rows.person("root", is_superuser=True, is_staff=True)


def program(user, *sites: Site) -> Client:
    lasts = timezone.now() + timedelta(days=1)
    _, secret = tokens.issue(user, "t", ApiToken.Scope.ADMIN, lasts, [site.pk for site in sites])
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("path", LISTS)
def test_every_list_holds_its_sites_only(here, there, root, path):
    of_sites = path in ("sites/", "overview/")
    items = listed(program(root, here.site).get(f"/api/v1/{path}").json())
    assert {item["id" if of_sites else "site_id"] for item in items} == {here.site.pk}


def test_another_site_is_absent_and_its_own_is_not(here, there, root):
    ada = rows.person("ada", Role.ADMIN, here.site)
    there.site.memberships.create(user=ada, role=Role.ADMIN)
    for user in (ada, root):
        client = program(user, here.site)
        assert client.post(f"/api/v1/mqtt/site/{here.site.pk}/stop/").status_code == 202
        assert client.post(f"/api/v1/mqtt/site/{there.site.pk}/stop/").status_code == 404
        assert client.get(f"/api/v1/sensors/{there.sensor.pk}/").status_code == 404


def test_it_makes_no_site_no_wider_token_and_reads_no_metrics(here, there, root):
    client = program(root, here.site)
    send = {"content_type": "application/json"}
    assert client.post("/api/v1/sites/", {"name": "New", "slug": "new"}, **send).status_code == 403
    assert client.get("/metrics").status_code == 403
    assert client.post("/api/v1/tokens/", {"name": "t", "sites": [there.site.pk]}, **send).status_code == 422
    assert client.post("/api/v1/tokens/", {"name": "t"}, **send).json()["sites"] == [here.site.pk]
    assert client.get("/api/v1/me/").json()["may_add_sites"] is False


def test_a_role_taken_away_ends_it_and_a_deleted_site_widens_nothing(here, there):
    ada = rows.person("ada", Role.ADMIN, here.site)
    client = program(ada, here.site, there.site)
    assert [site["id"] for site in client.get("/api/v1/sites/").json()["items"]] == [here.site.pk]
    there.site.memberships.create(user=ada, role=Role.ADMIN)
    here.site.delete()
    assert [site["id"] for site in client.get("/api/v1/sites/").json()["items"]] == [there.site.pk]
    there.site.delete()
    rows.furnished("new").site.memberships.create(user=ada, role=Role.ADMIN)
    assert client.get("/api/v1/sites/").json()["items"] == []


def test_the_socket_tells_of_its_sites_only(here, there, root):
    secret = tokens.issue(root, "t", "read", timezone.now() + timedelta(days=1), [here.site.pk])[1]
    found = visitor({b"authorization": f"Bearer {secret}".encode()}, {})
    assert found is not None
    assert found.sites.keys() == {here.site.pk}


def test_rest_and_admin_make_one(here, there, root):
    browser = rows.browser(root)
    body = {"name": "plc", "sites": [here.site.pk]}
    assert browser.post("/api/v1/tokens/", body, content_type="application/json").json()["sites"] == [here.site.pk]
    day = (timezone.now() + timedelta(days=1)).date()
    form = {"name": "by hand", "scope": "read", "expires_at_0": day, "expires_at_1": "00:00", "sites": [there.site.pk]}
    assert browser.post(reverse("admin:sites_apitoken_add"), form | {"user": root.pk}).status_code == 302
    token = ApiToken.objects.get(name="by hand")
    assert token.site_ids == [there.site.pk]
    assert "there" in browser.get(reverse("admin:sites_apitoken_change", args=[token.pk])).text
    assert browser.post(reverse("admin:sites_apitoken_add"), form | {"name": "all", "user": root.pk, "sites": []})
    assert ApiToken.objects.get(name="all").site_ids is None
