"""Parsers without code: made, tried, tested on captured messages, active at once for every worker, and taken back."""

import json
from typing import Any

import pytest
from django.test import Client

from mqtt_app.ingest import ingest
from mqtt_app.models import DiscoveredTopic, MappingVersion, MqttConnection, ParsingGroup
from sites.models import AuditEntry, Reading, Role, Sensor
from tests import rows
from tests.field import batch, connect, message

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "site_001/weather/roof"
DEFINITION: dict[str, Any] = {
    "template": "{site}/weather/{place}",
    "device": "station-{place}",
    "sensors": [{"key": "wind", "value": "wind.speed", "unit": "m/s"}],
}
MESSAGE = json.dumps({"wind": {"speed": 3.5}})


def operator(connection: MqttConnection, role: Role = Role.OPERATOR) -> Client:
    name = f"ada-{role}-{connection.pk}"
    known = rows.User.objects.filter(username=name).first()
    return rows.browser(known or rows.person(name, role, connection.site))


def post(client: Client, path: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{path}/", body, content_type="application/json")
    return answer.json() | {"status": answer.status_code}


def make(client: Client, connection: MqttConnection, **changes: Any) -> dict[str, Any]:
    about = {"site": connection.site_id, "name": "weather", "definition": DEFINITION} | changes
    made = post(client, "mappings", **about)
    assert made["status"] == 201, made
    return made


def capture(client: Client, connection: MqttConnection, text: str = MESSAGE, name: str = "one") -> dict[str, Any]:
    about = {"topic": TOPIC, "text": text, "name": name, "parser_name": "weather"}
    return post(client, "parser-cases", site=connection.site_id, **about)


def active(client: Client, connection: MqttConnection) -> dict[str, Any]:
    made = make(client, connection)
    assert capture(client, connection)["status"] == 201
    return post(client, f"mappings/{made['id']}/activate", number=1)


def say(connection: MqttConnection, payload: str = MESSAGE) -> str:
    outcome = ingest(batch(connection, message(TOPIC, payload.encode())))
    assert outcome
    return str(outcome.fates[0])


def test_a_mapping_reads_as_soon_as_it_is_active_and_no_longer_when_it_is_not() -> None:
    connection = connect()
    client = operator(connection)
    say(connection)
    before = DiscoveredTopic.objects.get().processor_name
    made = active(client, connection)
    assert (made["status"], made["active"]) == (200, 1)
    assert DiscoveredTopic.objects.get().processor_name == "weather"
    assert say(connection) == "stored"
    assert list(Sensor.objects.filter(datalogger__serial="station-roof").values_list("key", "unit")) == [
        ("wind", "m/s")
    ]
    assert post(client, f"mappings/{made['id']}/deactivate")["active"] is None
    assert DiscoveredTopic.objects.get().processor_name == before
    count = Reading.objects.filter(sensor__datalogger__serial="station-roof").count()
    say(connection)
    assert Reading.objects.filter(sensor__datalogger__serial="station-roof").count() == count


def test_a_version_is_active_only_when_its_test_cases_pass_and_there_is_one() -> None:
    connection = connect()
    client = operator(connection)
    made = make(client, connection)
    refused = post(client, f"mappings/{made['id']}/activate", number=1)
    assert (refused["status"], refused["error"]["code"]) == (409, "tests_do_not_pass")
    capture(client, connection)
    worse = DEFINITION | {"sensors": [{"key": "wind", "value": "wind.speed", "scale": 2}]}
    assert post(client, f"mappings/{made['id']}/versions", definition=worse, note="twice")["number"] == 2
    refused = post(client, f"mappings/{made['id']}/activate", number=2)
    assert refused["status"] == 409
    assert "found [7.0]" in refused["error"]["fields"]["one"]
    assert post(client, f"mappings/{made['id']}/test", number=2)["failed"] == 1
    assert post(client, f"mappings/{made['id']}/activate", number=1)["active"] == 1


def test_a_definition_that_finds_nothing_passes_on_no_message_and_says_where_it_looked() -> None:
    connection = connect()
    client = operator(connection)
    say(connection)
    mistyped = DEFINITION | {"gateway": "masts", "sensors": [{"key": "wind", "value": "wind.sped"}]}
    about = {"site": connection.site_id, "definition": mistyped}
    one = post(client, "mappings/preview", topic=TOPIC, text=MESSAGE, **about)
    assert (one["fate"], one["passes"], one["readings_in_all"]) == ("stored", False, 0)
    many = post(client, "mappings/preview-topics", **about)
    assert [many[name] for name in ("tried", "passed", "readings", "with_readings")] == [1, 0, 0, 0]
    assert many["unread"] == [{"sensor": "wind", "value": "wind.sped"}]


@pytest.mark.parametrize("text", [MESSAGE, '{"wind": {"sped": "x"}}'], ids=["reads nothing", "expects a failure"])
def test_a_version_that_reads_nothing_is_never_active(text: str) -> None:
    connection = connect()
    client = operator(connection)
    mistyped = DEFINITION | {"sensors": [{"key": "wind", "value": "wind.sped"}]}
    made = make(client, connection, definition=mistyped)
    assert capture(client, connection, text)["status"] == 201
    assert post(client, f"mappings/{made['id']}/test", number=1)["failed"] == 0
    refused = post(client, f"mappings/{made['id']}/activate", number=1)
    assert (refused["status"], refused["error"]["code"]) == (409, "tests_do_not_pass")
    assert refused["error"]["fields"] == {"wind": "No test case has anything at wind.sped"}


def test_one_mistyped_sensor_beside_others_keeps_a_version_from_being_active() -> None:
    connection = connect()
    client = operator(connection)
    both = DEFINITION | {"sensors": [*DEFINITION["sensors"], {"key": "gust", "value": "wind.gust || wind.max"}]}
    made = make(client, connection, definition=both)
    capture(client, connection)
    refused = post(client, f"mappings/{made['id']}/activate", number=1)
    assert "No test case has a reading of gust." in refused["error"]["message"]
    capture(client, connection, '{"wind": {"max": 9}}', "gusts")
    assert post(client, f"mappings/{made['id']}/activate", number=1)["active"] == 1


def test_a_compound_expression_is_named_as_the_place_of_what_is_wrong() -> None:
    connection = connect()
    client = operator(connection)
    compound = DEFINITION | {"sensors": [{"key": "gust", "value": "wind.gust || wind.max"}]}
    about = {"site": connection.site_id, "definition": compound}
    tried = post(client, "mappings/preview", topic=TOPIC, text='{"wind": {"max": "x"}}', **about)
    assert tried["faults"] == [
        {
            "path": "«wind.gust || wind.max»",
            "reason": "schema",
            "words": "this is no number and no word of the enumeration",
        }
    ]


def test_a_new_version_waits_until_it_is_activated_and_the_old_ones_stay() -> None:
    connection = connect()
    client = operator(connection)
    made = active(client, connection)
    renamed = DEFINITION | {"kind": "weather"}
    post(client, f"mappings/{made['id']}/versions", definition=renamed)
    assert client.get(f"/api/v1/mappings/{made['id']}/").json()["active"] == 1
    post(client, f"mappings/{made['id']}/activate", number=2)
    versions = client.get(f"/api/v1/mappings/{made['id']}/versions/").json()
    assert [(one["number"], one["is_active"]) for one in versions] == [(2, True), (1, False)]
    assert say(connection) == "stored"
    assert client.delete(f"/api/v1/mappings/{made['id']}/").json() == {
        "deleted": {"mappings": 1, "mapping_versions": 2}
    }
    assert not MappingVersion.objects.exists()


def test_a_test_case_expects_what_the_version_makes_of_it_that_somebody_looks_at() -> None:
    connection = connect()
    client = operator(connection)
    made = active(client, connection)
    gust = DEFINITION | {"sensors": [{"key": "gust", "value": "gust"}]}
    post(client, f"mappings/{made['id']}/versions", definition=gust)
    about = {"topic": TOPIC, "text": '{"gust": 9}', "name": "gusts", "parser_name": "weather"}
    kept = post(client, "parser-cases", site=connection.site_id, version=2, **about)
    assert [one["sensor"] for one in kept["expected"]["readings"]] == ["gust"]
    ran = post(client, f"mappings/{made['id']}/test", number=2)
    assert [(one["name"], one["passed"]) for one in ran["items"]] == [("one", False), ("gusts", True)]
    before = AuditEntry.objects.filter(kind="test case").count()

    path = f"/api/v1/parser-cases/{ran['items'][0]['id']}/"
    change = {"accept": True, "version": 2}
    assert client.patch(path, change, content_type="application/json").status_code == 200
    assert post(client, f"mappings/{made['id']}/test", number=2)["failed"] == 0
    accepted = AuditEntry.objects.filter(kind="test case").latest("id")
    assert (AuditEntry.objects.filter(kind="test case").count(), list(accepted.changes)) == (before + 1, ["expected"])
    assert post(client, "parser-cases", site=connection.site_id, version=7, **about)["status"] == 422
    installed = about | {"parser_name": "gateway_status", "version": 1}
    assert post(client, "parser-cases", site=connection.site_id, **installed)["status"] == 422


def test_failures_of_a_mapping_are_told_apart_by_its_version() -> None:
    connection = connect()
    client = operator(connection)
    made = active(client, connection)
    say(connection, '{"wind": {"speed": "x"}}')
    post(client, f"mappings/{made['id']}/versions", definition=DEFINITION | {"kind": "w"})
    post(client, f"mappings/{made['id']}/activate", number=2)
    say(connection, '{"wind": {"speed": "x"}}')
    assert sorted(ParsingGroup.objects.values_list("parser_name", "parser_version")) == [
        ("weather", "1"),
        ("weather", "2"),
    ]


def test_a_definition_is_tried_before_it_is_saved() -> None:
    connection = connect()
    client = operator(connection)
    for payload in (MESSAGE, "{}", '{"wind": {"speed": null}}', '{"wind": {"speed": "x"}}'):
        DiscoveredTopic.objects.update(sampled_at="2020-01-01T00:00:00Z")
        say(connection, payload)
    about = {"site": connection.site_id, "definition": DEFINITION}
    tried = post(client, "mappings/preview", topic=TOPIC, text=MESSAGE, **about)
    assert [(one["device"], one["values"]) for one in tried["readings"]] == [("station-roof", [3.5])]
    many = post(client, "mappings/preview-topics", **about)
    assert [many[name] for name in ("tried", "passed", "failed")] == [4, 1, 3]  # two of them read nothing
    assert [many[name] for name in ("readings", "with_readings", "unread")] == [1, 1, []]
    wrong = post(client, "mappings/preview", topic=TOPIC, text=MESSAGE, site=connection.site_id, definition={"a": 1})
    assert wrong["status"] == 422
    bad = DEFINITION | {"sensors": [{"key": "a", "value": "[?"}]}
    wrong = post(client, "mappings/preview", topic=TOPIC, text=MESSAGE, site=connection.site_id, definition=bad)
    assert "JMESPath" in json.dumps(wrong["error"]["fields"])


def test_a_mapping_is_suggested_from_what_a_topic_said_and_reads_it() -> None:
    connection = connect()
    client = operator(connection)
    say(connection, '{"id": "W1", "ts": 1772439330, "air": {"temp °C": 3.5, "rh": 80}, "ok": true, "xyz": [1, 2, 3]}')
    topic = DiscoveredTopic.objects.get()
    found = client.get(f"/api/v1/mappings/suggestion/?discovered_topic={topic.pk}").json()
    assert found["definition"]["device_from"] == "id"
    assert found["definition"]["time"] == "ts"
    assert [(one["key"], one["value"], one.get("unit", "")) for one in found["definition"]["sensors"]] == [
        ("temp °C", 'air."temp °C"', "°C"),
        ("rh", "air.rh", ""),
        ("xyz", "xyz", ""),
    ]
    about = {"site": connection.site_id, "definition": found["definition"], "discovered_topic": topic.pk}
    assert post(client, "mappings/preview", **about)["passes"]


def test_a_mapping_can_be_named_for_a_topic_and_a_strangers_cannot() -> None:
    here, there = connect(), connect("site_002")
    client = operator(here)
    active(client, here)
    about = {"topic_pattern": "odd/x", "parser_name": "weather"}
    assert post(client, "topics", connection=here.pk, **about)["status"] == 201
    assert post(operator(there), "topics", connection=there.pk, **about)["status"] == 422


def test_of_one_site_it_takes_an_operator_and_of_all_sites_a_superuser() -> None:
    here, there = connect(), connect("site_002")
    made = make(operator(here), here)
    body = {"site": here.site_id, "name": "x", "definition": DEFINITION}
    assert post(operator(here, Role.VIEWER), "mappings", **body)["status"] == 403
    assert post(operator(there), "mappings", **body)["status"] == 404
    assert post(operator(there), f"mappings/{made['id']}/activate", number=1)["status"] == 404
    assert post(operator(here, Role.ADMIN), "mappings", **(body | {"site": None}))["status"] == 403
    root = rows.browser(rows.person("root", is_superuser=True))
    assert post(root, "mappings", **(body | {"site": None}))["status"] == 201
    assert post(root, "mappings", **(body | {"name": "gateway_status"}))["status"] == 422


def test_a_mapping_of_all_sites_reads_every_site_after_the_sites_own() -> None:
    here, there = connect(), connect("site_002")
    root = rows.browser(rows.person("root", is_superuser=True))
    everywhere = DEFINITION | {"device": "all-{place}"}
    made = post(root, "mappings", site=None, name="weather", definition=everywhere)
    capture(root, here)
    assert post(root, f"mappings/{made['id']}/activate", number=1)["active"] == 1
    own = make(operator(here), here, name="own")
    case = {"topic": TOPIC, "text": MESSAGE, "name": "own", "parser_name": "own"}
    post(operator(here, Role.ADMIN), "parser-cases", site=here.site_id, **case)
    assert post(root, f"mappings/{own['id']}/activate", number=1)["active"] == 1
    say(here)
    ingest(batch(there, message("site_002/weather/roof", MESSAGE.encode())))
    found = sorted(Sensor.objects.values_list("datalogger__site__slug", "datalogger__serial"))
    assert found == [("site_001", "station-roof"), ("site_002", "all-roof")]
