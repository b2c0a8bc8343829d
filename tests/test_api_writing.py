"""Sites, connections and topics are made, changed and deleted through REST."""

import pytest
from django.db import connection as database
from django.db.models.signals import pre_delete

from mqtt_app.models import MqttConnection, MqttTopic
from sites import rest
from sites.models import Gateway, Reading, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return rows.browser(rows.person("root", is_superuser=True))


def send(client, method: str, path: str, body: dict | None = None):
    response = getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")
    return response.status_code, response.json()


def test_a_new_connection_listens_to_its_sites_topics(client):
    _, site = send(client, "post", "sites/", {"name": "Dam", "slug": "dam-1", "timezone": "Europe/Rome"})
    status, made = send(client, "post", "connections/", {"site": site["id"], "broker_host": "broker.example"})
    assert status == 201
    assert (made["broker_port"], made["is_active"], made["status"]) == (1883, True, "disconnected")
    assert made["client_id"].startswith("fl-")
    topic = MqttTopic.objects.get()
    assert (topic.topic_pattern, topic.is_active, topic.qos_level) == ("dam-1/#", True, 1)
    assert topic.mqtt_connection_id == made["id"]


def test_a_change_writes_what_it_names_and_leaves_the_facts_to_their_writers(client):
    field = rows.furnished()
    path = f"connections/{field.connection.pk}/"
    status, changed = send(client, "patch", path, {"broker_host": "other.example", "broker_port": 8883})
    assert (status, changed["broker_host"], changed["broker_port"]) == (200, "other.example", 8883)
    ignored = {"status": "connected", "listener": 1, "epoch": 9, "client_id": "mine", "site": rows.site("other").pk}
    send(client, "patch", path, ignored)
    row = MqttConnection.objects.get()
    assert (row.status, row.listener, row.epoch, row.site) == ("disconnected", None, 0, field.site)
    assert row.client_id == field.connection.client_id


def test_a_change_to_what_somebody_else_has_changed_since_it_was_read_is_refused(client):
    field = rows.furnished()
    path = f"connections/{field.connection.pk}/"
    _, read = send(client, "get", path)
    status, changed = send(client, "patch", path, {"broker_port": 8883, "version": read["version"]})
    assert (status, changed["version"]) == (200, read["version"] + 1)
    status, answer = send(client, "patch", path, {"broker_port": 1, "version": read["version"]})
    assert (status, answer["error"]["code"]) == (409, "outdated")
    send(client, "post", f"mqtt/site/{field.site.pk}/stop/")
    assert send(client, "patch", path, {"is_active": True, "version": changed["version"]})[0] == 409
    row = MqttConnection.objects.get()
    assert (row.broker_port, row.is_active) == (8883, False)
    MqttConnection.objects.update(status="connected", epoch=9)  # facts are not what people change
    assert send(client, "patch", path, {"broker_port": 2, "version": row.version})[0] == 200
    assert send(client, "patch", path, {"broker_port": 3})[0] == 200


def test_a_change_that_began_before_a_fact_was_written_does_not_undo_the_fact():
    row = MqttConnection.objects.get(pk=rows.furnished().connection.pk)
    MqttConnection.objects.update(status="connected", epoch=9)
    rest.change(row, {"broker_port": 8883})
    row = MqttConnection.objects.get()
    assert (row.broker_port, row.status, row.epoch) == (8883, "connected", 9)


def test_deleting_a_site_says_what_would_go_and_waits_for_its_name(client):
    field = rows.furnished()
    rows.furnished("other")
    path = f"sites/{field.site.pk}/"
    for query in ("", "?confirm=yes", "?confirm=The site_00"):
        status, answer = send(client, "delete", path + query)
        assert status == 409
        assert Site.objects.count() == 2
    goes = answer["error"]["deletes"]
    assert goes == {
        "gateways": 1, "dataloggers": 1, "sensors": 1, "readings": 10, "mqtt_connections": 1, "mqtt_topics": 1,
        "mqtt_connection_logs": 1, "mqtt_parsing_logs": 1, "discovered_topics": 1, "ledger_minutes": 1,
        "parser_cases": 1, "replays": 1, "mappings": 1, "mapping_versions": 1,
        "device_rules": 1, "commands": 1, "newcomers": 1, "serial_conflicts": 1,
        "acknowledgements": 1,
    }  # fmt: skip
    assert send(client, "delete", f"{path}?confirm={field.site.name}") == (200, {"deleted": goes})
    assert Site.objects.get().slug == "other"
    assert Reading.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_site_to_which_messages_add_a_device_while_it_is_deleted_goes_all_the_same(client):
    site, other, late = rows.site("busy"), database.copy(), []

    def add(**_: object) -> None:
        if not late:
            late.append("late")
            with other.cursor() as worker:
                worker.execute("INSERT INTO sites_gateway (site_id, serial) VALUES (%s, 'late')", [site.pk])

    pre_delete.connect(add, sender=Site)
    try:
        assert send(client, "delete", f"sites/{site.pk}/?confirm={site.name}")[0] == 200
    finally:
        pre_delete.disconnect(add, sender=Site)
        other.close()
    assert late == ["late"]
    assert not Gateway.objects.exists()


def test_a_token_of_a_site_admin_may_delete_the_connection_and_sees_what_went():
    field = rows.furnished()
    client = rows.program(rows.person("ada", Role.ADMIN, field.site))
    status, answer = send(client, "delete", f"connections/{field.connection.pk}/")
    assert (status, answer["deleted"]) == (
        200,
        {"mqtt_topics": 1, "mqtt_connection_logs": 1, "commands": 1, "ledger_minutes": 1},
    )
    assert not MqttConnection.objects.exists()
    assert Site.objects.exists()


def test_qos_2_is_taken_as_1(client):
    field = rows.furnished()
    body = {"connection": field.connection.pk, "topic_pattern": "a/b", "qos_level": 2}
    status, made = send(client, "post", "topics/", body)
    assert (status, made["qos_level"]) == (201, 1)
    assert send(client, "patch", f"topics/{made['id']}/", {"qos_level": 0})[1]["qos_level"] == 0
    assert send(client, "patch", f"topics/{made['id']}/", {"qos_level": 3})[0] == 422


def test_only_a_superuser_leaves_a_brokers_certificate_unchecked(client):
    field = rows.furnished()
    admin = rows.browser(rows.person("ada", Role.ADMIN, field.site))
    path, body = f"connections/{field.connection.pk}/", {"tls_verify": False}
    assert send(admin, "patch", path, body)[0] == 403
    assert MqttConnection.objects.get().tls_verify is True
    assert send(client, "patch", path, body)[0] == 200


def test_a_lost_key_leaves_lists_readable_and_lets_the_password_be_entered_anew(client):
    field = rows.furnished()
    MqttConnection.objects.filter(pk=field.connection.pk).update(status="error")
    with database.cursor() as cursor:
        cursor.execute("UPDATE mqtt_app_mqttconnection SET password = 'v1:made-with-another-key'")
    for path in ("connections/", "mqtt/connection-status/", "topics/", "connection-logs/"):
        assert send(client, "get", path)[0] == 200
    assert send(client, "patch", f"connections/{field.connection.pk}/", {"password": "new"})[0] == 200
    assert MqttConnection.objects.get().password == "new"
