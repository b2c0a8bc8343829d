"""The API's allowance: so many requests a minute for a person and their tokens, over all web processes."""

import threading

import pytest
from django.conf import LazySettings
from django.core.cache import cache, caches
from django.test import Client

from project.api import api
from project.throttle import PerCaller
from sites.models import Role
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def allowance(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_REQUESTS_PER_MINUTE = 5
    monkeypatch.setattr("time.time", lambda: 1_800_000_030.0)  # all of a test in one minute
    cache.clear()
    for one in api.throttle:
        monkeypatch.setattr(one, "_silent_until", 0.0)  # whatever an earlier test did to Redis


def statuses(client: Client, times: int) -> list[int]:
    return [client.get("/api/v1/sites/").status_code for _ in range(times)]


def test_beyond_the_allowance_it_says_when_to_come_back() -> None:
    client = rows.browser(rows.person("ada"))
    assert statuses(client, 6) == [200] * 5 + [429]
    refused = client.get("/api/v1/sites/")
    assert refused["Retry-After"] == "30"
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert "5 requests a minute" in refused.json()["error"]["message"]


def test_a_person_and_their_tokens_share_it_and_others_have_their_own() -> None:
    ada = rows.person("ada")
    assert statuses(rows.program(ada), 5) == [200] * 5
    assert statuses(rows.program(ada), 1) == statuses(rows.browser(ada), 1) == [429]
    assert statuses(rows.browser(rows.person("bob")), 5) == [200] * 5


def test_the_next_minute_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    client = rows.browser(rows.person("ada"))
    assert statuses(client, 6)[-1] == 429
    monkeypatch.setattr("time.time", lambda: 1_800_000_060.0)
    assert statuses(client, 1) == [200]


def test_zero_is_any_number(settings: LazySettings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0
    assert set(statuses(rows.browser(rows.person("ada")), 20)) == {200}


def test_all_processes_count_together(settings: LazySettings) -> None:
    """Each thread has a connection of its own to Redis, as another process has."""
    settings.API_REQUESTS_PER_MINUTE = 50
    request = type("Request", (), {"auth": type("Caller", (), {"user": rows.person("ada")})()})()
    allowed: list[bool] = []

    def ask() -> None:
        allowed.extend(PerCaller().allow_request(request) for _ in range(20))
        caches.close_all()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed.count(True) == 50


def test_without_redis_nobody_is_kept_waiting(settings: LazySettings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    field = rows.furnished()
    assert set(statuses(rows.browser(rows.person("ada", Role.VIEWER, field.site)), 20)) == {200}
