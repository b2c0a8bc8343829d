"""API tokens: how they are made, what they open, and when they stop."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sites import tokens
from sites.models import ApiToken
from tests import rows

pytestmark = pytest.mark.django_db


def ask(authorization: str | None = None, query: str = "") -> int:
    headers = {"Authorization": authorization} if authorization is not None else {}
    return Client(headers=headers).get(f"/api/v1/sites/{query}").status_code


def secret_of(user, lasts: timedelta = timedelta(days=1)) -> str:
    return tokens.issue(user, "t", "read", timezone.now() + lasts)[1]


def test_a_token_opens_the_api_only_as_a_bearer_in_the_header():
    secret = secret_of(rows.person("ada"))
    assert ask(f"Bearer {secret}") == 200
    assert ask(f"bearer {secret}") == 200
    for wrong in (secret, f"Token {secret}", f"Basic {secret}", f"Bearer {secret}x", "Bearer", "Bearer ", ""):
        assert ask(wrong) == 401, wrong
    assert ask(query=f"?token={secret}&access_token={secret}&key={secret}") == 401


def test_a_token_ends_with_its_time_with_its_user_and_when_revoked():
    ada = rows.person("ada")
    assert ask(f"Bearer {secret_of(ada, timedelta(seconds=-1))}") == 401
    secret = secret_of(ada)
    assert ask(f"Bearer {secret}") == 200
    ApiToken.objects.filter(digest=tokens.digest(secret)).delete()
    assert ask(f"Bearer {secret}") == 401
    secret = secret_of(ada)
    ada.is_active = False
    ada.save()
    assert ask(f"Bearer {secret}") == 401


def test_a_bad_token_is_not_helped_by_a_good_session():
    client = rows.browser(rows.person("ada"))
    assert client.get("/api/v1/sites/").status_code == 200
    assert client.get("/api/v1/sites/", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_token_is_shown_once_and_kept_as_a_hash():
    client = rows.browser(rows.person("ada"))
    made = client.post("/api/v1/tokens/", {"name": "plc"}, content_type="application/json")
    assert made.status_code == 201
    secret = made.json()["token"]
    assert ask(f"Bearer {secret}") == 200
    assert secret not in client.get("/api/v1/tokens/").content.decode()
    kept = ApiToken.objects.filter(pk=made.json()["id"]).values().get()
    assert secret not in str(kept)
    assert kept["scope"] == "read"
    assert client.delete(f"/api/v1/tokens/{kept['id']}/").status_code == 204
    assert ask(f"Bearer {secret}") == 401


def test_a_limit_that_is_misspelt_makes_no_token():
    """Left out it would make a token that lasts longer than was meant."""
    ada = rows.person("ada")
    body = {"name": "plc", "expires_at": "2020-01-01T00:00:00Z"}
    refused = rows.browser(ada).post("/api/v1/tokens/", body, content_type="application/json")
    assert refused.status_code == 422
    assert "expires_at" in refused.json()["error"]["fields"]
    assert not ApiToken.objects.filter(user=ada).exists()


def test_nobody_sees_or_revokes_anothers_token():
    token, _ = tokens.issue(rows.person("bob"), "his", "read", timezone.now() + timedelta(days=1))
    client = rows.browser(rows.person("ada", is_superuser=True))
    assert client.get("/api/v1/tokens/").json()["items"] == []
    assert client.delete(f"/api/v1/tokens/{token.pk}/").status_code == 404


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries):
    secret = secret_of(rows.person("ada"))
    assert tokens.find(secret).last_used_at is None
    noted = ApiToken.objects.get().last_used_at
    assert timezone.now() - noted < timedelta(seconds=10)
    with django_assert_num_queries(1):
        tokens.find(secret)
    ApiToken.objects.update(last_used_at=noted - timedelta(seconds=61))
    tokens.find(secret)
    assert ApiToken.objects.get().last_used_at >= noted
