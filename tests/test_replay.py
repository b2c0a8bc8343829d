"""Kept messages are read again: a dry run first, then for good, once each, and nobody takes it for reception."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mqtt_app import replay
from mqtt_app.alerting import problems
from mqtt_app.browsers import live
from mqtt_app.ingest import ingest
from mqtt_app.models import MqttConnection, MqttParsingLog, MqttTopic, ParsingGroup, RawMessage, Replay
from mqtt_app.records import rawstore
from sites.models import AuditEntry, Datalogger, Gateway, Membership, Reading, Role, Sensor
from tests import rows
from tests.field import batch, carry_out, connect, ledger, message
from tests.moody import TOPIC, Moody, moody, said  # noqa: F401  moody is a fixture

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def operator(connection: MqttConnection) -> Client:
    return rows.browser(rows.person("ada", Role.OPERATOR, connection.site))


def hear(connection: MqttConnection, *payloads: bytes, at: datetime = AT) -> None:
    ingest(batch(connection, *(message(TOPIC, one, at=at.timestamp() + n) for n, one in enumerate(payloads))))


def ask(client: Client, connection: MqttConnection, **body: Any) -> dict[str, Any]:
    sent = {"site": connection.site_id, **body}
    answer = client.post("/api/v1/replays/", sent, content_type="application/json")
    assert answer.status_code == 202, answer.json()
    return work(client, answer.json()["id"])


def steer(client: Client, pk: int, verb: str) -> int:
    return client.post(f"/api/v1/replays/{pk}/{verb}/").status_code


def work(client: Client, pk: int) -> dict[str, Any]:
    carry_out(pk)
    return client.get(f"/api/v1/replays/{pk}/").json()


def start(client: Client, pk: int) -> dict[str, Any]:
    assert steer(client, pk, "start") == 202
    return work(client, pk)


def test_a_dry_run_says_what_would_come_of_it_and_stores_nothing(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    hear(connection, said(at=AT, u=1.0), said(at=AT, u=1.0), said(at=AT, u=2.0, bad="x"), b"{")
    moody.mended = True
    dry = ask(operator(connection), connection)
    assert (dry["state"], dry["total"], dry["checked"]["read"]) == ("checked", 4, 4)
    assert dry["checked"]["messages"] == {"recovered": 2, "partly": 1, "failed": 1}
    assert dry["checked"]["readings"] == {"add": 1, "same": 1, "change": 1}
    assert dry["checked"]["reasons"] == {"parser_raised": 1}
    assert [one["topic"] for one in dry["checked"]["samples"]] == [TOPIC]
    assert dry["checked"]["new_devices"] == 2
    assert (Reading.objects.count(), Datalogger.objects.count(), dry["applied"]["read"]) == (0, 0, 0)
    assert set(MqttParsingLog.objects.values_list("outcome", flat=True)) == {""}


def test_a_replay_stores_with_the_times_that_the_messages_had_and_touches_nobodys_presence(
    moody: type[Moody],  # noqa: F811
) -> None:
    connection = connect()
    hear(connection, said(at=AT, u=1.0), said(u=2.0))
    seen = timezone.now() - timedelta(days=1)
    present = {"status": "offline", "offline_reason": "silent", "last_seen_at": seen, "firmware": "v9"}
    Datalogger.objects.create(site=connection.site, serial="M1", metadata={"from": "now"}, **present)
    before = ledger(connection), ParsingGroup.objects.get().count
    told: list[object] = []
    live_announce, live.announce = live.announce, told.extend  # type: ignore[assignment]
    try:
        moody.mended = True
        done = start(operator(connection), ask(operator_of(connection), connection)["id"])
    finally:
        live.announce = live_announce
    assert (done["state"], done["applied"]["messages"]) == ("done", {"recovered": 2})
    assert list(Reading.objects.order_by("time").values_list("time", "received_at", "values")) == [
        (AT, AT, [1.0]),
        (AT + timedelta(seconds=1), AT + timedelta(seconds=1), [2.0]),
    ]
    device = Datalogger.objects.get()
    assert (device.status, device.last_seen_at, device.firmware) == ("offline", seen, "v9")
    assert (device.metadata, device.kind, device.gateway) == ({"from": "now"}, "moody", None)
    assert (Gateway.objects.get().status, Gateway.objects.get().last_seen_at) == ("offline", None)
    assert Sensor.objects.get().latest_values == [2.0]
    assert (ledger(connection), ParsingGroup.objects.get().count) == before
    assert told == []
    assert [one.label for one in problems.find(timezone.now()) if one.problem == "device"] == ["datalogger M1"]


def operator_of(connection: MqttConnection) -> Client:
    return rows.browser(rows.person("bob", Role.OPERATOR, connection.site))


def test_newer_latest_values_stay(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    hear(connection, said(at=AT, u=1.0))
    moody.mended = True
    hear(connection, said(at=AT + timedelta(hours=1), u=9.0), at=AT + timedelta(hours=1))
    client = operator(connection)
    start(client, ask(client, connection)["id"])
    assert Sensor.objects.get().latest_values == [9.0]
    assert Reading.objects.count() == 2


def test_what_is_recovered_is_not_read_again_and_reading_it_again_changes_nothing(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    hear(connection, said(at=AT, u=1.0))
    moody.mended = True
    client = operator(connection)
    start(client, ask(client, connection)["id"])
    assert ask(client, connection)["total"] == 0
    again = start(client, ask(client, connection, again=True)["id"])
    assert again["applied"]["readings"] == {"same": 1}
    [kind] = client.get("/api/v1/parsing-groups/").json()["items"]
    detail = client.get(f"/api/v1/parsing-groups/{kind['fingerprint']}/").json()
    assert (detail["kept"], detail["recovered"], detail["waiting"]) == (1, 1, 0)


def test_one_some_or_all_that_match_are_chosen(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    hear(connection, said(u=1.0), said(u=2.0), said(u=3.0))
    ingest(batch(connection, message(payload=b"{")))
    ids = list(MqttParsingLog.objects.order_by("pk").values_list("pk", flat=True))
    client = operator(connection)
    kind = MqttParsingLog.objects.get(pk=ids[0]).fingerprint
    chosen = [
        {"ids": ids[:1]},
        {"fingerprint": kind},
        {"error_type": "json_invalid"},
        {"parser_name_was": "moody"},
        {"topic": "+/moody/#", "from": (AT + timedelta(seconds=1)).isoformat()},
        {"to": (AT + timedelta(seconds=1)).isoformat()},
        {},
    ]
    assert [ask(client, connection, **one)["total"] for one in chosen] == [1, 3, 1, 3, 2, 1, 4]


def test_what_is_switched_off_stays_ignored(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    hear(connection, said(u=1.0))
    moody.mended = True
    MqttTopic.objects.update(is_active=False)
    client = operator(connection)
    done = start(client, ask(client, connection)["id"])
    assert (done["applied"]["messages"], Reading.objects.count()) == ({"ignored": 1}, 0)


def test_it_is_paused_goes_on_and_is_cancelled_between_two_steps(
    moody: type[Moody],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replay, "SLICE", 2)
    connection = connect()
    hear(connection, *(said(u=float(n)) for n in range(6)))
    moody.mended = True
    client = operator(connection)
    pk = ask(client, connection)["id"]
    assert steer(client, pk, "start") == 202
    assert replay.step(pk)
    assert steer(client, pk, "pause") == 202
    assert not replay.step(pk)
    assert Reading.objects.count() == 2
    assert steer(client, pk, "resume") == 202
    assert replay.step(pk)
    assert steer(client, pk, "cancel") == 202
    assert not replay.step(pk)
    found = client.get(f"/api/v1/replays/{pk}/").json()
    assert (found["state"], found["applied"]["read"], Reading.objects.count()) == ("cancelled", 4, 4)
    assert [steer(client, pk, verb) for verb in ("start", "pause", "resume", "cancel")] == [409] * 4
    trail = AuditEntry.objects.filter(kind="replay", object_id=pk).order_by("id")
    assert {entry.actor for entry in trail} == {"ada"}
    assert [(entry.action, sorted(entry.changes)) for entry in trail] == [
        ("create", ["selection", "source"]),
        ("change", ["state"]),
        ("change", ["is_paused"]),
        ("change", ["is_paused"]),
        ("change", ["state"]),
    ]
    assert trail[4].changes == {"state": ["running", "cancelled"]}


def test_a_device_that_is_new_to_several_steps_is_new_once_and_named(
    moody: type[Moody],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replay, "SLICE", 2)
    connection = connect()
    hear(connection, *(said(u=float(n)) for n in range(6)))
    moody.mended = True
    client = operator(connection)
    dry = ask(client, connection)
    assert (dry["checked"]["read"], dry["checked"]["new_devices"]) == (6, 2)
    done = start(client, dry["id"])
    assert done["applied"]["new"] == dry["checked"]["new"] == ["gateway gw", "datalogger M1"]
    assert done["applied"]["new_devices"] == 2


def test_a_step_that_breaks_off_is_taken_again_and_counts_once(
    moody: type[Moody],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = connect()
    hear(connection, *(said(u=float(n)) for n in range(3)))
    moody.mended = True
    client = operator(connection)
    pk = ask(client, connection)["id"]
    steer(client, pk, "start")
    with monkeypatch.context() as broken:
        broken.setattr(replay, "_note", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            replay.step(pk)
    assert (Reading.objects.count(), Replay.objects.get().tries) == (0, 1)
    Replay.objects.update(touched_at=timezone.now() - timedelta(seconds=61))
    assert replay.stalled() == [pk]
    done = work(client, pk)
    assert (done["state"], done["applied"]["read"], Reading.objects.count()) == ("done", 3, 3)


def test_a_message_that_kills_whoever_reads_it_is_found_and_the_rest_goes_on(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    hear(connection, said(u=1.0), said(u=2.0, poison=1.0), said(u=3.0))
    moody.mended = moody.deadly = True
    client = operator(connection)
    row = replay.begin(Replay(site=connection.site, tries=1))
    assert work(client, row.pk)["checked"]["reasons"] == {"parser_crashed": 1}


def test_raw_messages_are_kept_only_where_the_connection_wishes_and_for_as_long(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect()
    moody.mended = True
    hear(connection, said(u=1.0))
    assert RawMessage.objects.count() == 0
    client = rows.browser(rows.person("admin", Role.ADMIN, connection.site))
    path = f"/api/v1/connections/{connection.pk}/"
    assert client.patch(path, {"keep_raw_days": 2}, content_type="application/json").json()["keep_raw_days"] == 2
    hear(connection, said(u=1.0), b"{")
    ingest(batch(connection, message("site_001/unknown", b"\xff"), message(TOPIC, said(u=2.0))))
    kept = [(one.topic, bytes(one.payload), one.fate) for one in RawMessage.objects.order_by("pk")]
    assert kept == [
        (TOPIC, said(u=1.0), "stored"),
        ("site_001/unknown", b"\xff", "unrecognised"),
        (TOPIC, said(u=2.0), "stored"),
    ]
    assert rawstore.forget(timezone.now() + timedelta(days=1)) == 0
    assert rawstore.forget(timezone.now() + timedelta(days=1, hours=22)) == 1
    assert rawstore.forget(timezone.now() + timedelta(days=3)) == 2


def test_a_mended_parser_reads_understood_messages_again_too(moody: type[Moody]) -> None:  # noqa: F811
    connection = connect(keep_raw_days=1)
    moody.mended = True
    hear(connection, said(at=AT, u=1.0), said(at=AT + timedelta(seconds=5), u=2.0))
    Reading.objects.filter(values=[2.0]).update(values=[99.0])
    Reading.objects.filter(values=[1.0]).delete()
    client = operator(connection)
    dry = ask(client, connection, source="raw", topic="+/moody/+")
    assert dry["checked"]["readings"] == {"add": 1, "change": 1}
    start(client, dry["id"])
    assert sorted(Reading.objects.values_list("values", flat=True)) == [[1.0], [2.0]]


def test_one_request_begins_a_dry_run_at_each_site_where_something_matches(moody: type[Moody]) -> None:  # noqa: F811
    here, there, foreign, quiet = (connect(slug) for slug in ("site_001", "site_002", "site_003", "site_004"))
    for one in (here, there, foreign):
        topic = TOPIC.replace("site_001", one.site.slug)
        ingest(batch(one, message(topic, said(at=AT, u=1.0), at=AT.timestamp())))
    moody.mended = True
    ada = rows.person("ada", Role.OPERATOR, here.site)
    roles = {there: Role.OPERATOR, quiet: Role.OPERATOR, foreign: Role.VIEWER}
    Membership.objects.bulk_create(Membership(user=ada, site=one.site, role=role) for one, role in roles.items())
    client = rows.browser(ada)
    answer = client.post("/api/v1/replays/everywhere/", {"error_type": "schema"}, content_type="application/json")
    assert answer.status_code == 202, answer.json()
    begun = answer.json()
    assert [one["site_id"] for one in begun] == [here.site_id, there.site_id]
    for one in begun:
        assert work(client, one["id"])["checked"]["messages"] == {"recovered": 1}
        assert start(client, one["id"])["applied"]["messages"] == {"recovered": 1}
    assert Reading.objects.count() == 2
