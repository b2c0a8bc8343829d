"""A password is planted, and then everything that leaves the system is read: nowhere is it seen again."""

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sentry_sdk
from django.conf import LazySettings
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mqtt_app.alerting import expiry, notices
from mqtt_app.browsers import announcements
from mqtt_app.listening import lease
from mqtt_app.models import MqttConnection, MqttParsingLog, ParsingGroup
from mqtt_app.upkeep import housekeeping
from mqtt_app.wire import reach
from project.sentry import scrub
from sites.models import AuditEntry, AuthenticatorApp
from tests import rows
from tests.routes import FINGERPRINT, NOWHERE, ROUTES

pytestmark = pytest.mark.django_db

OTHER = "another-planted-Passw0rd"
SEED, CODE = "PLANTED4SEED4OF4AN4APP4OF4HERS44", "plantedbackupcodex"


def assert_clean(text: str) -> None:
    for planted in ("planted-token", rows.PLANTED, rows.PLANTED_KEY.splitlines()[1], OTHER, SEED, CODE):
        assert planted not in text


@pytest.fixture
def field():
    found = rows.furnished()
    found.rule = notices.add(found.site, True, name="hook", problems=["device"], address=NOWHERE)
    notices.test(found.rule, "ada")
    MqttParsingLog.objects.update(fingerprint=FINGERPRINT)
    now = timezone.now()
    ParsingGroup.objects.create(
        site=found.site, fingerprint=FINGERPRINT, error_type="not_json", first_seen_at=now, last_seen_at=now
    )
    found.app = AuthenticatorApp.objects.create(user=rows.person("eve"), name="app", key=SEED, backup_codes=CODE)
    return found


@pytest.fixture
def root() -> Client:
    return rows.browser(rows.person("root", is_superuser=True, is_staff=True))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that any logger says, down to the last detail."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_not_in_any_answer_of_rest(field, root, log) -> None:
    ids = {f"{name}_id": row.pk for name, row in vars(field).items()}
    ids |= {"log_id": field.failure.pk, "fingerprint": FINGERPRINT}
    path = f"/api/v1/connections/{field.connection.pk}/"
    for body in ({"password": OTHER}, {"password": OTHER, "broker_port": 0}, {"password": [OTHER]}, {"pasword": OTHER}):
        assert_clean(root.patch(path, body, content_type="application/json").text)
    unread: set[str] = set()
    for name, route in ROUTES.items():
        method, where = name.split()
        if method == "get":
            query = route.query.format(**{key: row.pk for key, row in vars(field).items()})
            ids["topic_id"] = field.discovered.pk if "discovered" in where else field.topic.pk
            answer = root.get(f"/api/v1/{where.format(**ids)}{query}")
            assert_clean(answer.text)
            unread |= {where} if answer.status_code != 200 else set()
    assert unread == set(), "an answer that is none proves nothing"
    assert_clean(root.get("/api/v1/openapi.json").text)
    assert_clean(log.text)


def test_not_on_any_page_of_the_admin(field, root) -> None:
    for model, pages in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert_clean(root.get(reverse(f"{name}_changelist")).text)
        for row in pages.get_queryset(root.get("/admin/").wsgi_request)[:3]:
            for page in ("change", "history", "delete"):
                assert_clean(root.get(reverse(f"{name}_{page}", args=[row.pk])).text)


def test_not_in_what_is_measured_checked_or_dumped(field, root, log) -> None:
    assert_clean(root.get("/metrics").text)
    assert_clean(root.get("/readyz").text)
    for command, *arguments in (["doctor"], ["doctor", "--json"], ["ledger"], ["rotate_field_keys"], ["dumpdata"]):
        out = io.StringIO()
        with contextlib.suppress(SystemExit):  # the doctor finds no listener here
            call_command(command, *arguments, stdout=out, stderr=out)
        assert len(out.getvalue()) > 50
        assert_clean(out.getvalue())
    assert_clean(log.text)


def test_not_in_the_audit_trail(field, root) -> None:
    path = f"/api/v1/connections/{field.connection.pk}/"
    root.patch(path, {"password": OTHER}, content_type="application/json")
    root.patch(path, {"password": ""}, content_type="application/json")
    assert_clean(json.dumps(list(AuditEntry.objects.values_list("changes", "label"))))
    assert AuditEntry.objects.filter(changes__password=["[secret]", None]).exists()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_not_in_an_export(field, tmp_path: Path, form: str) -> None:
    call_command("export", str(tmp_path / f"a.{form}"), stdout=io.StringIO(), stderr=io.StringIO())
    found = (tmp_path / f"a.{form}").read_bytes()
    assert b"accelerometer" in found
    assert_clean(found.decode(errors="replace"))


def test_not_on_an_error_page_nor_in_its_log(field, root, log, settings: LazySettings) -> None:
    settings.FIELD_KEYS = []
    root.raise_request_exception = False
    body = {"password": OTHER}
    broken = root.patch(f"/api/v1/connections/{field.connection.pk}/", body, content_type="application/json")
    assert broken.status_code == 500
    assert_clean(broken.text)
    signing_in = Client(raise_request_exception=False).post(
        "/login/", {"username": "eve", "password": OTHER, "code": CODE}
    )
    assert_clean(signing_in.text)
    assert "FIELD_KEYS" in log.text
    assert_clean(log.text)


def test_not_in_words_about_a_broker_that_refuses_us(field, log) -> None:
    MqttConnection.objects.update(broker_host="127.0.0.1", broker_port=1, use_tls=True)
    wish = lease.wish_of(field.connection.pk)
    assert wish.password == rows.PLANTED
    assert_clean(repr(wish))
    assert_clean(str(reach.reach(wish)))
    expiry.look()
    housekeeping.clean()
    assert_clean(log.text)


def test_not_in_what_browsers_are_told(field) -> None:
    row = MqttConnection.objects.get()
    assert row.password == rows.PLANTED
    assert_clean(announcements.of_connection(row).model_dump_json())


def test_not_in_an_error_report_though_a_variable_held_it(field) -> None:
    taken: list[object] = []
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:1/1",
        before_send=lambda event, _hint: taken.append(scrub(event)),  # type: ignore[func-returns-value]
        include_local_variables=True,
        default_integrations=False,
    )
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        password = MqttConnection.objects.get().password
        scope.set_extra("connection", {"password": password, "client_key": rows.PLANTED_KEY})
        try:
            raise RuntimeError("something else broke")
        except RuntimeError:
            sentry_sdk.capture_exception()
        client.flush(1)
    assert "something else broke" in str(taken)
    assert_clean(str(taken))
    client.close()
