"""What people do in the admin writes what REST would write, and no more."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttConnectionLog, MqttTopic
from sites import tokens
from sites.models import ApiToken, Gateway, Reading, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def field():
    return rows.furnished()


@pytest.fixture
def root(field) -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


def staff(name: str, role: Role, at: Site, *permissions: str) -> Client:
    """Staff with a role at one site, and the admin's own permissions."""
    user = rows.person(name, role, at, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return rows.browser(user)


def act(client: Client, model: str, action: str, *chosen) -> tuple[int, str]:
    data = {"action": action, "_selected_action": [row.pk for row in chosen]}
    response = client.post(reverse(f"admin:{model}_changelist"), data)
    return response.status_code, " ".join(str(message) for message in get_messages(response.wsgi_request))


def form(connection: MqttConnection, **changes: object) -> dict:
    shown = {
        "broker_host": connection.broker_host, "broker_port": connection.broker_port, "protocol": connection.protocol,
        "client_id_prefix": connection.client_id_prefix, "username": connection.username, "use_tls": "on",
        "tls_verify": "on", "is_active": "on", "keep_raw_days": "0",
    }  # fmt: skip
    return {name: value for name, value in (shown | changes).items() if value is not None}


def save(client: Client, connection: MqttConnection, **changes: object) -> MqttConnection:
    path = reverse("admin:mqtt_app_mqttconnection_change", args=[connection.pk])
    response = client.post(path, form(connection, **changes))
    assert response.status_code == 302, response.context["errors"]
    return MqttConnection.objects.get(pk=connection.pk)


def test_start_and_stop_write_the_wish_and_say_when_it_applies(root, field):
    MqttConnection.objects.update(status="connected", epoch=7)
    _, said = act(root, "mqtt_app_mqttconnection", "stop", field.connection)
    row = MqttConnection.objects.get()
    assert (row.is_active, row.status, row.epoch) == (False, "connected", 7)
    assert said == "1 connections are now wished closed; this applies within 30 s."
    assert "0 connections" in act(root, "mqtt_app_mqttconnection", "stop", field.connection)[1]
    act(root, "mqtt_app_mqttconnection", "start", field.connection)
    assert MqttConnection.objects.get().is_active
    act(root, "mqtt_app_mqttconnection", "discover", field.connection)
    assert MqttConnection.objects.get().discover_until > timezone.now()


def test_the_pause_before_the_next_attempt_is_ended_for_connections_that_are_not_open(root, field):
    for status, asked in (("connected", 0), ("error", 1)):
        MqttConnection.objects.update(status=status)
        said = act(root, "mqtt_app_mqttconnection", "retry", field.connection)[1]
        assert f"{asked} connections that are not open are tried again" in said
        assert bool(MqttConnection.objects.get().retry_wished_at) == asked


def test_an_empty_password_keeps_the_stored_one_and_a_new_one_replaces_it(root, field):
    row = save(root, field.connection, username="other", new_password="", new_client_key="")
    assert (row.username, row.password, row.client_key) == ("other", rows.PLANTED, rows.PLANTED_KEY)
    row = save(root, field.connection, new_password=" new ")
    assert (row.password, row.client_key) == (" new ", rows.PLANTED_KEY)
    row = save(root, field.connection, forget_secrets="on")
    assert (row.password, row.client_key) == ("", "")


def test_a_refused_form_does_not_give_back_the_secrets_typed_into_it(root, field):
    path = reverse("admin:mqtt_app_mqttconnection_change", args=[field.connection.pk])
    sent = form(field.connection, broker_port=0, new_password="typed-secret", new_client_key="typed-key")
    page = root.post(path, sent).content.decode()
    assert "broker port" in page.lower()
    assert "typed-secret" not in page
    assert "typed-key" not in page


def test_saving_a_form_writes_only_what_was_changed_in_it(root, field):
    with CaptureQueriesContext(database) as queries:
        save(root, field.connection, broker_port=8883)
    updates = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "mqtt_app_mqttconnection"')]
    written = {one.split(" SET ")[1].split(" WHERE ")[0] for one in updates}
    assert written == {'"broker_port" = 8883', '"version" = ("mqtt_app_mqttconnection"."version" + 1)'}


def test_a_lost_key_leaves_the_pages_readable_and_the_password_can_be_entered_anew(root, field):
    with database.cursor() as cursor:
        cursor.execute("UPDATE mqtt_app_mqttconnection SET password = 'v1:lost', client_key = 'v1:lost'")
    for model, row in (
        ("mqttconnection", field.connection),
        ("mqtttopic", field.topic),
        ("mqttconnectionlog", field.log),
    ):
        assert root.get(reverse(f"admin:mqtt_app_{model}_changelist")).status_code == 200
        assert root.get(reverse(f"admin:mqtt_app_{model}_change", args=[row.pk])).status_code == 200
    saved = save(root, field.connection, new_password="new", new_client_key=rows.PLANTED_KEY)
    assert saved.password == "new"


def test_saving_a_form_leaves_alone_what_listeners_wrote(root, field):
    MqttConnection.objects.update(status="connected", epoch=9, is_active=False)
    row = save(root, field.connection, broker_port=8883, is_active=None, status="error", epoch=1, client_id="mine")
    assert (row.broker_port, row.status, row.epoch) == (8883, "connected", 9)
    assert row.client_id == field.connection.client_id


def test_of_two_open_pages_the_one_saved_later_changes_nothing_and_says_so(root, field):
    path = reverse("admin:mqtt_app_mqttconnection_change", args=[field.connection.pk])
    seen = root.get(path).context["adminform"].form.initial["seen_version"]
    save(root, field.connection, broker_port=8883, seen_version=seen)
    page = root.post(path, form(field.connection, broker_host="later.example", seen_version=seen)).content.decode()
    assert "Somebody has changed this connection meanwhile" in page
    row = MqttConnection.objects.get(pk=field.connection.pk)
    assert (row.broker_host, row.broker_port) == (field.connection.broker_host, 8883)
    act(root, "mqtt_app_mqttconnection", "stop", field.connection)
    again = root.post(path, form(field.connection, seen_version=row.version)).content.decode()
    assert "Somebody has changed this connection meanwhile" in again
    assert not MqttConnection.objects.get(pk=field.connection.pk).is_active


def test_a_refused_form_can_be_mended_and_sent_again(root, field):
    path = reverse("admin:mqtt_app_mqttconnection_change", args=[field.connection.pk])
    seen = root.get(path).context["adminform"].form.initial["seen_version"]
    root.post(path, form(field.connection, broker_port=0, seen_version=seen))
    assert save(root, field.connection, broker_port=8883, seen_version=seen).broker_port == 8883


def test_a_connection_added_here_listens_to_its_sites_topics(root):
    site = rows.site("new")
    data = form(MqttConnection(broker_host="h", username="u"), site=site.pk, new_password="secret")
    response = root.post(reverse("admin:mqtt_app_mqttconnection_add"), data)
    assert response.status_code == 302, response.context["errors"]
    made = MqttConnection.objects.get(site=site)
    assert (made.password, made.broker_host, made.username, made.is_active) == ("secret", "h", "u", True)
    assert made.topics.get().topic_pattern == "new/#"


def test_private_brokers_are_refused_here_too(settings):
    settings.ALLOW_PRIVATE_BROKERS = False
    site = rows.site("new")
    data = form(MqttConnection(broker_host="127.0.0.1"), site=site.pk)
    admin = staff("ada", Role.ADMIN, site, "add_mqttconnection", "view_site")
    page = admin.post(reverse("admin:mqtt_app_mqttconnection_add"), data).content.decode()
    assert "This broker cannot be reached from here" in page
    assert not MqttConnection.objects.filter(site=site).exists()


def test_topics_are_made_of_discovered_ones_once_each(root, field):
    now = timezone.now()
    alone = rows.site("without connection")
    more = [
        DiscoveredTopic.objects.create(site=site, topic_path=path, first_seen_at=now, last_seen_at=now)
        for site, path in ((field.site, "a/b"), (field.site, "site_001/#"), (alone, "c/d"))
    ]
    _, said = act(root, "mqtt_app_discoveredtopic", "adopt", field.discovered, *more)
    assert "2 topics made, 2 skipped" in said
    assert set(MqttTopic.objects.values_list("topic_pattern", "is_active")) == {
        ("site_001/#", True),
        ("site_001/gateway/1/status", True),
        ("a/b", True),
    }
    assert "0 topics made, 4 skipped" in act(root, "mqtt_app_discoveredtopic", "adopt", field.discovered, *more)[1]


def test_topics_are_switched_many_at_once(root, field):
    act(root, "mqtt_app_mqtttopic", "deactivate", field.topic)
    assert not MqttTopic.objects.get().is_active
    act(root, "mqtt_app_mqtttopic", "activate", field.topic)
    assert MqttTopic.objects.get().is_active


def test_a_token_is_shown_once_when_it_is_made_and_revoked_by_deleting_it(root):
    user = rows.person("plc")
    data = {"name": "plc", "user": user.pk, "scope": "operate", "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}
    response = root.post(reverse("admin:sites_apitoken_add"), data)
    assert response.status_code == 302, response.context["errors"]
    (message,) = (str(m) for m in get_messages(response.wsgi_request) if "copy it now" in str(m))
    secret = next(word for word in message.split() if word.startswith("fl_"))
    token = tokens.find(secret)
    assert (token.user, token.scope, token.name) == (user, "operate", "plc")
    assert root.post(reverse("admin:sites_apitoken_delete", args=[token.pk]), {"post": "yes"}).status_code == 302
    assert tokens.find(secret) is None


def test_staff_make_tokens_for_themselves_only(field):
    client = staff("ada", Role.ADMIN, field.site, "add_apitoken", "view_apitoken", "delete_apitoken")
    other = rows.person("root2", is_superuser=True)
    rows.program(other)
    data = {"name": "t", "user": other.pk, "scope": "admin", "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}
    assert client.post(reverse("admin:sites_apitoken_add"), data).status_code == 302
    assert ApiToken.objects.get(name="t").user.username == "ada"
    theirs = ApiToken.objects.get(user=other)
    assert client.get(reverse("admin:sites_apitoken_change", args=[theirs.pk])).status_code == 302
    assert "a program" not in client.get(reverse("admin:sites_apitoken_changelist")).content.decode()


EVERYTHING = [
    f"{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in (
        "site",
        "gateway",
        "mqttconnection",
        "mqtttopic",
        "discoveredtopic",
        "mqttconnectionlog",
        "membership",
    )
]


def test_staff_see_and_choose_among_their_own_sites_only(field):
    theirs = rows.furnished("theirs")
    client = staff("ada", Role.ADMIN, field.site, *EVERYTHING)
    for model, row in (
        ("sites_site", theirs.site),
        ("sites_gateway", theirs.gateway),
        ("mqtt_app_mqttconnection", theirs.connection),
        ("mqtt_app_mqtttopic", theirs.topic),
        ("mqtt_app_discoveredtopic", theirs.discovered),
        ("mqtt_app_mqttconnectionlog", theirs.log),
    ):
        assert "theirs" not in client.get(reverse(f"admin:{model}_changelist")).content.decode(), model
        assert client.get(reverse(f"admin:{model}_change", args=[row.pk])).status_code == 302, model
    data = {"mqtt_connection": theirs.connection.pk, "topic_pattern": "a/b", "qos_level": 1}
    assert client.post(reverse("admin:mqtt_app_mqtttopic_add"), data).status_code == 200
    assert not MqttTopic.objects.filter(topic_pattern="a/b").exists()
    act(client, "mqtt_app_mqttconnection", "stop", theirs.connection)
    assert MqttConnection.objects.get(pk=theirs.connection.pk).is_active
    autocomplete = {"app_label": "mqtt_app", "model_name": "mqttconnection", "field_name": "site"}
    found = client.get(reverse("admin:autocomplete"), autocomplete).json()["results"]
    assert [choice["text"] for choice in found] == [field.site.name]


@pytest.mark.parametrize(("role", "switches", "changes"), [("viewer", 0, 0), ("operator", 1, 0), ("admin", 1, 1)])
def test_staff_do_what_their_role_allows(field, role, switches, changes):
    client = staff("ada", Role(role), field.site, *EVERYTHING)
    act(client, "mqtt_app_mqttconnection", "stop", field.connection)
    assert MqttConnection.objects.filter(is_active=False).count() == switches
    act(client, "mqtt_app_mqtttopic", "deactivate", field.topic)
    assert MqttTopic.objects.filter(is_active=False).count() == switches
    act(client, "sites_site", "hide", field.site)
    assert Site.objects.filter(is_active=False).count() == changes
    path = reverse("admin:mqtt_app_mqttconnection_change", args=[field.connection.pk])
    client.post(path, form(field.connection, username="other"))
    assert MqttConnection.objects.filter(username="other").count() == changes


def test_only_a_superuser_leaves_a_certificate_unchecked(root, field):
    client = staff("ada", Role.ADMIN, field.site, *EVERYTHING)
    assert save(client, field.connection, tls_verify=None).tls_verify is True
    assert save(root, field.connection, tls_verify=None).tls_verify is False


def test_deleting_a_site_tells_what_goes_without_listing_it(root, field):
    path = reverse("admin:sites_site_delete", args=[field.site.pk])
    page = root.get(path).content.decode()
    assert "readings: 10" in page.lower()
    assert root.post(path, {"post": "yes"}).status_code == 302
    assert [model.objects.count() for model in (Site, Gateway, Reading)] == [0, 0, 0]


def test_logs_are_only_read(root, field):
    for name in ("mqttconnectionlog", "mqttparsinglog", "discoveredtopic", "listener", "pulse"):
        assert root.get(reverse(f"admin:mqtt_app_{name}_add")).status_code == 403
    path = reverse("admin:mqtt_app_mqttconnectionlog_change", args=[field.log.pk])
    assert root.post(path, {"message": "other"}).status_code == 403
    assert root.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert MqttConnectionLog.objects.get().message == "CONNACK 0"


def test_the_schedule_is_for_superusers_and_our_own_entries_stay(root, field):
    every = IntervalSchedule.objects.create(every=30, period="seconds")
    ours, other = (
        PeriodicTask.objects.create(name=name, task="tasks.control.reconcile", interval=every)
        for name in ("reconcile", "someone's")
    )
    client = staff("ada", Role.ADMIN, field.site, "view_periodictask", "change_periodictask", "delete_periodictask")
    assert client.get(reverse("admin:django_celery_beat_periodictask_changelist")).status_code == 403
    for task, status in ((ours, 403), (other, 302)):
        path = reverse("admin:django_celery_beat_periodictask_delete", args=[task.pk])
        assert root.post(path, {"post": "yes"}).status_code == status
    act(root, "django_celery_beat_periodictask", "disable_tasks", ours)
    data = {"action": "delete_selected", "_selected_action": [ours.pk], "post": "yes"}
    root.post(reverse("admin:django_celery_beat_periodictask_changelist"), data)
    assert PeriodicTask.objects.get(name="reconcile").enabled
