"""What people asked for and were refused is on record, and fills nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from sites import audit
from sites.models import ApiToken, AuditEntry, Role
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def field():
    return rows.furnished()


@pytest.fixture
def seen() -> int:
    """Entries of earlier tests stay, as they must."""
    return AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def refusals(seen: int) -> list[tuple[str, str, str, int | None]]:
    """Oldest first: who, by which way, what, at which site."""
    entries = AuditEntry.objects.filter(id__gt=seen, action="refuse").order_by("id")
    return [(entry.actor, entry.via, entry.label, entry.site_id) for entry in entries]


def test_a_switch_that_is_not_ones_to_turn_is_on_record_and_changes_nothing(field, seen) -> None:
    path = f"/api/v1/mqtt/site/{field.site.pk}/stop/"
    eve = rows.person("eve", Role.VIEWER, field.site)
    assert rows.browser(eve).post(path).status_code == 403
    reader = rows.program(rows.person("ada", Role.ADMIN, field.site), ApiToken.Scope.READ)
    assert reader.post(path).status_code == 403
    assert refusals(seen) == [
        ("eve", "session", f"POST {path}: role_too_low", field.site.pk),
        ("ada", "token a program", f"POST {path}: scope_too_low", field.site.pk),
    ]
    assert not AuditEntry.objects.filter(id__gt=seen, kind="connection", action="change").exists()


def test_who_tries_a_switch_of_a_site_that_is_not_theirs_is_told_to_its_admin(field, seen) -> None:
    other = rows.furnished("site_002")
    bob = rows.program(rows.person("bob", Role.ADMIN, other.site))
    path = f"/api/v1/mqtt/site/{field.site.pk}/start/"
    assert bob.post(path).status_code == 404
    ada = rows.browser(rows.person("ada", Role.ADMIN, field.site))
    found = ada.get("/api/v1/audit/?action=refuse").json()["items"]
    assert [(one["actor"], one["kind"], one["label"]) for one in found] == [
        ("bob", "request", f"POST {path}: not_found")
    ]
    assert bob.get("/api/v1/audit/?action=refuse").json()["items"] == []


def test_a_site_that_never_was_is_on_record_without_a_site(field, seen) -> None:
    eve = rows.browser(rows.person("eve", Role.VIEWER, field.site))
    for number in ("2147483647", "9" * 30):
        path = f"/api/v1/mqtt/site/{number}/stop/"
        assert eve.post(path).status_code == 404
    assert [(label.split("/")[5], site) for *_, label, site in refusals(seen)] == [
        ("2147483647", None),
        ("9" * 30, None),
    ]


def test_the_same_request_is_on_record_once_a_minute(field, seen) -> None:
    eve = rows.browser(rows.person("eve", Role.VIEWER, field.site))
    for _ in range(5):
        eve.post(f"/api/v1/mqtt/site/{field.site.pk}/stop/")
    assert len(refusals(seen)) == 1


def test_nobody_fills_the_trail_with_refusals(field, seen) -> None:
    people = [rows.browser(rows.person(name, Role.VIEWER, field.site)) for name in ("eve", "mallory")]
    for number in range(audit.REFUSALS + 5):
        people[0].delete(f"/api/v1/topics/{10_000_000 + number}/")
    people[1].delete("/api/v1/topics/10000000/")
    assert [who for who, *_ in refusals(seen)] == ["eve"] * audit.REFUSALS + ["mallory"]


def test_strangers_and_readers_leave_nothing(field, seen) -> None:
    path = f"/api/v1/mqtt/site/{field.site.pk}/stop/"
    assert Client().post(path).status_code == 401
    assert Client(headers={"Authorization": "Bearer nonsense"}).post(path).status_code == 401
    eve = rows.person("eve", Role.VIEWER, field.site)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(eve)
    assert careful.post(path).status_code == 403
    assert rows.browser(eve).get("/api/v1/sites/2147483647/").status_code == 404
    assert refusals(seen) == []


def test_a_refusal_of_a_minute_ago_may_come_again(field, seen) -> None:
    """Entries cannot be made older than they are, so one is written as if it had been."""
    eve = rows.person("eve", Role.VIEWER, field.site)
    path = f"/api/v1/mqtt/site/{field.site.pk}/stop/"
    label = f"POST {path}: role_too_low"
    for ago in (timedelta(seconds=61), timedelta(hours=-2)):  # the latter: the clock was set back since
        AuditEntry.objects.create(
            at=rows.timezone.now() - ago, actor_id=eve.pk, actor="eve", via="session", action="refuse",
            kind="request", object_id="", label=label, site=field.site, changes={},
        )  # fmt: skip
    rows.browser(eve).post(path)
    assert len(refusals(seen)) == 3
