"""What is said of discovered topics follows the parsers that are installed, whether or not the topics speak again."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from mqtt_app.ingest import ingest
from mqtt_app.judging import recognition
from mqtt_app.models import DiscoveredTopic
from mqtt_app.parsers import registry
from project.celery import app
from sites.models import Role
from tests import rows
from tests.field import batch, connect, message
from tests.test_registry import Twin

pytestmark = pytest.mark.django_db(transaction=True)


class Weather(Twin):
    name = "weather"
    patterns = ("+/weather/#",)


@pytest.fixture
def with_weather(settings: Settings) -> Iterator[None]:
    settings.PARSERS = (*settings.PARSERS, "tests.test_recognition.Weather")
    forget()
    yield
    forget()


def forget() -> None:
    for remembered in (registry._everything, registry._remembered, registry.mark):
        remembered.cache_clear()


def said() -> tuple[bool, str, str]:
    row = DiscoveredTopic.objects.get()
    return row.is_processable, row.processor_name, row.topic_pattern


def test_a_parser_that_is_added_recognises_silent_topics_and_one_that_is_removed_no_more(
    settings: Settings, with_weather: None
) -> None:
    without = settings.PARSERS[:-1]
    ingest(batch(connect(), message("site_001/weather/roof", b"\0")))
    assert said() == (True, "weather", "+/weather/#")
    settings.PARSERS = without
    forget()
    assert recognition.follow() == 1
    assert said() == (False, "", "")
    settings.PARSERS = (*without, "tests.test_recognition.Weather")
    forget()
    assert recognition.follow() == 1
    assert said() == (True, "weather", "+/weather/#")
    assert recognition.follow() == 0


def test_what_a_worker_of_the_old_version_writes_last_is_put_right(settings: Settings, with_weather: None) -> None:
    connection = connect()
    ingest(batch(connection, message("site_001/weather/roof", b"\0")))
    with_it = settings.PARSERS
    settings.PARSERS = settings.PARSERS[:-1]
    forget()
    ingest(batch(connection, message("site_001/weather/roof", b"\0\0")))
    settings.PARSERS = with_it
    forget()
    assert not said()[0]
    recognition.follow()
    assert said() == (True, "weather", "+/weather/#")


def test_topics_from_before_an_upgrade_are_judged_however_many(settings: Settings) -> None:
    ingest(batch(connect(), *(message(f"site_001/gateway/{n}/status", b"{}") for n in range(30))))
    DiscoveredTopic.objects.update(is_processable=False, processor_name="", registry="")
    assert recognition.follow() == 30
    assert set(DiscoveredTopic.objects.values_list("is_processable", "processor_name")) == {(True, "gateway_status")}


def test_a_parser_named_for_a_topic_recognises_it_at_once() -> None:
    connection = connect()
    ingest(batch(connection, message("site_001/odd", b"\0")))
    client = rows.browser(rows.person("ada", Role.OPERATOR, connection.site))
    body = {"connection": connection.pk, "topic_pattern": "site_001/odd", "parser_name": "gateway_status"}
    made = client.post("/api/v1/topics/", body, content_type="application/json").json()
    assert said() == (True, "gateway_status", "")
    client.patch(f"/api/v1/topics/{made['id']}/", {"parser_name": ""}, content_type="application/json")
    assert said() == (False, "", "")


def test_a_worker_that_starts_judges_what_others_left(celery_worker: object, wait_until) -> None:
    ingest(batch(connect(), message("site_001/gateway/1/status", b"{}")))
    DiscoveredTopic.objects.update(is_processable=False, registry="")
    app.send_task("tasks.control.recognise")
    wait_until(lambda: said()[0], 20, "the topic to be recognised")
