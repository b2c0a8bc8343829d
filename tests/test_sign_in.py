"""The sign-in, and the page that stands in for an application that is not built: both need nothing from elsewhere."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from sites.models import Site
from tests.web import PASSWORD, member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_built(settings: Settings, tmp_path: Path) -> None:
    settings.FRONTEND_DIST = tmp_path


@pytest.fixture
def ada() -> User:
    return member(Site.objects.create(name="Colle", slug="colle"))


def test_a_stranger_is_sent_to_the_sign_in_and_comes_back(client: Client, ada: User) -> None:
    response = client.get("/devices", follow=True)
    assert response.redirect_chain == [("/login/?next=/devices", 302)]
    response = client.post("/login/?next=/devices", {"username": ada.username, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/devices")
    assert client.get("/devices").status_code == 503


def test_a_wrong_password_is_said_and_not_repeated(client: Client, ada: User) -> None:
    response = client.post("/login/", {"username": ada.username, "password": "a-wrong-password"})
    assert response.status_code == 200
    assert "do not match" in response.text
    assert "a-wrong-password" not in response.text
    assert client.get("/").status_code == 302


def test_nobody_is_sent_to_a_foreign_page_after_signing_in(client: Client, ada: User) -> None:
    response = client.post("/login/?next=https://evil.example/", {"username": ada.username, "password": PASSWORD})
    assert response["Location"] == "/"


def test_only_staff_is_shown_the_way_to_the_admin(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert 'href="/admin/"' not in client.get("/").text
    User.objects.update(is_staff=True)
    assert 'href="/admin/"' in client.get("/").text


@pytest.mark.parametrize("path", ["/", "/login/"])
def test_everything_a_page_needs_comes_from_here_and_is_found(client: Client, ada: User, path: str) -> None:
    if path == "/":
        client.force_login(ada)
    text = client.get(path).text
    assert "://" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", text)
    needed = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    assert needed
    for address in needed:
        assert client.get(address).status_code == 200, address
