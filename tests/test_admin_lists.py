"""Lists of the admin: filtered by time and by names, counted in the sidebar; kinds of failure settled from a log."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mqtt_app.models import DiscoveredTopic, MqttConnectionLog, MqttParsingLog, ParsingGroup
from sites.admin.bounded import within
from sites.models import Datalogger, Gateway, Role
from sites.upsert import query
from tests import rows

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BADGE = re.compile(r'<a href="([^"]+)"[^>]*>[^<]+<span class="badge" title="([^"]+)">([^<]+)</span></a>')


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


def listed(client: Client, model: str, **query: str) -> set[str]:
    """The rows of a list, by what they are called."""
    response = client.get(reverse(f"admin:{model}_changelist"), query)
    assert response.status_code == 200
    return {str(row) for row in response.context["cl"].result_list}


def staff(field, role: Role, *permissions: str) -> Client:
    person = rows.person(f"the {role}", role, field.site, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return rows.browser(person)


def badges(client: Client) -> dict[str, str]:
    """The numbers in the sidebar of some page, by what they count."""
    return {
        words: number for _, words, number in BADGE.findall(client.get(reverse("admin:sites_site_changelist")).text)
    }


def test_both_logs_and_discovered_topics_are_filtered_by_a_range_of_time(root: Client) -> None:
    field = rows.furnished()
    for hours in range(4):
        at = NOON + timedelta(hours=hours)
        MqttConnectionLog.objects.create(connection=field.connection, timestamp=at, message=f"at {at:%H}")
        MqttParsingLog.objects.create(
            site=field.site, topic=f"t/{at:%H}", received_at=at, timestamp=at, error_type="x", payload=b""
        )
        DiscoveredTopic.objects.create(
            site=field.site, topic_path=f"t/{at:%H}", first_seen_at=NOON, last_seen_at=at, message_count=1
        )
    for model, column in (
        ("mqtt_app_mqttconnectionlog", "timestamp"),
        ("mqtt_app_mqttparsinglog", "timestamp"),
        ("mqtt_app_discoveredtopic", "last_seen_at"),
    ):
        hour = {f"{column}__gte": "2026-03-01T13:00", f"{column}__lt": "2026-03-01T15:00"}
        assert {one[-2:] for one in listed(root, model, **hour)} == {"13", "14"}
        day = {f"{column}__gte": "2026-03-01", f"{column}__lt": "2026-03-02"}
        assert len(listed(root, model, **day)) == 4
        zoned = {f"{column}__gte": "2026-03-01T14:00:00+01:00", f"{column}__lt": ""}
        assert len(listed(root, model, **zoned)) == 4
        page = root.get(reverse(f"admin:{model}_changelist"), hour | {"q": "1"}).text
        assert f'name="{column}__gte" value="2026-03-01T13:00"' in page
        assert '<input type="hidden" name="q" value="1">' in page


@pytest.mark.parametrize(
    "words", ["soon", "2026-02-31", "0001-01-01T00:00", "9999-12-31T23:59", "\0", "2026-03-01T25:00"]
)
def test_a_moment_that_cannot_be_is_refused_and_the_list_still_there(root: Client, words: str) -> None:
    rows.furnished()
    answer = root.get(reverse("admin:mqtt_app_mqttconnectionlog_changelist"), {"timestamp__gte": words})
    assert (answer.status_code, answer["Location"][-4:]) == (302, "?e=1")


def test_failures_are_filtered_by_names_of_their_kinds_and_nobody_learns_foreign_ones(root: Client) -> None:
    field, other = rows.furnished(), rows.furnished("elsewhere")
    for site, parser, reason in ((field.site, "mine", "not_json"), (other.site, "theirs", "too_deep")):
        now = timezone.now()
        ParsingGroup.objects.create(
            site=site, fingerprint=parser, parser_name=parser, error_type=reason, first_seen_at=now, last_seen_at=now
        )
        MqttParsingLog.objects.create(
            site=site, topic=f"of/{parser}", received_at=now, parser_name=parser, error_type=reason, payload=b""
        )
    assert listed(root, "mqtt_app_mqttparsinglog", parser_name="theirs") == {"too_deep on of/theirs"}
    assert listed(root, "mqtt_app_mqttparsinglog", error_type="too_deep") == {"too_deep on of/theirs"}
    page = (
        staff(field, Role.VIEWER, "view_mqttparsinglog").get(reverse("admin:mqtt_app_mqttparsinglog_changelist")).text
    )
    assert "<option>mine</option>" in page
    assert "theirs" not in page
    assert "too_deep" not in page


def test_discovered_topics_are_filtered_by_the_parser_that_reads_them(root: Client) -> None:
    field = rows.furnished()
    now = timezone.now()
    DiscoveredTopic.objects.create(
        site=field.site, topic_path="read", processor_name="m", first_seen_at=now, last_seen_at=now
    )
    assert listed(root, "mqtt_app_discoveredtopic", processor_name="m") == {"read"}
    page = root.get(reverse("admin:mqtt_app_discoveredtopic_changelist"), {"processor_name": "m"}).text
    assert "<option selected>m</option>" in page
    assert "<option>gateway_status</option>" in page


@pytest.mark.parametrize(("role", "settled"), [(Role.VIEWER, 0), (Role.OPERATOR, 1)])
def test_kinds_of_failure_are_settled_from_the_log_by_operators_of_their_site(role: Role, settled: int) -> None:
    field = failing()
    answer = resolve(staff(field, role, "view_mqttparsinglog"))
    assert f"{settled} kinds of failure are now resolved." in [str(one) for one in get_messages(answer.wsgi_request)]
    assert settled_kinds() == [(field.site.pk, "f1")] * settled


def test_only_kinds_of_the_chosen_failures_are_settled_not_their_namesakes_at_another_site(root: Client) -> None:
    field = failing()
    resolve(root)
    assert settled_kinds() == [(field.site.pk, "f1")]


def failing() -> SimpleNamespace:
    """A site whose failures are of one of its two kinds; and another, whose failures are of none that it has."""
    field, other = rows.furnished(), rows.furnished("elsewhere")
    now = timezone.now()
    for site, kind in ((field.site, "f1"), (field.site, "f2"), (other.site, "f1")):
        ParsingGroup.objects.create(
            site=site, fingerprint=kind, error_type="not_json", first_seen_at=now, last_seen_at=now
        )
    MqttParsingLog.objects.filter(site=field.site).update(fingerprint="f1")
    MqttParsingLog.objects.filter(site=other.site).update(fingerprint="f2")
    return field


def resolve(client: Client) -> Any:
    data = {"action": "resolve", "_selected_action": list(MqttParsingLog.objects.values_list("pk", flat=True))}
    return client.post(reverse("admin:mqtt_app_mqttparsinglog_changelist"), data)


def settled_kinds() -> list[Any]:
    return list(ParsingGroup.objects.filter(state="resolved").values_list("site", "fingerprint"))


def test_the_sidebar_says_how_much_asks_for_attention_up_to_a_hundred(root: Client) -> None:
    field = rows.furnished()
    assert badges(root) == {"connections not open": "1", "topics without a parser": "1", "newcomers waiting": "1"}
    Gateway.objects.bulk_create(
        Gateway(site=field.site, serial=f"g{number}", status="offline") for number in range(100)
    )
    Datalogger.objects.bulk_create(
        Datalogger(site=field.site, serial=f"d{number}", status="offline") for number in range(99)
    )
    found = badges(root)
    assert (found["gateways offline"], found["dataloggers offline"]) == ("99+", "99")


def test_the_sidebar_counts_only_what_the_person_may_see() -> None:
    field = rows.furnished()
    rows.furnished("elsewhere")
    assert badges(staff(field, Role.VIEWER, "view_site", "view_newcomer")) == {"newcomers waiting": "1"}


def test_a_page_opens_without_the_numbers_where_they_cannot_be_counted(root: Client) -> None:
    rows.furnished()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sites_newcomer RENAME TO elsewhere")
    assert badges(root) == {}
    assert listed(root, "sites_site") == {"The site_001"}


def test_what_stands_beside_a_page_has_a_bounded_time_and_leaves_the_next_statement_its_own() -> None:
    asked = "SELECT current_setting('statement_timeout')"
    before = query(asked)
    assert within(20, lambda: query("SELECT pg_sleep(1)")) is None
    assert within(2_000, lambda: query(asked)) == [("2s",)]
    assert query(asked) == before
