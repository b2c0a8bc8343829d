"""Sending notices to a real service: tried again and logged; an address is checked, and never shown."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from mqtt_app.alerting import notices
from mqtt_app.models import Delivery, NoticeRule
from sites.models import Role
from tests import rows
from tests.telling import SECRET, Service, fall, listening, pass_time, sound, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as server:
        yield server


@pytest.fixture
def field() -> SimpleNamespace:
    return sound()


@pytest.fixture
def rule(field: SimpleNamespace, service: Service) -> NoticeRule:
    return watch(field, service)


def test_what_is_not_taken_is_tried_again_and_given_up_in_the_end(field, rule, service) -> None:
    service.status = 503
    fall(field)
    notices.tick()
    pass_time(61)
    notices.tick()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert delivery.error
    assert SECRET not in delivery.error
    assert delivery.due_at > timezone.now() + timedelta(seconds=20)
    notices.tick()
    assert Delivery.objects.get().attempts == 1, "not before its time"
    for _ in range(notices.ATTEMPTS):
        Delivery.objects.update(due_at=timezone.now())
        notices.send_due(timezone.now())
    assert (Delivery.objects.get().state, Delivery.objects.get().attempts) == ("failed", notices.ATTEMPTS)
    service.status = 200
    notices.tick()
    assert service.told == []


def test_what_was_claimed_by_a_process_that_died_is_not_sent_again(field, rule, service) -> None:
    Delivery.objects.create(
        rule=rule, title="t", body="b", state="sending", due_at=timezone.now() - timedelta(minutes=6)
    )
    notices.tick()
    assert Delivery.objects.get().state == "failed"
    assert service.told == []


@pytest.mark.parametrize(
    "address", ["nonsense", "syslog://", "dbus://", "file:///etc/passwd", "", "https://example.org/"]
)
def test_an_address_that_cannot_be_sent_to_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        notices.validate(address, trusted=True)


def test_a_private_host_is_for_superusers(settings: LazySettings, service: Service) -> None:
    settings.ALLOW_PRIVATE_BROKERS = False
    with pytest.raises(
        ValidationError, match="This service cannot be reached from here: name a host on the public internet"
    ):
        notices.validate(service.address, trusted=False)
    assert notices.validate(service.address, trusted=True) == "JSON"
    assert notices.validate("tgram://123456789:abcdefg_hijklmnop/12315544/", trusted=False) == "Telegram"


def test_rest_makes_tests_and_lists_without_ever_showing_the_address(field, service) -> None:
    admin = rows.browser(rows.person("ada", Role.ADMIN, field.site))
    send = {"content_type": "application/json"}
    body = {"site": field.site.pk, "name": "hook", "problems": ["device"], "address": service.address}
    made = admin.post("/api/v1/notice-rules/", body, **send)
    assert made.status_code == 201, made.content
    assert made.json()["service"] == "JSON"
    path = f"/api/v1/notice-rules/{made.json()['id']}/"
    tried = admin.post(f"{path}test/", **send)
    assert (tried.json()["state"], service.told[0]["title"]) == ("sent", f"{field.site.name}: a test")
    service.status = 500
    refused = admin.post(f"{path}test/", **send).json()
    assert (refused["state"], refused["attempts"]) == ("failed", 1)
    changed = admin.patch(path, {"delay_s": 5}, **send)
    assert changed.json()["delay_s"] == 5
    assert admin.patch(path, {"address": "nonsense"}, **send).status_code == 422
    texts = [made.text, tried.text, changed.text, admin.get(path).text, admin.get("/api/v1/notices/").text]
    texts += [admin.get("/api/v1/audit/").text, str(NoticeRule.objects.defer("address").values_list("name", "service"))]
    assert not [text for text in texts if SECRET in text]
    assert NoticeRule.objects.get().address == service.address
    planned = {"site": field.site.pk, "starts_at": "2026-05-04T10:00Z", "ends_at": "2026-05-04T09:00Z"}
    assert admin.post("/api/v1/maintenances/", planned, **send).status_code == 422


def test_the_admin_writes_the_address_and_never_shows_it(field, service) -> None:
    root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    form = {"site": field.site.pk, "name": "hook", "problems": ["device"], "delay_s": 60, "failure_percent": 10}
    add = reverse("admin:mqtt_app_noticerule_add")
    assert "needs an address" in root.post(add, form).text
    assert root.post(add, form | {"new_address": service.address}).status_code == 302
    row = NoticeRule.objects.get()
    assert (row.address, row.service) == (service.address, "JSON")
    change = reverse("admin:mqtt_app_noticerule_change", args=[row.pk])
    assert root.post(change, form | {"name": "other"}).status_code == 302
    assert NoticeRule.objects.get().address == service.address
    assert SECRET not in root.get(change).text
    chosen = {"action": "test", "_selected_action": [row.pk]}
    assert "sent" in root.post(reverse("admin:mqtt_app_noticerule_changelist"), chosen, follow=True).text
