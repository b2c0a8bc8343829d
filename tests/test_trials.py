"""A parser is tried on a message without writing anything: its rows, its faults by place, and how long it took."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from mqtt_app.ingest import ingest
from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttParsingLog
from sites.models import Role
from tests import rows
from tests.field import TELEMETRY, batch, connect, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
BAD = telemetry(at=AT.isoformat()).replace(b"]}]}]}]}", b']},{"type":"ch1","value":["x"]}]}]}]}')


def operator(connection: MqttConnection, role: Role = Role.OPERATOR) -> Client:
    return rows.browser(rows.person(f"ada-{role}", role, connection.site))


def post(client: Client, path: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{path}/", body, content_type="application/json")
    return answer.json() | {"status": answer.status_code}


def counts() -> dict[str, int]:
    models = [*apps.get_app_config("mqtt_app").get_models(), *apps.get_app_config("sites").get_models()]
    return {model._meta.label: model._base_manager.count() for model in models}


def test_a_pasted_message_says_which_rows_it_would_make_and_writes_none() -> None:
    connection = connect()
    client = operator(connection)
    before = counts()
    text = telemetry(1.0, 2.0, 3.0, at=AT.isoformat()).decode()
    found = post(client, "parsers/try", site=connection.site_id, topic=TELEMETRY, text=text)
    assert (found["fate"], found["passes"], found["parser"]) == ("stored", True, "dataloggers_telemetry")
    assert (found["new_gateways"], found["new_devices"]) == (["site_001-gateway_1"], ["MNA000123"])
    [reading] = found["readings"]
    assert (reading["values"], reading["components"], reading["effect"]) == ([1.0, 2.0, 3.0], ["x", "y", "z"], "add")
    assert datetime.fromisoformat(reading["time"]) == AT
    assert found["took_ms"] > 0
    assert counts() == before


def test_what_was_tried_comes_along_so_that_the_same_message_can_be_kept_as_a_case() -> None:
    connection = connect()
    text = telemetry(1.0, at=AT.isoformat())
    ingest(batch(connection, message(payload=text)))
    client = operator(connection)
    [tried] = post(client, "parsers/try-topic", site=connection.site_id, filter=TELEMETRY)["items"]
    assert base64.b64decode(tried["payload"]) == text
    same = {name: tried[name] for name in ("topic", "payload", "retain", "received_at")}
    case = post(client, "parser-cases", site=connection.site_id, name="the same", **same)
    assert [case["expected"]["readings"][0]["values"], case["received_at"]] == [[1.0], tried["received_at"]]
    long = telemetry(1.0, padding="x" * 70_000).decode()
    assert post(client, "parsers/try", site=connection.site_id, topic=TELEMETRY, text=long)["payload"] is None


def test_what_is_stored_already_is_the_same_and_what_differs_would_change() -> None:
    connection = connect()
    ingest(batch(connection, message(payload=telemetry(1.0, at=AT.isoformat()))))
    client = operator(connection)
    effects = []
    for value in (1.0, 2.0):
        text = telemetry(value, at=AT.isoformat()).decode()
        [reading] = post(client, "parsers/try", site=connection.site_id, topic=TELEMETRY, text=text)["readings"]
        effects.append((reading["effect"], reading["before"]))
    assert effects == [("same", [1.0]), ("change", [1.0])]


def test_faults_are_told_with_their_place_in_the_document() -> None:
    connection = connect()
    ingest(batch(connection, message(payload=BAD), message(payload=b'{"dataloggers": 7}')))
    client = operator(connection)
    whole, part = (
        post(client, "parsers/try", site=connection.site_id, parsing_log=pk)
        for pk in MqttParsingLog.objects.order_by("error_type").values_list("pk", flat=True)[::-1]
    )
    assert (part["fate"], part["passes"]) == ("stored", False)
    assert [(one["path"], one["reason"]) for one in part["faults"]] == [
        ("dataloggers[0].devices[0].data[1].value[0]", "schema")
    ]
    assert (whole["fate"], whole["faults"][0]["path"], whole["origin"]) == ("failed", "dataloggers", "failure")


def test_any_parser_can_be_tried_on_any_topic_and_an_unknown_one_is_named() -> None:
    connection = connect()
    client = operator(connection)
    about = {"site": connection.site_id, "topic": "odd/topic", "text": '{"serial_number": "g1"}'}
    assert post(client, "parsers/try", **about)["fate"] == "unrecognised"
    assert post(client, "parsers/try", **about, parser_name="nobody")["status"] == 422
    assert post(client, "parsers/try", **about, parser_name="gateway_status")["gateways"] == ["g1"]


@pytest.mark.parametrize(
    "body", [{}, {"topic": "a"}, {"topic": "a", "text": "1", "payload": "MQ=="}, {"topic": "a", "payload": "%"}]
)
def test_a_message_that_is_none_is_refused_with_what_to_give(body: dict[str, str]) -> None:
    connection = connect()
    assert post(operator(connection), "parsers/try", site=connection.site_id, **body)["status"] == 422


def test_bytes_that_are_no_text_are_tried_as_base64() -> None:
    connection = connect()
    payload = base64.b64encode(b"\xff\x00").decode()
    found = post(operator(connection), "parsers/try", site=connection.site_id, topic=TELEMETRY, payload=payload)
    assert found["faults"][0]["reason"] == "not_utf8"


def test_the_last_messages_of_a_topic_so_many_pass_and_these_fail() -> None:
    connection = connect()
    for number, payload in enumerate((telemetry(1.0), BAD, b"{", telemetry(2.0, padding="x" * 5_000))):
        DiscoveredTopic.objects.update(sampled_at=timezone.now() - timedelta(seconds=11))
        ingest(batch(connection, message(payload=payload, at=AT.timestamp() + number)))
    topic = DiscoveredTopic.objects.get()
    client = operator(connection)
    found = post(client, "parsers/try-topic", site=connection.site_id, discovered_topic=topic.pk)
    assert [found[name] for name in ("tried", "passed", "failed", "skipped")] == [3, 1, 2, 1]
    by_filter = post(client, "parsers/try-topic", site=connection.site_id, filter="+/gateway/#", limit=2)
    assert (by_filter["tried"], by_filter["skipped"]) == (1, 1)
    assert post(client, "parsers/try-topic", site=connection.site_id)["status"] == 422


def test_trying_takes_an_operator_of_the_site() -> None:
    here, there = connect(), connect("site_002")
    about = {"topic": "a", "text": "1"}
    assert post(operator(here, Role.VIEWER), "parsers/try", site=here.site_id, **about)["status"] == 403
    mine = operator(here)
    assert post(mine, "parsers/try", site=there.site_id, **about)["status"] == 404
    ingest(batch(there, message("site_002/gateway/1/dataloggers/telemetry", b"{")))
    failure = MqttParsingLog.objects.get()
    assert post(mine, "parsers/try", site=here.site_id, parsing_log=failure.pk)["status"] == 404


def test_a_case_passes_until_the_parser_makes_something_else_of_its_message() -> None:
    connection = connect()
    client = operator(connection)
    text = telemetry(1.0, at=AT.isoformat()).decode()
    case = post(client, "parser-cases", site=connection.site_id, topic=TELEMETRY, text=text, name="one reading")
    assert case["expected"]["readings"][0]["values"] == [1.0]
    ran = post(client, "parser-cases/run", parser_name="dataloggers_telemetry")
    assert (ran["passed"], ran["failed"]) == (1, 0)

    model = apps.get_model("mqtt_app", "ParserCase")
    expected = case["expected"] | {"devices": ["other"]}
    expected["readings"] = [case["expected"]["readings"][0] | {"values": [7.0]}]
    model.objects.update(expected=json.loads(json.dumps(expected)))
    [failed] = post(client, "parser-cases/run", site=connection.site_id)["items"]
    assert failed["differences"] == [
        "devices: expected ['other'], found ['MNA000123']",
        "MNA000123 accelerometer: expected [7.0]  (good), found [1.0]  (good)",
    ]
    path = f"/api/v1/parser-cases/{case['id']}/"
    assert client.patch(path, {"accept": True}, content_type="application/json").status_code == 200
    assert post(client, "parser-cases/run")["passed"] == 1
    assert client.delete(path).status_code == 200


def test_a_cut_sample_makes_no_case_and_names_are_unique() -> None:
    connection = connect()
    ingest(batch(connection, message(payload=telemetry(2.0, padding="x" * 5_000))))
    client = operator(connection)
    about = {"site": connection.site_id, "name": "x"}
    topic = DiscoveredTopic.objects.get()
    assert post(client, "parser-cases", **about, discovered_topic=topic.pk)["status"] == 422
    pasted = {"topic": TELEMETRY, "text": telemetry().decode()}
    assert post(client, "parser-cases", **about, **pasted)["status"] == 201
    assert post(client, "parser-cases", **about, **pasted)["status"] in (409, 422)
