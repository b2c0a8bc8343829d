"""Unknown devices are let in, held until somebody says so, or refused; and a serial never moves to another site."""

import json
from typing import Any

import pytest
from django.test import Client

from mqtt_app.ingest import ingest
from mqtt_app.models import MqttConnection, MqttConnectionLog, MqttParsingLog
from sites import admission
from sites.admission import Rule, decide
from sites.models import Datalogger, DeviceRule, Gateway, Newcomer, Reading, Role, SerialConflict, Site
from tests import rows
from tests.field import TELEMETRY, batch, carry_out, connect, ledger, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)


def person(connection: MqttConnection, role: Role = Role.OPERATOR) -> Client:
    name = f"{role}-{connection.pk}"
    known = rows.User.objects.filter(username=name).first()
    return rows.browser(known or rows.person(name, role, connection.site))


def post(client: Client, path: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{path}/", body, content_type="application/json")
    return answer.json() | {"status": answer.status_code}


def set_policy(policy: str) -> None:
    Site.objects.update(unknown_devices=policy)


def say(connection: MqttConnection, *payloads: bytes, topic: str = TELEMETRY) -> list[str]:
    outcome = ingest(batch(connection, *(message(topic, one) for one in payloads or (telemetry(),))))
    assert outcome
    return [str(fate) for fate in outcome.fates]


@pytest.mark.parametrize(
    ("serial", "policy", "rules", "state", "answer"),
    [
        ("A1", "accept", [], None, "accept"),
        ("A1", "hold", [("A*", "accept")], None, "accept"),
        ("B1", "hold", [("A*", "accept")], None, "hold"),
        ("A1", "accept", [("A?", "refuse"), ("A*", "accept")], None, "refuse"),
        ("A1", "hold", [("A*", "accept")], "waiting", "accept"),
        ("A1", "refuse", [], "approved", "accept"),
        ("A1", "accept", [("A*", "accept")], "refused", "refuse"),
    ],
)
def test_what_people_said_counts_before_the_rules_and_these_before_the_site(serial, policy, rules, state, answer):
    assert decide(serial, policy, [Rule(*rule) for rule in rules], state) == answer


def test_a_held_device_is_not_made_and_what_it_says_is_kept_until_it_is_let_in() -> None:
    connection = connect()
    set_policy("hold")
    assert say(connection, telemetry(1.0), telemetry(2.0)) == ["failed", "failed"]
    assert (Datalogger.objects.count(), Gateway.objects.count()) == (0, 0)
    assert ledger(connection) == {"received": 2, "failed": 2}
    assert MqttParsingLog.objects.filter(error_type="device_held").count() == 2
    client = person(connection)
    found = client.get("/api/v1/newcomers/").json()["items"]
    assert sorted((one["role"], one["serial"], one["state"], one["message_count"]) for one in found) == [
        ("datalogger", "MNA000123", "waiting", 2),
        ("gateway", "site_001-gateway_1", "waiting", 2),
    ]
    approved = post(client, "newcomers/approve", ids=[one["id"] for one in found])
    assert approved["approved"] == 2
    [pk] = approved["replays"]
    carry_out(pk)
    assert client.post(f"/api/v1/replays/{pk}/start/").status_code == 202
    carry_out(pk)
    assert Datalogger.objects.get().serial == "MNA000123"
    assert Reading.objects.count() == 2
    assert client.get("/api/v1/newcomers/").json()["items"] == []
    assert say(connection) == ["stored"]
    assert Datalogger.objects.get().status == "online"


def test_the_known_devices_of_a_message_are_stored_though_others_of_it_wait() -> None:
    connection = connect()
    say(connection)
    set_policy("hold")
    both = telemetry(5.0).replace(b'"devices": [', b'"devices": [' + device("NEW1") + b", ")
    assert say(connection, both) == ["stored"]
    assert [one.serial for one in Datalogger.objects.all()] == ["MNA000123"]
    [kept] = MqttParsingLog.objects.all()
    assert (kept.error_type, kept.error_message) == ("device_held", "Waits to be let in: NEW1.")


def device(serial: str) -> bytes:
    return json.dumps({"serial_number_device": serial, "data": [{"type": "ch1", "value": [1]}]}).encode()


def test_a_refused_device_is_ignored_and_costs_a_counter() -> None:
    connection = connect()
    set_policy("refuse")
    assert say(connection, telemetry(), telemetry()) == ["ignored", "ignored"]
    assert (MqttParsingLog.objects.count(), Datalogger.objects.count()) == (0, 0)
    assert set(Newcomer.objects.values_list("message_count", flat=True)) == {2}


def test_a_newcomer_says_what_becomes_of_its_next_message_when_only_rules_speak() -> None:
    connection = connect()
    set_policy("hold")
    say(connection)
    serial = Newcomer.objects.get(role="datalogger").serial
    DeviceRule.objects.create(site=connection.site, pattern=serial, action="refuse")
    client = person(connection)

    def found() -> dict[str, tuple[str, str]]:
        rows = client.get("/api/v1/newcomers/").json()["items"]
        return {one["role"]: (one["state"], one["next"]) for one in rows if one["serial"] == serial}

    assert found() == {"datalogger": ("waiting", "refuse")}
    DeviceRule.objects.update(action="accept")
    assert found() == {"datalogger": ("waiting", "accept")}
    post(client, "newcomers/refuse", ids=list(Newcomer.objects.values_list("pk", flat=True)))
    assert found() == {"datalogger": ("refused", "refuse")}


def test_a_device_that_was_made_waits_no_longer() -> None:
    connection = connect()
    set_policy("hold")
    say(connection)
    client = person(connection)
    assert client.get("/api/v1/newcomers/").json()["count"] == 2
    set_policy("accept")
    assert say(connection) == ["stored"]
    assert client.get("/api/v1/newcomers/").json()["items"] == []


def test_who_is_refused_by_name_stays_out_and_who_is_forgotten_is_judged_anew() -> None:
    connection = connect()
    set_policy("hold")
    say(connection)
    client = person(connection)
    ids = list(Newcomer.objects.values_list("pk", flat=True))
    assert post(client, "newcomers/refuse", ids=ids)["refused"] == 2
    set_policy("accept")
    DeviceRule.objects.create(site=connection.site, pattern="nobody", action="hold")
    assert say(connection) == ["ignored"]
    for pk in ids:
        assert client.delete(f"/api/v1/newcomers/{pk}/").status_code == 200
    assert say(connection) == ["stored"]


def test_of_a_newcomer_that_talks_a_bounded_number_of_messages_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "KEPT", 2)
    connection = connect()
    set_policy("hold")
    assert [say(connection)[0] for _ in range(4)] == ["failed", "failed", "ignored", "ignored"]
    assert set(Newcomer.objects.values_list("message_count", flat=True)) == {4}


def test_a_flood_of_made_up_serials_is_listed_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "NEWCOMERS_PER_SITE", 5)
    connection = connect()
    set_policy("hold")
    assert set(say(connection, *(telemetry(serial=f"X{n}") for n in range(20)))) == {"failed"}
    assert Newcomer.objects.count() == 5
    assert MqttParsingLog.objects.count() == 20


def test_a_site_that_accepts_asks_nothing_more(django_assert_max_num_queries) -> None:
    connection = connect()
    say(connection)
    assert say(connection) == ["stored"]
    assert not Newcomer.objects.exists()


def test_a_serial_of_another_site_is_a_device_of_its_own_and_is_flagged_once() -> None:
    here, there = connect(), connect("site_002")
    say(here, telemetry(1.0))
    topic = "site_002/gateway/1/dataloggers/telemetry"
    for value in (2.0, 3.0):
        say(there, telemetry(value), topic=topic)
    assert sorted(Datalogger.objects.values_list("site__slug", "serial")) == [
        ("site_001", "MNA000123"),
        ("site_002", "MNA000123"),
    ]
    assert sorted(SerialConflict.objects.values_list("site__slug", "other__slug", "role")) == [
        ("site_002", "site_001", "datalogger"),
        ("site_002", "site_001", "gateway"),
    ]
    assert MqttConnectionLog.objects.filter(connection=there, message__contains="MNA000123").count() == 1
    client = person(there)
    found = client.get("/api/v1/serial-conflicts/?open=true").json()["items"]
    assert {one["other_site_id"] for one in found} == {None}
    root = rows.browser(rows.person("root", is_superuser=True))
    assert {one["other_site_id"] for one in root.get("/api/v1/serial-conflicts/").json()["items"]} == {here.site_id}
    assert post(client, f"serial-conflicts/{found[0]['id']}/acknowledge")["acknowledged_at"]
    assert len(client.get("/api/v1/serial-conflicts/?open=true").json()["items"]) == 1


def test_a_newcomer_that_another_site_knows_says_so_before_it_is_let_in() -> None:
    here, there = connect(), connect("site_002")
    say(here)
    set_policy("hold")
    say(there, telemetry(), topic="site_002/gateway/1/dataloggers/telemetry")
    found = person(there).get("/api/v1/newcomers/").json()["items"]
    assert [one["is_known_elsewhere"] for one in found] == [True, True]


def test_rules_are_an_admins_and_letting_in_is_an_operators() -> None:
    connection = connect()
    body = {"site": connection.site_id, "pattern": "MNA*", "action": "accept"}
    assert post(person(connection), "device-rules", **body)["status"] == 403
    rule = post(person(connection, Role.ADMIN), "device-rules", **body)
    assert rule["status"] == 201
    set_policy("hold")
    assert say(connection) == ["stored"]
    assert [one.serial for one in Datalogger.objects.all()] == ["MNA000123"]
    assert [one.serial for one in Newcomer.objects.all()] == ["site_001-gateway_1"]
    assert Datalogger.objects.get().gateway is None
