"""Names, tags and silence that people give to several dataloggers at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sites.models import AuditEntry, Datalogger, Role
from tests import rows

pytestmark = pytest.mark.django_db
PATH = "/api/v1/dataloggers/"
JSON = "application/json"


@pytest.fixture
def field():
    found = rows.furnished()
    found.second = Datalogger.objects.create(site=found.site, serial="SECOND", tags=["old", "north"])
    found.ada = rows.browser(rows.person("ada", Role.OPERATOR, found.site))
    return found


def test_several_are_named_and_tagged_at_once_and_found_by_both(field) -> None:
    both = [field.datalogger.pk, field.second.pk]
    names = {str(field.second.pk): " North 2 "}
    change = {"dataloggers": both, "names": names, "add_tags": ["pier"], "remove_tags": ["old"], "interval_s": 30}
    answer = field.ada.patch(PATH, change, content_type=JSON)
    assert answer.status_code == 200, answer.content
    said = {row["id"]: (row["name"], row["tags"], row["interval_s"]) for row in answer.json()}
    assert said == {field.datalogger.pk: ("", ["pier"], 30), field.second.pk: ("North 2", ["north", "pier"], 30)}
    assert [row["id"] for row in field.ada.get(PATH, {"search": "orth 2"}).json()["items"]] == [field.second.pk]
    assert field.ada.get(PATH, {"tag": "pier"}).json()["count"] == 2
    assert field.ada.get(PATH, {"tag": "old"}).json()["count"] == 0
    assert field.ada.get(f"{PATH}facets/").json()["tags"] == {"pier": 2, "north": 1}


def test_what_is_left_out_stays_and_muting_ends_with_null(field) -> None:
    until = timezone.now() + timedelta(hours=2)
    one = {"dataloggers": [field.second.pk]}
    field.ada.patch(PATH, one | {"muted_until": until.isoformat()}, content_type=JSON)
    field.ada.patch(PATH, one | {"add_tags": ["x"]}, content_type=JSON)
    field.second.refresh_from_db()
    assert (field.second.muted_until, field.second.tags) == (until, ["north", "old", "x"])
    field.ada.patch(PATH, one | {"muted_until": None}, content_type=JSON)
    field.second.refresh_from_db()
    assert field.second.muted_until is None


def test_it_needs_an_operator_and_all_of_them_or_none(field) -> None:
    foreign = rows.furnished("elsewhere").datalogger
    vera = rows.browser(rows.person("vera", Role.VIEWER, field.site))
    assert vera.patch(PATH, {"dataloggers": [field.second.pk], "add_tags": ["x"]}, content_type=JSON).status_code == 403
    both = {"dataloggers": [field.second.pk, foreign.pk], "add_tags": ["x"]}
    assert field.ada.patch(PATH, both, content_type=JSON).status_code == 404
    many = {"dataloggers": [field.second.pk], "add_tags": [f"t{number}" for number in range(19)]}
    assert field.ada.patch(PATH, many, content_type=JSON).json()["error"]["code"] == "too_many_tags"
    field.second.refresh_from_db()
    assert field.second.tags == ["old", "north"]


def test_who_named_it_stands_in_the_trail_and_what_messages_change_does_not(field) -> None:
    before = AuditEntry.objects.count()
    Datalogger.objects.update(status="online", firmware="2.0")
    assert AuditEntry.objects.count() == before
    change = {"dataloggers": [field.second.pk], "names": {str(field.second.pk): "North"}}
    field.ada.patch(PATH, change, content_type=JSON)
    entry = AuditEntry.objects.latest("id")
    assert (entry.kind, entry.label, entry.actor, entry.changes["name"]) == (
        "datalogger",
        "SECOND",
        "ada",
        ["", "North"],
    )
