"""The audit trail: whatever the way of a change, the database writes down who, what and when, and keeps it."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from mqtt_app.models import Maintenance, Mapping, MqttConnection, MqttTopic, NoticeRule
from sites import audit, tokens
from sites.models import ApiToken, AuditEntry, AuthenticatorApp, DeviceRule, Membership, Role, Site
from sites.upsert import query
from tests import rows

pytestmark = pytest.mark.django_db


def trail(*kinds: str) -> list[tuple[str, str, str, str]]:
    """Oldest first: who, what, of which kind, named how."""
    entries = AuditEntry.objects.filter(kind__in=kinds).order_by("id")
    return [(entry.actor, entry.action, entry.kind, entry.label) for entry in entries]


@pytest.fixture
def seen() -> int:
    """Entries of earlier tests stay, as they must."""
    return AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def last(kind: str) -> AuditEntry:
    return AuditEntry.objects.filter(kind=kind).latest("id")


@pytest.fixture
def field():
    return rows.furnished()


@pytest.fixture
def ada(field) -> User:
    return rows.person("ada", Role.ADMIN, field.site)


def test_a_change_over_rest_says_who_and_what(field, ada) -> None:
    path = f"/api/v1/connections/{field.connection.pk}/"
    body = {"username": "other", "password": "another-planted-secret"}
    assert rows.browser(ada).patch(path, body, content_type="application/json").status_code == 200
    entry = last("connection")
    assert (entry.actor, entry.actor_id, entry.via, entry.action) == ("ada", ada.pk, "session", "change")
    assert (entry.site_id, entry.label, entry.object_id) == (field.site.pk, "broker.example", str(field.connection.pk))
    assert entry.changes == {"username": ["fl", "other"], "password": ["[secret]", "[secret]"]}
    assert abs(entry.at - timezone.now()) < timedelta(seconds=10)


def test_a_switch_is_written_down_once_for_each_change(field, ada, seen) -> None:
    client = rows.program(ada)
    for word in ("stop", "stop", "start", "start"):
        client.post(f"/api/v1/mqtt/site/{field.site.pk}/{word}/")
    entries = AuditEntry.objects.filter(kind="connection", action="change", id__gt=seen).order_by("id")
    assert [entry.changes for entry in entries] == [{"is_active": [True, False]}, {"is_active": [False, True]}]
    assert {(entry.actor, entry.via) for entry in entries} == {("ada", "token a program")}


def test_a_bulk_action_in_the_admin_is_written_down_row_by_row(field, seen) -> None:
    other = rows.furnished("site_002")
    root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    chosen = [field.topic.pk, other.topic.pk]
    root.post(reverse("admin:mqtt_app_mqtttopic_changelist"), {"action": "deactivate", "_selected_action": chosen})
    entries = AuditEntry.objects.filter(kind="topic", action="change", id__gt=seen)
    assert {(entry.actor, entry.site_id) for entry in entries} == {("root", field.site.pk), ("root", other.site.pk)}


def test_people_permissions_and_tokens_are_watched(field, ada, seen) -> None:
    root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    member = Membership.objects.get(user=ada)
    path = reverse("admin:sites_membership_change", args=[member.pk])
    assert root.post(path, {"user": ada.pk, "site": field.site.pk, "role": "viewer"}).status_code == 302
    assert last("membership").changes == {"role": ["admin", "viewer"]}
    ada.user_permissions.add(Permission.objects.first())
    assert last("user permission").changes["user_id"] == [None, ada.pk]
    ada.set_password("Plaster-of-Paris-7")
    ada.is_staff = True
    ada.save()
    assert last("user").changes == {"is_staff": [False, True], "password": [None, "[secret]"]}
    made = rows.browser(ada).post("/api/v1/tokens/", {"name": "plc"}, content_type="application/json").json()
    assert (last("token").actor, last("token").label) == ("ada", "plc")
    assert tokens.digest(made["token"]) not in json.dumps(last("token").changes)
    rows.browser(ada).delete(f"/api/v1/tokens/{made['id']}/")
    assert (last("token").action, last("token").object_id) == ("delete", str(made["id"]))


def test_what_listeners_and_workers_report_is_no_change(field, ada, seen) -> None:
    MqttConnection.objects.update(status="connected", mqtt_retry_count=3, epoch=7)
    tokens.find(tokens.issue(ada, "t", "read", timezone.now() + timedelta(days=1))[1])
    rows.browser(ada)  # signs in: last_login
    assert not AuditEntry.objects.filter(action="change", id__gt=seen).exists()


def test_what_no_person_asked_for_is_the_systems(field, seen) -> None:
    Site.objects.update(location="north")
    assert (last("site").actor, last("site").actor_id, last("site").via) == ("", None, "system")


def test_one_persons_name_does_not_stay_for_the_next_request(field, ada) -> None:
    rows.browser(ada).patch(f"/api/v1/sites/{field.site.pk}/", {"location": "n"}, content_type="application/json")
    assert last("site").actor == "ada"
    MqttTopic.objects.update(qos_level=0)
    assert last("topic").actor == ""
    Client().post("/login/", {"username": "nobody", "password": "x"})
    audit.be_silent()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sites_auditentry SET actor = 'nobody'",
        "DELETE FROM sites_auditentry",
        "TRUNCATE sites_auditentry",
        "TRUNCATE sites_auditentry CASCADE",
    ],
)
def test_the_database_refuses_to_change_or_forget_it(field, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="never changed and never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.exists()


def test_a_deleted_site_leaves_its_trail(field, ada, seen) -> None:
    rows.browser(ada).delete(f"/api/v1/sites/{field.site.pk}/?confirm={field.site.name}")
    deleted = AuditEntry.objects.filter(id__gt=seen, action="delete", site_id=field.site.pk)
    kinds = {"site", "connection", "topic", "membership", "mapping", "device rule", "acknowledgement", "test case"}
    assert {entry.kind for entry in deleted} == kinds
    assert {entry.actor for entry in deleted} == {"ada"}


def test_it_is_shown_to_who_administers_the_site(field, ada) -> None:
    other = rows.furnished("site_002")
    bob = rows.browser(rows.person("bob", Role.ADMIN, other.site))
    path = f"/api/v1/sites/{field.site.pk}/"
    rows.browser(ada).patch(path, {"location": "north"}, content_type="application/json")
    found = rows.browser(ada).get("/api/v1/audit/?kind=site&action=change").json()["items"]
    assert [(one["actor"], one["changes"]) for one in found] == [("ada", {"location": ["", "north"]})]
    assert {one["site_id"] for one in rows.browser(ada).get("/api/v1/audit/").json()["items"]} == {field.site.pk}
    assert field.site.pk not in {one["site_id"] for one in bob.get("/api/v1/audit/").json()["items"]}
    viewer = rows.browser(rows.person("eve", Role.OPERATOR, field.site))
    assert viewer.get("/api/v1/audit/").json()["items"] == []
    assert rows.program(ada, ApiToken.Scope.OPERATE).get("/api/v1/audit/").status_code == 403
    root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    page = root.get(reverse("admin:sites_auditentry_change", args=[last("site").pk])).text
    assert "location: &quot;&quot; → &quot;north&quot;" in page
    assert (
        root.post(reverse("admin:sites_auditentry_delete", args=[last("site").pk]), {"post": "yes"}).status_code == 403
    )


UNWATCHED = {
    # What listeners and workers report, and what follows from a watched column.
    MqttConnection: "client_id version listener_id epoch assigned_at generation status status_since report_epoch "
    "report_sequence session session_broker mqtt_retry_count mqtt_next_retry last_connected_at last_message_at "
    "last_error subscribed certificate_expires_at certificate_name",
    MqttTopic: "",
    Mapping: "created_by_id created_at",  # the entry itself says so
    NoticeRule: "",
    Maintenance: "",
    Site: "created_at",
    Membership: "",
    DeviceRule: "",
    ApiToken: "last_used_at created_at",
    # That a second factor was used is not written down, nor that a backup code was used up.
    AuthenticatorApp: "name backup_codes drift last_t throttling_failure_timestamp throttling_failure_count created_at "
    "last_used_at",
    User: "last_login date_joined",
    Group: "",
    PeriodicTask: "last_run_at total_run_count date_changed description expires expire_seconds exchange routing_key "
    "priority headers start_time",
}
"""What people decide, and of that table the columns that are nobody's decision."""


@pytest.mark.parametrize("model", UNWATCHED, ids=lambda model: model.__name__)
def test_every_column_that_somebody_decides_is_watched(model) -> None:
    """A column that is added and forgotten here would be changed without a trace."""
    columns = {field.column for field in model._meta.concrete_fields} - {"id", *UNWATCHED[model].split()}
    (arguments, fires_on) = query(
        "SELECT encode(t.tgargs, 'escape'), array_agg(a.attname::text) FROM pg_trigger t "
        "LEFT JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr) "
        "WHERE t.tgname = 'audit' AND t.tgrelid = %s::regclass GROUP BY t.tgargs",
        [model._meta.db_table],
    )[0]
    watched = set(arguments.split("\\000")[3].strip("{}").split(","))
    assert watched == columns
    if fires_on != [None]:  # it fires on an UPDATE of anything
        assert columns - ({"user_id"} if model is AuthenticatorApp else set()) == set(fires_on)  # it stays its person's


def test_how_a_topic_is_read_is_written_down(field, ada) -> None:
    path = f"/api/v1/topics/{field.topic.pk}/"
    changed = rows.browser(ada).patch(path, {"template": "{device}/{sensor}"}, content_type="application/json")
    assert changed.status_code == 200
    assert (last("topic").actor, last("topic").changes) == ("ada", {"template": ["", "{device}/{sensor}"]})


def test_a_group_and_a_scheduled_task_are_watched(seen) -> None:
    group = Group.objects.create(name="fitters")
    group.delete()
    task = PeriodicTask.objects.create(
        name="extra", task="tasks.control.reconcile", interval=IntervalSchedule.objects.create(every=1, period="days")
    )
    task.total_run_count += 1  # as beat does
    task.save()
    PeriodicTask.objects.filter(pk=task.pk).update(enabled=False)
    assert [one[1:] for one in trail("group")][-2:] == [
        ("create", "group", "fitters"),
        ("delete", "group", "fitters"),
    ]
    found = AuditEntry.objects.filter(id__gt=seen, kind="scheduled task", label="extra").order_by("id")
    assert [entry.action for entry in found] == ["create", "change"]
    assert found[1].changes == {"enabled": [True, False]}


def test_the_triggers_can_be_taken_away_and_put_back(transactional_db) -> None:
    """A migration that cannot be undone would keep people from going back a version."""
    try:
        rows.furnished()
        call_command("migrate", "mqtt_app", "0004", verbosity=0)
        query("UPDATE mqtt_app_mqtttopic SET qos_level = 1")
    finally:
        call_command("migrate", "mqtt_app", verbosity=0)
    MqttTopic.objects.update(qos_level=0)
    assert last("topic").changes == {"qos_level": [1, 0]}
