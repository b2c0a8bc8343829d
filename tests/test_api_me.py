"""me/: who is signed in, and how they like their screens."""

import pytest

from sites.models import ApiToken, Membership, Role
from tests import rows

pytestmark = pytest.mark.django_db


def test_somebody_new_holds_no_role_and_reads_english() -> None:
    answer = rows.browser(rows.person("ada")).get("/api/v1/me/").json()
    assert answer == {
        "username": "ada", "name": "", "role": None, "is_staff": False, "is_superuser": False,
        "may_add_sites": False, "language": "en", "theme": "auto", "single_keys": True,
    }  # fmt: skip


def test_a_change_stays_and_touches_nothing_else() -> None:
    ada, eve = rows.browser(rows.person("ada")), rows.browser(rows.person("eve"))
    change = {"name": " Ada L. ", "language": "it"}
    changed = ada.patch("/api/v1/me/", change, content_type="application/json").json()
    assert (changed["name"], changed["language"], changed["theme"]) == ("Ada L.", "it", "auto")
    assert ada.patch("/api/v1/me/", {"theme": "dark"}, content_type="application/json").json()["language"] == "it"
    assert ada.patch("/api/v1/me/", {"single_keys": False}, content_type="application/json").json()["theme"] == "dark"
    assert (eve.get("/api/v1/me/").json()["language"], ada.get("/api/v1/me/").json()["single_keys"]) == ("en", False)


@pytest.mark.parametrize("change", [{"language": "xx"}, {"theme": "pink"}, {"name": "x" * 151}, {"name": "\0"}])
def test_what_is_not_offered_is_refused(change: dict) -> None:
    ada = rows.browser(rows.person("ada"))
    assert ada.patch("/api/v1/me/", change, content_type="application/json").status_code == 422


def test_the_role_is_the_highest_held_anywhere() -> None:
    ada = rows.person("ada", Role.VIEWER, rows.site("one"))
    Membership.objects.create(user=ada, site=rows.site("two"), role=Role.OPERATOR)
    assert rows.browser(ada).get("/api/v1/me/").json()["role"] == "operator"
    assert rows.browser(rows.person("root", is_superuser=True)).get("/api/v1/me/").json()["role"] == "admin"


def test_a_reading_token_changes_nobody() -> None:
    program = rows.program(rows.person("ada"), ApiToken.Scope.READ)
    assert program.patch("/api/v1/me/", {"theme": "dark"}, content_type="application/json").status_code == 403
