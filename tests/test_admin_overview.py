"""The admin tells how things stand, on its first page and among its sites; what only the system writes is exported."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mqtt_app.models import DiscoveredTopic, MqttConnection
from sites.models import Gateway, Role
from tests import rows

pytestmark = pytest.mark.django_db

TILE = re.compile(r'<a href="(/admin/[^"]+)"><strong>([^<]+)</strong>([^<]+)</a>')
SITES = reverse("admin:sites_site_changelist")


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


def staff(field, *permissions: str) -> Client:
    """Somebody who may see these at this site only."""
    person = rows.person("ada", Role.ADMIN, field.site, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return rows.browser(person)


def tiles(client: Client) -> dict[str, tuple[str, str]]:
    """By their words: the number, and where it leads."""
    text = client.get(reverse("admin:index")).text
    return {words: (number, url.replace("&amp;", "&")) for url, number, words in TILE.findall(text)}


def test_the_first_page_counts_what_asks_for_attention_and_leads_to_it(root: Client) -> None:
    field = rows.furnished()
    MqttConnection.objects.update(status="error")
    Gateway.objects.update(status="offline")
    found = tiles(root)
    assert found["connections not open"][0] == "1"
    assert found["gateways offline"][0] == "1"
    assert found["newcomers waiting"][0] == "1"
    assert found.keys() >= {"dataloggers offline", "kinds of failure open", "topics without a parser"}
    for number, url in found.values():
        listed = root.get(url)
        assert listed.status_code == 200
        assert listed.context["cl"].result_count == int(number)
    field.connection.delete()
    assert tiles(root)["connections not open"][0] == "0"


def test_the_first_page_counts_only_what_the_person_may_see() -> None:
    field = rows.furnished()
    rows.furnished("elsewhere")
    MqttConnection.objects.update(status="error")
    found = tiles(staff(field, "view_mqttconnection"))
    assert {words: number for words, (number, _) in found.items()} == {"connections not open": "1"}


def test_the_list_of_sites_says_how_each_stands_and_leads_on(root: Client) -> None:
    field = rows.furnished()
    MqttConnection.objects.update(status="connected", last_message_at=timezone.now())
    Gateway.objects.update(status="online")
    text = " ".join(root.get(SITES).text.split())
    counted = Gateway.objects.filter(site=field.site).count()
    path = reverse("admin:sites_gateway_changelist")
    assert f'<a href="{path}?site__id__exact={field.site.pk}">{counted} of {counted}</a>' in text
    assert f'href="/sites/{field.site.pk}"' in text
    assert reverse("admin:mqtt_app_mqttconnection_change", args=[field.connection.pk]) in text
    MqttConnection.objects.update(is_active=False, status="disconnected")
    assert "‖\N{NO-BREAK SPACE}paused" in root.get(SITES).text
    field.connection.delete()
    assert root.get(SITES).status_code == 200


def test_what_is_exported_is_what_was_chosen_and_no_formula(root: Client) -> None:
    field = rows.furnished()
    made = DiscoveredTopic.objects.create(
        site=field.site, topic_path="=HYPERLINK(1)", first_seen_at=timezone.now(), last_seen_at=timezone.now()
    )
    path = reverse("admin:mqtt_app_discoveredtopic_changelist")
    answer = root.post(path, {"action": "export", "_selected_action": [made.pk]})
    assert answer["Content-Disposition"] == 'attachment; filename="discoveredtopic.csv"'
    heading, line = csv.reader(io.StringIO(answer.text))
    assert heading[:2] == ["topic_path", "site name"]
    assert line[:2] == ["'=HYPERLINK(1)", field.site.name]
    elsewhere = rows.furnished("elsewhere")
    foreign = DiscoveredTopic.objects.filter(site=elsewhere.site).first()
    assert foreign
    own = staff(field, "view_discoveredtopic").post(
        path, {"action": "export", "_selected_action": [foreign.pk, made.pk]}
    )
    assert len(own.text.splitlines()) == 2
