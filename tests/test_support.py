"""The support bundle: what helps whoever is asked, in one file, without a secret."""

import json

import pytest
from django.conf import LazySettings

from mqtt_app.api.support import TOLD
from sites.models import Role
from tests import rows

pytestmark = pytest.mark.django_db


def test_a_superuser_takes_one_file_with_the_doctors_words_and_the_settings(settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://:planted-secret@127.0.0.1:1/0"
    answer = rows.browser(rows.person("root", is_superuser=True)).get("/api/v1/system/support/")
    assert answer["Content-Disposition"].startswith('attachment; filename="fieldledger-support-')
    bundle = json.loads(answer.content)
    said = {line["name"]: line for line in bundle["doctor"]}
    assert (said["database"]["state"], said["redis"]["state"]) == ("ok", "failed")
    assert said["listeners"]["remedy"] == "Start one: python manage.py run_mqtt"
    assert bundle["settings"].keys() == set(TOLD)
    assert "planted-secret" not in answer.text
    assert settings.SECRET_KEY not in answer.text


def test_the_settings_told_are_numbers_and_switches_and_the_release(settings: LazySettings) -> None:
    assert all(isinstance(getattr(settings, name), int | float) for name in set(TOLD) - {"RELEASE"})


def test_an_admin_of_a_site_and_a_reading_token_do_not_get_it() -> None:
    here = rows.site()
    assert rows.browser(rows.person("ada", Role.ADMIN, here)).get("/api/v1/system/support/").status_code == 403
    root = rows.person("root", is_superuser=True)
    assert rows.program(root, "operate").get("/api/v1/system/support/").status_code == 403
