"""Every page of the admin opens, with a number of queries that does not grow with the data."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttConnectionLog, MqttParsingLog
from sites.admin.rows import EstimatedCountPaginator
from sites.models import ApiToken, Gateway, Membership, Reading, Role, Sensor
from tests import rows

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
QUERIES = 16  # session, user, savepoints, the page's own; the most that any page needs, whatever it holds
OF_STAFF = 22  # also their permissions, and the sites where they have a role


def address(model, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def root() -> Client:
    user = rows.person("root", is_superuser=True, is_staff=True)
    field = rows.furnished()
    rows.program(user)
    Membership.objects.create(user=user, site=field.site, role=Role.ADMIN)
    every = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.create(name="reconcile", task="tasks.control.reconcile", interval=every)
    return rows.browser(user)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_list_opens_with_few_queries_also_when_it_is_full(root, model, django_assert_max_num_queries):
    for number in range(15):
        rows.furnished(f"more_{number}")
    for query in ("", "?q=a", "?p=1", "?o=1"):
        if query == "?q=a" and not admin.site._registry[model].search_fields:
            continue
        with django_assert_max_num_queries(QUERIES):
            assert root.get(address(model, "changelist") + query).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_row_opens_and_so_does_the_form_for_a_new_one(root, model, django_assert_max_num_queries):
    row = model._base_manager.first()
    if row is not None:
        with django_assert_max_num_queries(QUERIES):
            assert root.get(address(model, "change", row.pk)).status_code == 200
    request = type("Request", (), {"user": rows.person("someone", is_superuser=True)})()
    addable = admin.site._registry[model].has_add_permission(request)
    with django_assert_max_num_queries(QUERIES):
        assert root.get(address(model, "add")).status_code == (200 if addable else 403)


@pytest.mark.parametrize("role", Role)
def test_every_page_opens_for_staff_of_any_role_or_is_refused(role, django_assert_max_num_queries):
    """With all of Django's permissions; what stands at another site is not there."""
    field, other = rows.furnished(), rows.furnished("elsewhere")
    person = rows.person("ada", role, field.site, is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    client = rows.browser(person)
    for model in MODELS:
        of_superusers = model._meta.app_label == "django_celery_beat"
        with django_assert_max_num_queries(OF_STAFF):
            assert client.get(address(model, "changelist")).status_code == (403 if of_superusers else 200), model
        with django_assert_max_num_queries(OF_STAFF):
            assert client.get(address(model, "add")).status_code in (200, 403), model
        row = model._base_manager.first()
        if row is not None and not of_superusers:
            with django_assert_max_num_queries(OF_STAFF):
                assert client.get(address(model, "change", row.pk)).status_code in (200, 302), model
    own = [field.topic, field.discovered, field.gateway, field.datalogger, field.sensor, field.log, field.failure]
    foreign = [other.topic, other.discovered, other.gateway, other.datalogger, other.sensor, other.log, other.failure]
    for found, status in ((own, 200), (foreign, 302)):
        for row in found:
            assert client.get(address(type(row), "change", row.pk)).status_code == status, row


def test_readings_are_not_offered_and_the_admin_carries_its_name(root):
    assert Reading not in admin.site._registry
    assert "Fieldledger" in root.get("/admin/").content.decode()


def test_a_big_table_is_counted_by_the_databases_own_estimate(root, django_assert_num_queries):
    field = rows.furnished("big")
    Gateway.objects.bulk_create([Gateway(site=field.site, serial=f"g{n}") for n in range(10_050)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sites_gateway")
    with django_assert_num_queries(1):
        assert EstimatedCountPaginator(Gateway.objects.order_by("pk"), 50).count == 10_052
    filtered = Gateway.objects.filter(serial__startswith="g").order_by("pk")
    assert EstimatedCountPaginator(filtered, 50).count == 10_000
    assert EstimatedCountPaginator(filtered.filter(serial="g7"), 50).count == 1
    assert root.get(address(Gateway, "changelist")).status_code == 200


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>"])
def test_foreign_words_are_shown_and_never_obeyed(root, word):
    field = rows.furnished("hostile")
    Gateway.objects.create(site=field.site, serial=word)
    Sensor.objects.create(datalogger=field.datalogger, key=word, unit=word[:32])
    DiscoveredTopic.objects.filter(pk=field.discovered.pk).update(topic_path=word, sample_payload={"text": word})
    MqttConnectionLog.objects.filter(pk=field.log.pk).update(message=word)
    MqttParsingLog.objects.filter(pk=field.failure.pk).update(topic=word, payload=word.encode(), error_message=word)
    pages = [address(model, "changelist") for model in MODELS]
    pages += [address(type(row), "change", row.pk) for row in (field.discovered, field.log, field.failure)]
    for page in pages:
        assert word not in root.get(page).content.decode()
    assert "&lt;" in root.get(address(MqttParsingLog, "change", field.failure.pk)).content.decode()


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b'{"a": "\xc3\xa9"}', "{&quot;a&quot;: &quot;é&quot;}"),
        (b"\xff\x00\x01", "ff 00 01"),
        (b"\x1b[2J", "1b 5b 32 4a"),
        (b"", "<pre></pre>"),
        (b"x" * 5_000, "… 5000 bytes in all"),
        ("é".encode() * 3_000, "é" * 2_000),
    ],
)
def test_a_payload_is_shown_as_text_or_else_in_hexadecimal(root, payload, shown):
    row = MqttParsingLog.objects.get()
    MqttParsingLog.objects.update(payload=payload)
    assert shown in root.get(address(MqttParsingLog, "change", row.pk)).content.decode()


def test_tokens_of_the_list_are_told_apart_by_their_first_characters_only(root):
    token = ApiToken.objects.get()
    page = root.get(address(ApiToken, "change", token.pk)).content.decode()
    assert token.prefix in page
    assert token.digest not in page


def test_the_list_of_connections_says_when_the_last_message_came(root):
    page = root.get(address(MqttConnection, "changelist"))
    assert 'class="field-last_message_at' in page.text


def test_the_admin_names_the_products_icon_so_that_no_browser_asks_for_one_that_is_not_there(root: Client) -> None:
    assert 'rel="icon" href="/static/page/icon' in root.get("/admin/").content.decode()
