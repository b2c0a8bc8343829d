"""Guessing passwords: after ten wrong ones a name waits, at the address that gave them, and nobody else does."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory

from project.visitors import address

pytestmark = pytest.mark.django_db

PASSWORD = "Plaster-of-Paris-7"


@pytest.fixture(autouse=True)
def ada() -> User:
    User.objects.create_user("bob", password=PASSWORD)
    return User.objects.create_user("ada", password=PASSWORD, is_staff=True)


def sign_in(name: str, password: str, path: str = "/login/", at: str = "192.0.2.1", **headers: str) -> HttpResponse:
    return Client(REMOTE_ADDR=at, headers=headers).post(path, {"username": name, "password": password})


def guess(times: int = 10, name: str = "ada", at: str = "192.0.2.1", **headers: str) -> list[int]:
    return [sign_in(name, f"wrong-{n}", at=at, **headers).status_code for n in range(times)]


def test_ten_wrong_passwords_close_the_door_and_say_for_how_long() -> None:
    assert guess() == [200] * 9 + [429]
    refused = sign_in("ada", PASSWORD)
    assert refused.status_code == 429
    assert "Wait 15 minutes" in refused.text
    assert refused["Retry-After"] == "900"
    assert "sessionid" not in refused.cookies
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login/?next=")


def test_others_and_other_addresses_are_not_kept_out() -> None:
    guess()
    assert sign_in("bob", PASSWORD).status_code == 302
    assert sign_in("ada", PASSWORD, at="192.0.2.2").status_code == 302


def test_a_name_that_does_not_exist_is_answered_alike() -> None:
    assert guess(name="nobody") == [200] * 9 + [429]


def test_the_right_password_begins_the_count_anew() -> None:
    guess(9)
    assert sign_in("ada", PASSWORD).status_code == 302
    assert guess(9) == [200] * 9


def test_after_a_quarter_of_an_hour_the_door_opens_and_knocking_does_not_prolong_it() -> None:
    guess(15)
    attempts = AccessAttempt.objects.all()
    for attempt in attempts:
        attempt.attempt_time -= timedelta(minutes=16)
        attempt.save()
    assert sign_in("ada", PASSWORD).status_code == 302


def test_a_made_up_forwarding_header_does_not_evade_it() -> None:
    statuses = [sign_in("ada", "wrong", **{"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(10)]
    assert statuses[-1] == 429


def test_behind_a_trusted_proxy_visitors_are_told_apart(settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.0/28"]
    guess(**{"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})
    assert sign_in("ada", PASSWORD, **{"X-Forwarded-For": "198.51.100.1"}).status_code == 429
    assert sign_in("ada", PASSWORD, **{"X-Forwarded-For": "198.51.100.1, 198.51.100.2"}).status_code == 302


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "198.51.100.7"),
        ("192.0.2.1", "6.6.6.6, 198.51.100.7, 192.0.2.2", "198.51.100.7"),
        ("::ffff:192.0.2.1", "2001:db8::7", "2001:db8::7"),
        ("203.0.113.1", "198.51.100.7", "203.0.113.1"),
        ("192.0.2.1", "no address", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7, ", "192.0.2.1"),
    ],
)
def test_whose_address_it_is(settings: LazySettings, peer: str, forwarded: str, found: str) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.0/24"]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address(RequestFactory(REMOTE_ADDR=peer, headers=headers).get("/")) == found


def test_no_password_is_kept_not_even_a_wrong_one() -> None:
    guess()
    kept = str(list(AccessAttempt.objects.values()))
    assert "wrong-" not in kept
    assert "192.0.2.1" in kept
