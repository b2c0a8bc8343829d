"""Failures by kind: counted as they come in, told apart by parser, reason and place, never by values."""

import pytest
from django.test import Client

from mqtt_app.ingest import ingest
from mqtt_app.models import MqttConnection, ParsingGroup
from mqtt_app.records import kinds
from sites.models import ApiToken, AuditEntry, Role
from tests import rows
from tests.field import batch, connect, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)

NAN = telemetry().replace(b"]}]}]}]}", b']},{"type":"ch1","value":["x"]}]}]}]}')


def groups(client: Client, query: str = "") -> list[dict]:
    return client.get(f"/api/v1/parsing-groups/?{query}").json()["items"]


def reader(connection: MqttConnection, role: Role = Role.VIEWER, name: str = "ada") -> Client:
    return rows.browser(rows.person(name, role, connection.site))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dataloggers[0].devices[1].value: no number", "dataloggers[7].devices[0].value: no number"),
        ('sensors["a b"].value: x', 'sensors["c, d"].value: y'),
        ("expected value at byte 3", "expected value at byte 300"),
        ("", "the serial MNA1 is odd"),
    ],
)
def test_neither_values_nor_positions_make_another_kind(one: str, other: str) -> None:
    assert kinds.of("p", "schema", one) == kinds.of("p", "schema", other)


@pytest.mark.timeout(20, method="thread")  # tried in every division, a word outlives the signal of the other method
@pytest.mark.parametrize("detail", ["a" * 255, "a-" * 127, '["a"].' * 40 + "b" * 200, "." * 255])
def test_a_detail_of_one_long_word_is_told_apart_at_once(detail: str) -> None:
    assert kinds.of("p", "schema", detail).path == ""


@pytest.mark.parametrize(
    "other", [("q", "schema", "a.b: x"), ("p", "bad_ts", "a.b: x"), ("p", "schema", "a.c: x"), ("p", "schema", "x")]
)
def test_parser_reason_and_place_do(other: tuple[str, str, str]) -> None:
    assert kinds.of("p", "schema", "a.b: x").fingerprint != kinds.of(*other).fingerprint


def test_failures_of_a_kind_are_counted_over_batches_and_sites() -> None:
    here, there = connect(), connect("site_002")
    ingest(batch(here, message(payload=b"{"), message(payload=b"{{"), message(payload=NAN)))
    ingest(batch(here, message(payload=NAN)))
    ingest(batch(there, message("site_002/gateway/1/dataloggers/telemetry", NAN)))
    root = rows.browser(rows.person("root", is_superuser=True))
    found = {one["error_type"]: one for one in groups(root, "sort=-count")}
    assert {name: one["count"] for name, one in found.items()} == {"bad_readings": 3, "json_invalid": 2}
    assert found["bad_readings"]["path"] == "dataloggers[].devices[].data[].value[]"
    assert sorted(found["bad_readings"]["sites"]) == sorted([here.site_id, there.site_id])
    [mine] = groups(reader(there))
    assert (mine["count"], mine["sites"]) == (1, [there.site_id])


def test_a_kind_opens_to_the_messages_it_is_made_of() -> None:
    connection = connect()
    ingest(batch(connection, *(message(payload=NAN) for _ in range(3)), message(payload=b"{")))
    client = reader(connection)
    [kind] = [one for one in groups(client) if one["error_type"] == "bad_readings"]
    path = f"/api/v1/parsing-groups/{kind['fingerprint']}/samples/?limit=2"
    first = client.get(path).json()
    assert [one["error_type"] for one in first["items"]] == ["bad_readings"] * 2
    assert len(client.get(first["next"]).json()["items"]) == 1


def test_a_resolved_kind_opens_again_with_the_next_failure_and_an_ignored_one_does_not() -> None:
    connection = connect()
    ingest(batch(connection, message(payload=b"{"), message(payload=NAN)))
    operator = reader(connection, Role.OPERATOR)
    for one, state in zip(groups(operator, "sort=count"), ("resolved", "ignored"), strict=True):
        path = f"/api/v1/parsing-groups/{one['fingerprint']}/"
        assert operator.patch(path, {"state": state}, content_type="application/json").json()["state"] == state
    assert groups(operator, "state=open") == []
    settled = AuditEntry.objects.filter(kind="kind of failure", site=connection.site).order_by("id")
    assert [entry.changes["state"] for entry in settled] == [["open", "resolved"], ["open", "ignored"]]
    ingest(batch(connection, message(payload=b"{"), message(payload=NAN)))
    assert sorted(one["state"] for one in groups(operator)) == ["ignored", "open"]


def test_only_an_operator_of_the_site_may_resolve() -> None:
    connection, other = connect(), connect("site_002")
    ingest(batch(connection, message(payload=b"{")))
    path = f"/api/v1/parsing-groups/{ParsingGroup.objects.get().fingerprint}/"
    change = {"data": {"state": "resolved"}, "content_type": "application/json"}
    assert reader(connection).patch(path, **change).status_code == 403
    assert reader(other, Role.ADMIN, "stranger").patch(path, **change).status_code == 404
    assert reader(other, Role.ADMIN, "other").get(f"{path}samples/").status_code == 404
    token = rows.program(rows.person("bot", Role.OPERATOR, connection.site), ApiToken.Scope.READ)
    assert token.patch(path, **change).status_code == 403
    assert ParsingGroup.objects.get().state == "open"
