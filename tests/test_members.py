"""Who may do what at a site, as its admins decide; and accounts, whose owners choose their passwords themselves."""

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sites.models import AuditEntry, Membership, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Site:
    return rows.site()


@pytest.fixture
def ada(here: Site) -> Client:
    return rows.browser(rows.person("ada", Role.ADMIN, here))


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True))


def give(client: Client, site: Site, name: str, role: str) -> tuple[int, dict]:
    answer = client.put(f"/api/v1/sites/{site.pk}/members/{name}/", {"role": role}, content_type="application/json")
    return answer.status_code, answer.json()


def take(client: Client, site: Site, name: str) -> int:
    return client.delete(f"/api/v1/sites/{site.pk}/members/{name}/").status_code


def roles(site: Site) -> dict[str, str]:
    return dict(Membership.objects.filter(site=site).values_list("user__username", "role"))


def test_an_admin_gives_a_role_changes_it_and_takes_it_and_the_audit_trail_tells(here: Site, ada: Client) -> None:
    rows.person("lou.b+field@example.org")
    assert give(ada, here, "lou.b+field@example.org", "viewer")[0] == 200
    assert give(ada, here, "lou.b+field@example.org", "operator")[0] == 200
    answer = ada.get(f"/api/v1/sites/{here.pk}/members/").json()
    assert [(one["username"], one["role"]) for one in answer["items"]] == [
        ("ada", "admin"), ("lou.b+field@example.org", "operator"),
    ]  # fmt: skip
    assert take(ada, here, "lou.b+field@example.org") == 204
    assert roles(here) == {"ada": "admin"}
    told = AuditEntry.objects.filter(kind="membership", site_id=here.pk, actor="ada").order_by("id")
    assert list(told.values_list("action", flat=True)) == ["create", "change", "delete"]


def test_nobody_is_invented(here: Site, ada: Client) -> None:
    status, answer = give(ada, here, "nobody", "viewer")
    assert (status, answer["error"]["code"]) == (422, "no_such_person")
    assert not User.objects.filter(username="nobody").exists()


def test_a_role_that_there_is_not_is_refused(here: Site, ada: Client) -> None:
    rows.person("lou")
    assert give(ada, here, "lou", "owner")[0] == 422
    assert roles(here) == {"ada": "admin"}


def test_a_site_keeps_an_admin_unless_a_superuser_says_otherwise(here: Site, ada: Client, root: Client) -> None:
    assert give(ada, here, "ada", "viewer")[1]["error"]["code"] == "last_admin"
    assert take(ada, here, "ada") == 409
    assert roles(here) == {"ada": "admin"}
    rows.person("lou")
    assert give(ada, here, "lou", "admin")[0] == 200
    assert take(ada, here, "ada") == 204
    assert take(root, here, "lou") == 204


def test_the_admin_of_one_site_gives_no_role_at_another(here: Site, ada: Client) -> None:
    other = rows.site("site_002")
    rows.person("lou")
    assert give(ada, other, "lou", "viewer")[0] == 404
    assert roles(other) == {}


def test_a_new_person_chooses_a_password_by_the_link_once_and_signs_in(root: Client) -> None:
    made = root.post("/api/v1/people/", {"username": "lou", "name": "Lou"}, content_type="application/json").json()
    path, chosen = urlsplit(made["link"]).path, "A-long-word-of-their-own-7"
    person = Client()
    form = person.get(path, follow=True)
    assert "Welcome, lou" in form.text
    weak = person.post(form.request["PATH_INFO"], {"new_password1": "12345678", "new_password2": "12345678"})
    assert "too common" in weak.text
    done = person.post(form.request["PATH_INFO"], {"new_password1": chosen, "new_password2": chosen})
    assert done["Location"] == "/login/"
    assert person.post("/login/", {"username": "lou", "password": chosen})["Location"] == "/"
    assert "used already" in Client().get(path, follow=True).text


def test_a_name_that_is_taken_is_refused(root: Client) -> None:
    rows.person("lou")
    answer = root.post("/api/v1/people/", {"username": "lou"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["fields"].keys()) == (422, {"username"})
