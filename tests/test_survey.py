"""What a site's topics are by template, how much of it is understood, and one step to parse or to mute them."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from mqtt_app.ingest import ingest
from mqtt_app.listening import lease
from mqtt_app.messages import Fate
from mqtt_app.models import DiscoveredTopic, Listener, MqttConnection, MqttTopic, TopicOverflow
from sites.models import Role
from tests import rows
from tests.field import batch, connect, ledger, message

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN = b"\xff\x00"
STATUS = b'{"serial_number": "g1"}'


def operator(connection: MqttConnection) -> Client:
    return rows.browser(rows.person("ada", Role.OPERATOR, connection.site))


def survey(client: Client, connection: MqttConnection) -> dict:
    return client.get(f"/api/v1/topic-templates/?site={connection.site_id}").json()


def say(connection: MqttConnection, *topics: str) -> None:
    ingest(batch(connection, *(message(topic, STATUS) for topic in topics)))


def post(client: Client, connection: MqttConnection, verb: str, **body: object) -> tuple[int, dict]:
    sent = {"site": connection.site_id, **body}
    answer = client.post(f"/api/v1/topic-templates/{verb}/", sent, content_type="application/json")
    return answer.status_code, answer.json()


def test_topics_are_gathered_by_template_with_what_is_understood_of_them() -> None:
    connection = connect()
    say(connection, *(f"site_001/gateway/{n}/status" for n in range(4)))
    ingest(batch(connection, *(message(topic, UNKNOWN) for topic in ("site_001/weather/roof", "other/thing"))))
    found = survey(operator(connection), connection)
    assert [(one["template"], one["topics"], one["messages"], one["parsers"]) for one in found["templates"]] == [
        ("{site}/gateway/{n}/status", 4, 4, ["gateway_status"]),
        ("other/thing", 1, 1, []),
        ("{site}/weather/roof", 1, 1, []),
    ]
    assert [one["state"] for one in found["templates"]] == ["parsed", "unsubscribed", "parsed"]
    assert found["coverage"]["share"] == pytest.approx(4 / 6, abs=1e-4)
    assert (found["cap"], found["is_full"], found["is_cut"]) == (10_000, False, False)


def test_coverage_is_told_for_every_site_one_may_see_and_no_other() -> None:
    here, there = connect(), connect("site_002")
    say(here, "site_001/gateway/1/status", "site_001/x")
    say(there, "site_002/x")
    [mine] = operator(here).get("/api/v1/coverage/").json()
    assert (mine["site_id"], mine["share"], mine["topics"], mine["topics_with_parser"]) == (here.site_id, 0.5, 2, 1)
    assert operator_of_nothing().get(f"/api/v1/topic-templates/?site={here.site_id}").status_code == 404


def operator_of_nothing() -> Client:
    return rows.browser(rows.person("stranger"))


def test_topics_beyond_the_cap_are_counted_by_template_and_it_is_said(settings: Settings) -> None:
    settings.DISCOVERED_TOPICS_PER_SITE = 2
    connection = connect()
    say(connection, *(f"site_001/gateway/{n}/status" for n in range(5)))
    say(connection, "site_001/gateway/0/status", "site_001/gateway/9/status", "site_001/odd")
    assert DiscoveredTopic.objects.count() == 2
    found = survey(operator(connection), connection)
    status, odd = found["templates"]
    assert (status["topics"], status["messages"], status["unlisted"], status["with_parser"]) == (2, 7, 4, 7)
    assert (odd["template"], odd["unlisted"], odd["example_id"]) == ("{site}/odd", 1, None)
    assert found["is_full"]
    assert found["coverage"] | {"site_id": 0} == {
        "site_id": 0, "topics": 2, "topics_with_parser": 2, "messages": 8, "messages_with_parser": 7, "unlisted": 5,
        "share": 0.875,
    }  # fmt: skip


def test_a_flood_of_made_up_names_takes_a_bounded_number_of_rows(settings: Settings) -> None:
    settings.DISCOVERED_TOPICS_PER_SITE = 0
    connection = connect()
    letters = "abcdefghijklmnopqrstuvwxyz"
    say(connection, *(f"site_001/{a}{b}x" for a in letters for b in letters[:16]))
    assert TopicOverflow.objects.count() <= 201
    assert sum(TopicOverflow.objects.values_list("message_count", flat=True)) == 26 * 16


def test_one_step_makes_a_template_a_topic_that_is_parsed() -> None:
    connection = connect()
    say(connection, *(f"plant/gateway/{n}/status" for n in range(3)))
    client = operator(connection)
    [template] = survey(client, connection)["templates"]
    assert template["state"] == "unsubscribed"
    status, topic = post(client, connection, "parse", template=template["template"])
    assert (status, topic["topic_pattern"], topic["is_active"]) == (201, "plant/gateway/+/status", True)
    assert post(client, connection, "parse", template=template["template"])[1]["id"] == topic["id"]
    assert survey(client, connection)["templates"][0]["state"] == "parsed"


def test_what_is_muted_is_ignored_counted_by_the_ledger_and_discovered_no_more() -> None:
    connection = connect()
    say(connection, "site_001/noise/1", "site_001/noise/2", "site_001/gateway/1/status")
    client = operator(connection)
    status, topic = post(client, connection, "mute", template="{site}/noise/{n}")
    assert (status, topic["is_muted"], topic["is_active"]) == (201, True, False)
    outcome = ingest(batch(connection, message("site_001/noise/1"), message("site_001/noise/3")))
    assert outcome
    assert outcome.fates == [Fate.IGNORED, Fate.IGNORED]
    assert [one.topic_path for one in DiscoveredTopic.objects.all()] == ["site_001/gateway/1/status"]
    assert ledger(connection)["ignored"] == 2
    assert [one["id"] for one in survey(client, connection)["muted"]] == [topic["id"]]
    assert client.delete(f"/api/v1/topics/{topic['id']}/").status_code == 200
    say(connection, "site_001/noise/3")
    assert DiscoveredTopic.objects.filter(topic_path="site_001/noise/3").exists()


def test_a_topic_is_muted_when_it_is_made_too_and_is_then_not_active() -> None:
    connection = connect()
    client = operator(connection)
    about = {"connection": connection.pk, "topic_pattern": "noise/#", "is_muted": True}
    said = [
        client.post("/api/v1/topics/", about | more, content_type="application/json")
        for more in ({}, {"is_active": False})
    ]
    assert [answer.status_code for answer in said] == [422, 201]
    assert said[1].json()["is_muted"] is True


def test_a_muted_topic_is_not_subscribed_to() -> None:
    connection = connect()
    MqttTopic.objects.create(mqtt_connection=connection, topic_pattern="noise/#", is_active=False, is_muted=True)
    listener = Listener.objects.create(name="one")
    MqttConnection.objects.update(listener=listener)
    [wish] = lease.wishes(listener.pk)[0].values()
    assert wish.cover == {"site_001/#": 1}


def test_muting_and_parsing_take_an_operator_and_a_filter() -> None:
    connection = connect()
    viewer = rows.browser(rows.person("eve", Role.VIEWER, connection.site))
    for verb in ("parse", "mute"):
        assert post(viewer, connection, verb, template="a/b")[0] == 403
        assert post(operator_of(connection, verb), connection, verb, template="a/#/b")[0] == 422
    client = operator_of(connection, "third")
    assert post(client, connection, "parse", template="a", parser_name="nobody")[0] == 422
    both = {"is_active": True, "is_muted": True}
    topic = MqttTopic.objects.get()
    assert client.patch(f"/api/v1/topics/{topic.pk}/", both, content_type="application/json").status_code in (409, 422)


def operator_of(connection: MqttConnection, name: str) -> Client:
    return rows.browser(rows.person(name, Role.OPERATOR, connection.site))
