"""The screens' shell: one page for all their addresses, made of what Vite has built."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from project import build
from project.urls import SCREENS
from sites.models import Profile, Role
from tests import rows

pytestmark = pytest.mark.django_db

MANIFEST = {
    "src/main.tsx": {"file": "assets/main-a1.js", "css": ["assets/main-b2.css"], "imports": ["_shared.js"]},
    "_shared.js": {"file": "assets/shared-c3.js", "imports": ["src/main.tsx"]},
    "src/later.tsx": {"file": "assets/later-d4.js"},
}


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Callable[[object], None]:
    """`built(manifest)`: the front end as Vite leaves it."""
    settings.FRONTEND_DIST = tmp_path

    def write(manifest: object) -> None:
        (tmp_path / ".vite").mkdir(exist_ok=True)
        (tmp_path / build.MANIFEST).write_text(json.dumps(manifest))

    return write


@pytest.fixture
def ada() -> Client:
    return rows.browser(rows.person("ada", Role.OPERATOR, rows.site()))


def begun(text: str) -> dict:
    found = re.search(r'<script id="start" type="application/json">(.+?)</script>', text)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("path", ["/", *(f"/{name}" for name in SCREENS), "/sites/7", "/logs/parsing?state=open"])
def test_every_address_of_the_screens_is_the_same_shell(built, ada: Client, path: str) -> None:
    built(MANIFEST)
    response = ada.get(path)
    assert response.status_code == 200
    assert '<script type="module" src="/static/frontend/assets/main-a1.js"></script>' in response.text
    assert '<link rel="stylesheet" href="/static/frontend/assets/main-b2.css">' in response.text
    assert '<link rel="modulepreload" href="/static/frontend/assets/shared-c3.js">' in response.text
    assert "later-d4" not in response.text


def test_a_stranger_signs_in_first_and_comes_back_to_where_they_were_going(built) -> None:
    built(MANIFEST)
    response = Client().get("/sites/7?tab=devices")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/sites/7%3Ftab%3Ddevices")


def test_the_shell_says_who_you_are_and_gives_the_cookie_that_changes_need(built, ada: Client) -> None:
    built(MANIFEST)
    Profile.objects.create(user=rows.User.objects.get(), language="it", theme="dark")
    response = ada.get("/")
    start = begun(response.text)
    assert {name: start[name] for name in ("username", "role", "language", "theme", "is_staff")} == {
        "username": "ada", "role": "operator", "language": "it", "theme": "dark", "is_staff": False,
    }  # fmt: skip
    assert '<html lang="it">' in response.text
    assert response.cookies["csrftoken"].value


def test_a_name_cannot_end_the_block_it_stands_in(built, ada: Client) -> None:
    built(MANIFEST)
    rows.User.objects.update(first_name="</script><script>alert(1)</script>")
    text = ada.get("/").text
    assert "<script>alert" not in text
    assert begun(text)["name"].startswith("</script>")


def test_scripts_may_come_from_here_only(built, ada: Client) -> None:
    built(MANIFEST)
    policy = ada.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("manifest", [None, {}, [], {"src/other.tsx": {"file": "x"}}])
@pytest.mark.parametrize("path", ["/", "/devices"])
def test_where_nothing_is_built_the_page_says_how_to_build_it(built, ada: Client, manifest: object, path: str) -> None:
    if manifest is not None:
        built(manifest)
    response = ada.get(path)
    assert response.status_code == 503
    assert "make frontend" in response.text


def test_another_front_end_is_another_build(built, tmp_path: Path) -> None:
    before = build.name(tmp_path)
    built(MANIFEST)
    one = build.name(tmp_path)
    built({})
    assert len({before, one, build.name(tmp_path)}) == 3


def test_every_address_that_the_router_knows_is_served() -> None:
    router = (Path(__file__).parent.parent / "frontend/src/app/router.tsx").read_text()
    first = {address.split("/")[1] for address in re.findall(r"path: '(/[^']*)'", router)} - {""}
    assert first
    assert first <= set(SCREENS)
