"""Topics in the admin: what they match of that which arrived, and what a parser would make of it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mqtt_app.models import DiscoveredTopic, MqttTopic, TopicSample
from sites.models import Datalogger, Reading, Role
from tests import rows

pytestmark = pytest.mark.django_db

LIST = reverse("admin:mqtt_app_mqtttopic_changelist")


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


def arrived(site, *paths: str) -> list[DiscoveredTopic]:
    now = timezone.now()
    return DiscoveredTopic.objects.bulk_create(
        DiscoveredTopic(site=site, topic_path=path, first_seen_at=now, last_seen_at=now) for path in paths
    )


def kept(topic: DiscoveredTopic, payload: bytes, slot: int = 0, size: int | None = None) -> TopicSample:
    return TopicSample.objects.create(
        topic=topic, slot=slot, qos=1, retain=False, payload=payload, size=len(payload) if size is None else size,
        received_at=timezone.now() - timedelta(minutes=slot),
    )  # fmt: skip


def matches(client: Client) -> dict[str, str]:
    """The column of the list, by pattern."""
    page = client.get(LIST).text
    shown = re.findall(
        r'<th class="field-topic_pattern"><a [^>]+>([^<]+)</a>.*?field-matches">([^<]+)<', page, re.DOTALL
    )
    return dict(shown)


def test_the_list_says_how_many_discovered_topics_each_matches_at_its_own_site(root: Client) -> None:
    field, other = rows.furnished(), rows.furnished("elsewhere")
    arrived(field.site, "site_001", "site_001/a/b", "site_001/a.b", "x/a/b", "$SYS/a/b", "other/a/b/c")
    arrived(other.site, "x/a/b")
    for pattern in ("+/a/b", "site_001/a.b", "nothing/#"):
        MqttTopic.objects.create(mqtt_connection=field.connection, topic_pattern=pattern)
    found = matches(root)
    assert found == {"site_001/#": "4", "elsewhere/#": "1", "+/a/b": "2", "site_001/a.b": "1", "nothing/#": "0"}


def test_more_than_a_thousand_are_not_counted(root: Client) -> None:
    field = rows.furnished()
    arrived(field.site, *(f"m/{number}" for number in range(1_001)))
    topic = MqttTopic.objects.create(mqtt_connection=field.connection, topic_pattern="m/#")
    assert matches(root)["m/#"] == "1,000+"
    DiscoveredTopic.objects.filter(topic_path="m/0").delete()
    assert matches(root)["m/#"] == "1,000"
    page = root.get(reverse("admin:mqtt_app_mqtttopic_change", args=[topic.pk])).text
    assert page.count('href="/admin/mqtt_app/discoveredtopic/') == 21  # twenty of them, and the list in the sidebar


def test_a_page_of_topics_counts_them_with_one_statement_that_joins_nothing_to_the_list(root: Client) -> None:
    field = rows.furnished()
    MqttTopic.objects.bulk_create(
        MqttTopic(mqtt_connection=field.connection, topic_pattern=f"m/{number}/#") for number in range(60)
    )
    with CaptureQueriesContext(connection) as few:
        root.get(LIST)
    assert not [one["sql"] for one in few if "discoveredtopic" in one["sql"] and "mqtttopic" in one["sql"]]


def test_a_list_opens_with_the_column_empty_where_nothing_can_be_counted(root: Client) -> None:
    rows.furnished()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mqtt_app_discoveredtopic RENAME TO elsewhere")
    assert matches(root) == {"site_001/#": "–"}
    page = root.get(reverse("admin:mqtt_app_mqtttopic_change", args=[MqttTopic.objects.get().pk]))
    assert "There are too many topics to look for them now." in page.text


def test_a_topics_page_leads_to_the_topics_that_it_matches(root: Client) -> None:
    field = rows.furnished()
    [made] = arrived(field.site, "site_001/<b>")
    page = root.get(reverse("admin:mqtt_app_mqtttopic_change", args=[field.topic.pk])).text
    assert "2 discovered topics:" in page
    assert f'<a href="/admin/mqtt_app/discoveredtopic/{made.pk}/change/">site_001/&lt;b&gt;</a>' in page
    assert root.get(reverse("admin:mqtt_app_mqtttopic_add")).status_code == 200


def trial(client: Client, topic: DiscoveredTopic, **query: str):
    return client.get(reverse("admin:mqtt_app_discoveredtopic_try", args=[topic.pk]), query)


def test_a_parser_is_tried_and_shows_the_rows_it_would_make_without_making_them(root: Client) -> None:
    field = rows.furnished()
    [topic] = arrived(field.site, "shed/7/state")
    kept(topic, b'{"temperature": 21.5, "humidity": 40}')
    kept(topic, b'{"temperature": 2', 1, size=99)
    before = (Datalogger.objects.count(), Reading.objects.count())
    page = trial(root, topic).text
    assert "1 of 1 messages would be stored whole, with 2 readings. Nothing is written." in page
    for cell in ("7.temperature", "21.5", "add"):
        assert f"<td>{cell}</td>" in page
    assert "; new: datalogger" in page
    assert (Datalogger.objects.count(), Reading.objects.count()) == before
    other = trial(root, topic, parser="dataloggers_telemetry").text
    assert "0 of 1 messages would be stored whole, with 0 readings." in other
    assert 'class="fault"' in other
    refused = trial(root, topic, parser="no such")
    assert "Select a valid choice" in refused.text
    link = reverse("admin:mqtt_app_discoveredtopic_try", args=[topic.pk])
    assert link in root.get(reverse("admin:mqtt_app_discoveredtopic_change", args=[topic.pk])).text


def test_a_topic_that_no_filter_can_name_is_tried_on_its_own_samples_only(root: Client) -> None:
    field = rows.furnished()
    odd, plain = arrived(field.site, "a/+", "a/b")
    kept(odd, b'{"temperature": 1}')
    kept(plain, b'{"temperature": 2}')
    assert "of 1 messages" in trial(root, odd).text


def test_without_a_kept_message_it_says_that_none_is_kept(root: Client) -> None:
    assert "No whole message of this topic is kept yet." in trial(root, rows.furnished().discovered).text


def test_what_a_device_said_is_shown_and_never_obeyed(root: Client) -> None:
    field = rows.furnished()
    [topic] = arrived(field.site, "x/<script>alert(1)</script>")
    kept(topic, b'{"<script>alert(1)</script>": 1}')
    page = trial(root, topic).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_trying_takes_an_operator_of_the_topics_site() -> None:
    field, other = rows.furnished(), rows.furnished("elsewhere")
    allowed = {}
    for role in Role:
        person = rows.person(f"the {role}", role, field.site, is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename="view_discoveredtopic"))
        client = rows.browser(person)
        allowed[role] = trial(client, field.discovered).status_code
        assert trial(client, other.discovered).status_code == 404
        data = {"action": "try_parser", "_selected_action": [field.discovered.pk, other.discovered.pk]}
        chosen = client.post(reverse("admin:mqtt_app_discoveredtopic_changelist"), data)
        leads = chosen["Location"] == reverse("admin:mqtt_app_discoveredtopic_try", args=[field.discovered.pk])
        assert leads == (role != Role.VIEWER)
    assert allowed == {Role.VIEWER: 403, Role.OPERATOR: 200, Role.ADMIN: 200}
    stranger = rows.person("eve", Role.ADMIN, field.site, is_staff=True)
    assert trial(rows.browser(stranger), field.discovered).status_code == 403


def test_one_topic_at_a_time_is_tried(root: Client) -> None:
    field = rows.furnished()
    [more] = arrived(field.site, "a")
    data = {"action": "try_parser", "_selected_action": [field.discovered.pk, more.pk]}
    answer = root.post(reverse("admin:mqtt_app_discoveredtopic_changelist"), data)
    assert "Choose one topic" in " ".join(str(one) for one in get_messages(answer.wsgi_request))
