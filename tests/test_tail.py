"""Looking on while messages arrive: some seconds of a topic, through a client of its own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mqtt_app.api import tails
from mqtt_app.models import MqttConnection
from mqtt_app.wire import tail
from sites.models import Role
from tests import rows
from tests.hearing import publisher, wish

pytestmark = pytest.mark.django_db


def heard_while(url: str, pattern: str, *messages: tuple[str, bytes]) -> tail.Tail:
    """Listens for two seconds while these messages are sent again and again."""
    with ThreadPoolExecutor(1) as pool, publisher(url) as broker:
        listening = pool.submit(tail.listen, wish(url), pattern, 2)
        while not listening.done():
            for topic, payload in messages:
                broker.send(topic, payload)
        return listening.result()


def test_what_arrives_is_heard_and_what_is_on_other_topics_is_not(mqtt_url: str) -> None:
    heard = heard_while(mqtt_url, "tail/+/a", ("tail/1/a", b"one"), ("tail/1/b", b"two"))
    assert {(message.topic, message.payload) for message in heard.messages} == {("tail/1/a", b"one")}
    assert heard.heard >= len(heard.messages) > 0


def test_of_a_flood_the_first_hundred_are_kept_and_all_are_counted(mqtt_url: str) -> None:
    heard = heard_while(mqtt_url, "flood", ("flood", b"x" * 70_000))
    assert len(heard.messages) == tail.MOST < heard.heard
    assert (len(heard.messages[0].payload), heard.messages[0].size) == (tail.KEPT_BYTES, 70_000)


def test_a_broker_that_is_not_there_is_told_in_words() -> None:
    field = rows.furnished()
    MqttConnection.objects.update(broker_host="127.0.0.1", broker_port=1, use_tls=False)
    answer = ask(field)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "broker")


def test_a_person_listens_once_at_a_time() -> None:
    field = rows.furnished()
    ada = rows.person("ada", Role.OPERATOR, field.site)
    assert tails.claimed(f"tail:{ada.pk}")
    try:
        assert ask(field, ada).status_code == 429
    finally:
        tails.released(f"tail:{ada.pk}")


@pytest.mark.parametrize("name", ["a/#/b", "a+", ""])
def test_what_is_no_filter_is_refused(name: str) -> None:
    assert ask(rows.furnished(), filter=name).status_code == 422


def ask(field: Any, person: Any = None, **changes: Any) -> Any:
    client = rows.browser(person or rows.person("ada", Role.OPERATOR, field.site))
    body = {"filter": "a/#", "seconds": 0.5} | changes
    return client.post(f"/api/v1/mqtt/site/{field.site.pk}/tail/", body, content_type="application/json")
