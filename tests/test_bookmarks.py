"""me/bookmarks/: views and topics that a person comes back to."""

import pytest

from sites.api.bookmarks import BOOKMARKS_PER_USER
from sites.models import ApiToken, Bookmark
from tests import rows

pytestmark = pytest.mark.django_db

PATH = "/api/v1/me/bookmarks/"
SILENT = {"kind": "view", "name": "Silent ones", "address": "/devices?status=offline"}


def keep(client, **changes):
    return client.post(PATH, SILENT | changes, content_type="application/json")


def test_each_sees_their_own_and_nobody_elses():
    ada, eve = rows.browser(rows.person("ada")), rows.browser(rows.person("eve"))
    kept = keep(ada).json()
    assert ada.get(PATH).json() == [SILENT | {"id": kept["id"]}]
    assert eve.get(PATH).json() == []
    assert eve.delete(f"{PATH}{kept['id']}/").status_code == 404
    assert ada.delete(f"{PATH}{kept['id']}/").status_code == 204
    assert ada.get(PATH).json() == []


def test_a_name_that_is_there_gets_the_new_address():
    ada = rows.browser(rows.person("ada"))
    keep(ada)
    keep(ada, address="/devices?status=unknown")
    keep(ada, kind="topic", address="/topics?path=a")
    assert [row["address"] for row in ada.get(f"{PATH}?kind=view").json()] == ["/devices?status=unknown"]


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "devices", ""])
def test_a_bookmark_never_leads_elsewhere(address):
    assert keep(rows.browser(rows.person("ada")), address=address).status_code == 422


def test_there_is_an_end_to_them():
    ada = rows.person("ada")
    Bookmark.objects.bulk_create(
        Bookmark(user=ada, kind="view", name=str(n), address="/") for n in range(BOOKMARKS_PER_USER)
    )
    client = rows.browser(ada)
    assert keep(client).json()["error"]["code"] == "too_many_bookmarks"
    assert keep(client, name="0").status_code == 201


def test_a_reading_token_keeps_none():
    assert keep(rows.program(rows.person("ada"), ApiToken.Scope.READ)).status_code == 403
