"""Telling people, with a real service that takes or refuses: once for each change, tried again, logged."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from mqtt_app.alerting import notices, problems
from mqtt_app.models import Delivery, Incident, LedgerMinute, Maintenance, MqttConnection, Notice, NoticeRule
from sites.models import Datalogger, Gateway, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db

SECRET = "planted-token-in-the-address"
CONNECTED = MqttConnection.Status.CONNECTED


class Service(ThreadingHTTPServer):
    """A webhook that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.status = 200
        self.told: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/{SECRET}"


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Service)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            self.server.told.append(body)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """It says nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def field() -> SimpleNamespace:
    """Where nothing is wrong."""
    found = rows.furnished()
    LedgerMinute.objects.all().delete()
    MqttConnection.objects.update(status=CONNECTED)
    return found


@pytest.fixture
def rule(field: SimpleNamespace, service: Service) -> NoticeRule:
    names = ["connection", "device", "failures", "ledger"]
    return notices.add(field.site, False, name="mail", problems=names, address=service.address, delay_s=60)


def pass_time(seconds: float) -> None:
    """As if all that is known had happened so much earlier."""
    ago = timedelta(seconds=seconds)
    for model, names in (
        (Incident, ("began_at", "bad_since", "good_since", "ended_at")),
        (Delivery, ("created_at", "due_at")),
        (MqttConnection, ("status_since",)),
        (Gateway, ("status_since",)),
    ):
        for row in model.objects.all():
            for name in names:
                if getattr(row, name):
                    setattr(row, name, getattr(row, name) - ago)
            row.save()


def fall(field: SimpleNamespace) -> None:
    MqttConnection.objects.update(status="error", status_since=timezone.now())


def test_a_fall_and_a_return_are_each_told_once(field, rule, service) -> None:
    fall(field)
    notices.tick()
    assert service.told == []
    pass_time(61)
    for _ in range(3):
        notices.tick()
    [said] = service.told
    assert "Broker broker.example:1883: not connected" in said["message"]
    MqttConnection.objects.update(status=CONNECTED)
    notices.tick()
    pass_time(61)
    notices.tick()
    notices.tick()
    assert [one["title"].partition(": ")[2].split()[0] for one in service.told] == ["Broker", "Well"]
    assert Notice.objects.count() == 2


def test_who_mends_a_wrong_address_reads_of_the_right_one_that_it_is_well(field, rule, service) -> None:
    fall(field)
    notices.tick()
    pass_time(61)
    notices.tick()
    MqttConnection.objects.update(status=CONNECTED, broker_host="mended.example", broker_port=8883)
    notices.tick()
    pass_time(61)
    notices.tick()
    fallen, well = service.told
    assert "Broker broker.example:1883: not connected" in fallen["message"]
    assert "Well again: broker mended.example:8883 (it lasted" in well["message"]


def test_a_gateway_explains_its_dataloggers_and_all_is_one_message(field, rule, service) -> None:
    silent = {"status": "offline", "offline_reason": "silent", "last_seen_at": timezone.now()}
    Gateway.objects.update(**silent, status_since=timezone.now())
    Datalogger.objects.update(status="offline", offline_reason="gateway", status_since=timezone.now())
    alone = Datalogger.objects.create(site=field.site, serial="ALONE", **silent)
    notices.tick()
    pass_time(61)
    notices.tick()
    [said] = service.told
    assert said["title"] == f"{field.site.name}: 2 wrong"
    assert "gateway_1" in said["message"]
    assert alone.serial in said["message"]
    assert field.datalogger.serial not in said["message"]


def test_failures_above_the_rate_and_a_ledger_that_does_not_balance_are_found(field, rule, service) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    book = {"connection": field.connection, "epoch": 1, "qos": 1}
    LedgerMinute.objects.create(**book, minute=now - timedelta(minutes=1), received=100, stored=80, failed=20)
    LedgerMinute.objects.create(**book, minute=now - timedelta(minutes=30), received=10, stored=7, is_closed=True)
    assert {(one.problem, one.percent) for one in problems.find(timezone.now())} == {("failures", 20), ("ledger", 100)}
    notices.tick()
    pass_time(61)
    notices.tick()
    assert "20 % of the messages" in service.told[0]["message"]
    assert "3 messages are unaccounted for" in service.told[0]["message"]


def test_a_stopped_connection_is_no_problem(field, rule, service) -> None:
    MqttConnection.objects.update(status="disconnected", is_active=False)
    assert problems.find(timezone.now()) == []


def test_during_maintenance_nothing_is_told_and_afterwards_what_is_still_wrong(field, rule, service) -> None:
    now = timezone.now()
    Maintenance.objects.create(site=field.site, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    fall(field)
    notices.tick()
    pass_time(600)
    notices.tick()
    assert service.told == []
    Maintenance.objects.update(ends_at=now - timedelta(seconds=1))
    notices.tick()
    assert len(service.told) == 1


def test_in_quiet_hours_it_waits(field, rule, service) -> None:
    here = timezone.now()
    NoticeRule.objects.update(
        quiet_from=(here - timedelta(hours=1)).time(), quiet_to=(here + timedelta(hours=1)).time()
    )
    fall(field)
    notices.tick()
    pass_time(120)
    notices.tick()
    assert service.told == []
    NoticeRule.objects.update(quiet_from=None)
    notices.tick()
    assert len(service.told) == 1


def work(hours_from: float, hours_to: float) -> None:
    """The site works from so many hours after now to so many."""
    now = timezone.now()
    start, end = (now + timedelta(hours=hours) for hours in (hours_from, hours_to))
    Site.objects.update(timezone="UTC", works_from=start.time(), works_to=end.time())


def fall_silent(seconds_ago: float) -> None:
    since = timezone.now() - timedelta(seconds=seconds_ago)
    Gateway.objects.update(status="offline", offline_reason="silent", last_seen_at=since, status_since=since)


def test_a_device_out_of_its_working_hours_does_not_ring(field, rule, service) -> None:
    work(1, 2)
    fall_silent(3_600)
    notices.tick()
    assert not Incident.objects.exists()
    fall(field)
    notices.tick()
    pass_time(61)
    notices.tick()
    assert [one["title"].partition(": ")[2].split()[0] for one in service.told] == ["Broker"]


def test_in_the_morning_a_device_has_its_interval_to_be_heard_before_it_rings(field, rule, service) -> None:
    Gateway.objects.update(interval_s=120)
    work(-0.05, 2)
    fall_silent(36_000)
    notices.tick()
    assert not Incident.objects.exists(), "180 s of the day have gone, and it may take 300"
    work(-0.1, 2)
    notices.tick()
    [said] = service.told
    assert "(6 min)" in said["message"], "its time runs from the morning"


def test_what_fell_before_the_evening_waits_for_the_morning_and_is_not_well_meanwhile(field, rule, service) -> None:
    Gateway.objects.update(interval_s=10)
    work(-2, 1)
    fall_silent(30)
    notices.tick()
    work(-2, -1 / 3600)
    pass_time(300)
    notices.tick()
    notices.tick()
    assert service.told == []
    assert Incident.objects.get().ended_at is None
    work(-0.05, 2)
    notices.tick()
    assert "offline" in service.told[0]["message"]


def test_a_datalogger_that_is_muted_rings_nobody_until_then(field, rule, service) -> None:
    since = timezone.now() - timedelta(minutes=5)
    Datalogger.objects.update(status="offline", offline_reason="silent", last_seen_at=since, status_since=since)
    Gateway.objects.update(status="online")
    Datalogger.objects.update(muted_until=timezone.now() + timedelta(hours=1))
    notices.tick()
    assert service.told == []
    Datalogger.objects.update(muted_until=timezone.now() - timedelta(seconds=1))
    notices.tick()
    assert len(service.told) == 1


def test_what_was_told_and_is_heard_at_night_is_well_again(field, rule, service) -> None:
    fall_silent(120)
    notices.tick()
    work(1, 2)
    Gateway.objects.update(status="online", offline_reason="")
    notices.tick()
    pass_time(61)
    notices.tick()
    assert [one["title"].partition(": ")[2].split()[0] for one in service.told] == ["Gateway", "Well"]


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


def test_a_hidden_site_and_a_rule_that_is_off_say_nothing(field, rule, service) -> None:
    fall(field)
    notices.tick()
    pass_time(61)
    Site.objects.update(is_active=False)
    notices.tick()
    Site.objects.update(is_active=True)
    NoticeRule.objects.update(is_active=False)
    notices.tick()
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
