"""Testing a connection: five steps with times and words, for who operates the site, to where it may lead."""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mqtt_app import connections
from mqtt_app.alerting import expiry
from mqtt_app.listening import lease
from mqtt_app.models import MqttConnection, MqttConnectionLog
from mqtt_app.wire import addresses, reach
from mqtt_app.wire.refusals import in_words
from mqtt_app.wire.wish import Wish
from sites.models import Role
from tests import rows
from tests.certificates import DAY, Authority
from tests.hearing import Wait, hearing, wish
from tests.test_tls import secured, to

__all__ = ["secured"]

STATES = dict[str, str]


def states(found: reach.Reached) -> STATES:
    return {step.name: step.state for step in found.steps}


def upto(*ok: str) -> STATES:
    """These worked, the next one failed, the others were not tried."""
    rest = [name for name in reach.STEPS if name not in ok]
    return dict.fromkeys(ok, "ok") | {rest[0]: "failed"} | dict.fromkeys(rest[1:], "skipped")


def words(found: reach.Reached) -> str:
    return next(step.words for step in found.steps if step.state == "failed")


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_good_broker_passes_every_step(mqtt_url: str, mqtt5_url: str, protocol: str) -> None:
    found = reach.reach(wish(mqtt_url if protocol == "3.1.1" else mqtt5_url, "t/#", protocol=protocol))
    assert found.ok, found.steps
    assert states(found) == {"dns": "ok", "tcp": "ok", "tls": "skipped", "connect": "ok", "subscribe": "ok"}
    assert all(step.took_ms >= 0 and step.words for step in found.steps)


def test_a_listeners_session_is_left_alone(mqtt_url: str, wait_until: Wait) -> None:
    one = wish(mqtt_url, "t/#")
    with hearing(one) as hears:
        wait_until(hears.is_subscribed)
        assert reach.reach(one).ok
        assert hears.is_subscribed()
        assert hears.generation == 1


def test_the_step_that_fails_says_what_to_mend(secured: SimpleNamespace) -> None:
    good = reach.reach(to(secured, "good"))
    assert good.ok
    assert "valid until" in good.steps[2].words
    assert good.certificate_expires_at is not None
    for name, more, passed, said in (
        ("expired", {}, ("dns", "tcp"), "it has expired"),
        ("good", {"ca_certificate": ""}, ("dns", "tcp"), "is not among the CA certificates"),
        ("elsewhere", {}, ("dns", "tcp"), "it is not made out to 127.0.0.1"),
        ("bare", {}, ("dns", "tcp"), "Does it speak TLS"),
    ):
        found = reach.reach(to(secured, name, **more))
        assert states(found) == upto(*passed), name
        assert said in words(found)
    mutual = reach.reach(to(secured, "mutual"))
    assert not mutual.ok
    assert "client certificate" in words(mutual)


def test_a_name_that_is_not_known_and_a_port_where_nothing_listens() -> None:
    assert states(reach.reach(Wish(1, 1, "no-such-name.invalid", 1883, "x", "5"))) == upto()
    closed = reach.reach(Wish(1, 1, "127.0.0.1", 1, "x", "5"))
    assert states(closed) == upto("dns") | {"tls": "skipped"}
    assert words(closed) == "Nothing listens at the broker's address and port."


@pytest.fixture
def mute() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_port_that_never_answers_is_given_up_in_time(mute: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "STEP_S", 0.5)
    found = reach.reach(Wish(1, 1, "127.0.0.1", mute, "x", "5"))
    assert "did not answer" in words(found)
    assert found.steps[3].took_ms < 3_000


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "no-such-name.invalid"])
def test_where_it_may_not_lead_an_open_port_is_told_no_different_from_a_closed_one(host: str, mute: int) -> None:
    for port in (mute, 1):
        found = reach.reach(Wish(1, 1, host, port, "x", "5", private_allowed=False))
        assert states(found) == upto()
        assert words(found) == addresses.NOT_ALLOWED


def test_a_name_that_leads_elsewhere_later_is_not_followed(mqtt_url: str, wait_until: Wait) -> None:
    """The listener looks up once, checks, and connects to what it has checked."""
    with hearing(wish(mqtt_url, private_allowed=False)) as hears:
        status = wait_until(lambda: (one := hears.status()) and one.last_error and one)
    assert status.last_error == addresses.NOT_ALLOWED
    assert in_words(addresses.NotAllowed(addresses.NOT_ALLOWED)) == addresses.NOT_ALLOWED


@pytest.mark.django_db
class TestWhoMay:
    """Private addresses are for superusers, unless they are for everyone."""

    @pytest.fixture(autouse=True)
    def strict(self, settings: LazySettings) -> None:
        settings.ALLOW_PRIVATE_BROKERS = False
        cache.clear()

    def send(self, client: Client, path: str, body: dict[str, Any] | None = None, method: str = "post") -> Any:
        return getattr(client, method)(f"/api/v1/{path}", body or {}, content_type="application/json")

    def test_a_superuser_may_enter_one_and_an_admin_may_not(self) -> None:
        here = rows.site()
        body = {"site": here.pk, "broker_host": "127.0.0.1"}
        admin = rows.browser(rows.person("ada", Role.ADMIN, here))
        assert self.send(admin, "connections/", body).status_code == 422
        assert self.send(rows.browser(rows.person("root", is_superuser=True)), "connections/", body).status_code == 201
        row = MqttConnection.objects.get()
        assert connections.private_allowed(row)
        assert lease.wish_of(row.pk).private_allowed

    def test_a_host_that_an_admin_changes_is_trusted_no_longer(self) -> None:
        here = rows.site()
        row = connections.add(here, trusted=True, broker_host="127.0.0.1")
        admin = rows.browser(rows.person("ada", Role.ADMIN, here))
        assert self.send(admin, f"connections/{row.pk}/", {"username": "x"}, "patch").status_code == 200
        row.refresh_from_db()
        assert row.is_host_trusted
        assert self.send(admin, f"connections/{row.pk}/", {"broker_host": "8.8.8.8"}, "patch").status_code == 200
        row.refresh_from_db()
        assert not row.is_host_trusted
        assert self.send(admin, f"connections/{row.pk}/", {"broker_host": "127.0.0.1"}, "patch").status_code == 422

    def test_it_is_tried_over_rest_and_not_twice_at_once(self) -> None:
        here = rows.site()
        row = connections.add(here, trusted=True, broker_host="127.0.0.1", broker_port=1)
        operator = rows.browser(rows.person("ada", Role.OPERATOR, here))
        answer = self.send(operator, f"connections/{row.pk}/test/").json()
        assert (answer["ok"], [step["state"] for step in answer["steps"]]) == (
            False,
            ["ok", "failed", "skipped", "skipped", "skipped"],
        )
        assert self.send(operator, f"connections/{row.pk}/test/").status_code == 429

    def test_it_is_tried_in_the_admin(self) -> None:
        row = connections.add(rows.site(), trusted=True, broker_host="127.0.0.1", broker_port=1)
        root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
        path = reverse("admin:mqtt_app_mqttconnection_changelist")
        page = root.post(path, {"action": "test", "_selected_action": [row.pk]}, follow=True).text
        assert "DNS: ok" in page
        assert "TCP: failed" in page


@pytest.mark.django_db
class TestExpiry:
    """Thirty days before, once a day, in words that say whose certificate it is."""

    def made(self, secured: SimpleNamespace, name: str = "good", **fields: Any) -> MqttConnection:
        ca = secured.authority.certificate
        values = {"broker_port": secured.ports[name], "use_tls": True, "ca_certificate": ca} | fields
        return connections.add(rows.site(), trusted=True, broker_host="127.0.0.1", **values)

    def warnings(self) -> list[str]:
        return list(MqttConnectionLog.objects.values_list("message", flat=True))

    def test_a_brokers_certificate_is_seen_at_the_broker(self, secured: SimpleNamespace) -> None:
        row = self.made(secured, ca_certificate="", tls_verify=False)
        assert expiry.look() == 1
        row.refresh_from_db()
        assert row.certificate_name == expiry.BROKERS
        [said] = self.warnings()
        assert said.startswith("The broker's certificate expires on ")
        assert said.endswith("It must be renewed at the broker.")
        expiry.look()
        assert len(self.warnings()) == 1, "once a day"

    def test_of_several_the_first_to_expire_counts(self) -> None:
        soon, later = Authority().issue("fieldledger", 20 * DAY), Authority().issue("fieldledger", 40 * DAY)
        one = Wish(1, 1, "h", 1, "x", "5", client_certificate=later.certificate, ca_certificate=soon.certificate)
        assert expiry.first(one, None)[1] == expiry.AUTHORITY
        assert expiry.first(one, rows.timezone.now() + DAY)[1] == expiry.BROKERS
        assert expiry.first(Wish(1, 1, "h", 1, "x", "5"), None) == (None, "")

    def test_what_lasts_longer_is_noted_and_not_warned_of(self) -> None:
        far = Authority().issue("fieldledger", 60 * DAY)
        row = connections.add(
            rows.site(), trusted=True, broker_host="127.0.0.1", broker_port=1, use_tls=True,
            client_certificate=far.certificate, client_key=far.key,
        )  # fmt: skip
        assert expiry.look() == 0
        row.refresh_from_db()
        assert row.certificate_name == expiry.CLIENTS
        MqttConnection.objects.update(use_tls=False)
        expiry.look()
        row.refresh_from_db()
        assert row.certificate_expires_at is None


def test_a_renewed_client_certificate_is_used_at_once(secured: SimpleNamespace, wait_until: Wait) -> None:
    """Changed in the database, it reaches the listener as a changed wish, which reconnects."""
    old, new = secured.authority.issue("fieldledger", -DAY), secured.authority.issue("fieldledger")
    before = to(secured, "mutual", client_certificate=old.certificate, client_key=old.key)
    with hearing(before) as hears:
        wait_until(lambda: (one := hears.status()) and one.last_error)
        after = to(
            secured, "mutual", client_certificate=new.certificate, client_key=new.key, client_id=before.client_id
        )
        hears.listener.assigned({1: after})
        wait_until(hears.is_subscribed)
