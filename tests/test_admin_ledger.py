"""The admin's page of the ledger: what does not balance cannot be missed, and nobody sees another's sites."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from mqtt_app.models import LedgerMinute
from sites.models import Role
from tests import rows

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(second=0, microsecond=0)
WRONG = "DOES NOT BALANCE"


@pytest.fixture
def field() -> SimpleNamespace:
    found = rows.furnished()
    LedgerMinute.objects.all().delete()
    return found


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


def book(field: SimpleNamespace, minutes_ago: int = 0, **columns: int) -> None:
    minute = NOW - timedelta(minutes=minutes_ago)
    LedgerMinute.objects.create(connection=field.connection, epoch=1, qos=1, minute=minute, **columns)


def shown(client: Client, query: str = "") -> str:
    response = client.get(f"/admin/ledger/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_each_connection_has_a_line_and_the_wrong_one_is_red_and_first(root: Client, field: SimpleNamespace) -> None:
    other = rows.furnished("site_002")
    LedgerMinute.objects.all().delete()
    book(field, received=10, stored=10)
    book(other, received=77, stored=70, is_closed=True)
    page = shown(root)
    assert page.index("The site_002") < page.index("The site_001")
    assert (page.count('class="wrong"'), page.count(WRONG), page.count(">balanced<")) == (1, 1, 1)
    assert "1 of these lines DO NOT BALANCE" in page
    assert "<td>7</td>" in page
    assert "Ledger: where every message went" in root.get("/admin/").content.decode()


def test_one_connection_is_shown_by_minute_or_hour_and_earlier(root: Client, field: SimpleNamespace) -> None:
    for minutes_ago in (1, 2, 90):
        book(field, minutes_ago, received=5, stored=5)
    here = f"?connection={field.connection.pk}"
    assert shown(root, here).count("<td>balanced</td>") == 2
    hours = len({(NOW - timedelta(minutes=ago)).hour for ago in (1, 2, 90)})
    assert shown(root, f"{here}&by=hour").count("<td>balanced</td>") == hours
    earlier = (NOW - timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert shown(root, f"{here}&until={earlier}").count("<td>balanced</td>") == 1
    assert WRONG not in shown(root, here)


@pytest.mark.parametrize(
    "query",
    ["?by=nonsense", "?connection=a", "?connection=999", "?until=x", "?until=0001-01-01T00:00", "?until=2020-13-45"],
)
def test_nonsense_in_the_address_is_no_error(root: Client, field: SimpleNamespace, query: str) -> None:
    shown(root, query)


def test_it_is_for_those_who_may_see_it_and_shows_their_sites_only(field: SimpleNamespace) -> None:
    other = rows.furnished("site_002")
    staff = rows.person("ada", Role.VIEWER, field.site, is_staff=True)
    assert rows.browser(staff).get("/admin/ledger/").status_code == 403
    assert Client().get("/admin/ledger/").status_code == 302
    staff.user_permissions.add(Permission.objects.get(codename="view_ledgerminute"))
    page = shown(rows.browser(staff))
    assert LedgerMinute.objects.filter(connection=other.connection).exists()
    assert "The site_002" not in page
    there = shown(rows.browser(staff), f"?connection={other.connection.pk}")
    assert "Nothing was received." in there


def test_it_takes_few_queries_however_many_connections(
    root: Client, field: SimpleNamespace, django_assert_max_num_queries
) -> None:
    for number in range(20):
        rows.furnished(f"more_{number}")
    with django_assert_max_num_queries(8):
        shown(root)
