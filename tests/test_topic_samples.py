"""What a topic said lately: sampled as batches come in, bounded, and shown byte for byte."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from mqtt_app.exploring.discovery import SAMPLE_LIMIT, SAMPLES_KEPT
from mqtt_app.ingest import ingest
from mqtt_app.models import DiscoveredTopic, MqttConnection, TopicSample
from sites.models import Role
from tests import rows
from tests.field import batch, connect, message

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "site_001/hello"


def say(connection: MqttConnection, *payloads: bytes, **about: object) -> None:
    """A batch with these messages, ten seconds after the sample before."""
    DiscoveredTopic.objects.update(sampled_at=timezone.now() - timedelta(seconds=11))
    ingest(batch(connection, *(message(TOPIC, payload, **about) for payload in payloads)))


def samples(connection: MqttConnection) -> list[dict]:
    topic = DiscoveredTopic.objects.get(topic_path=TOPIC)
    client = rows.browser(rows.person(f"ada-{timezone.now().timestamp()}", Role.VIEWER, connection.site))
    return client.get(f"/api/v1/discovered-topics/{topic.pk}/samples/").json()


def test_the_first_message_of_a_topic_is_kept_with_all_that_came_with_it() -> None:
    connection = connect()
    say(connection, b'{"a": 1}', qos=0, retain=True)
    [one] = samples(connection)
    assert (one["qos"], one["retain"], one["size"], one["is_truncated"]) == (0, True, 8, False)
    assert (base64.b64decode(one["payload"]), one["shown"]) == (b'{"a": 1}', {"json": {"a": 1}})


def test_a_topic_is_sampled_once_in_ten_seconds_however_much_it_says() -> None:
    connection = connect()
    say(connection, b"1", b"2")
    ingest(batch(connection, message(TOPIC, b"3")))
    assert [one["shown"]["text"] for one in samples(connection)] == ["2"]
    say(connection, b"4")
    assert [one["shown"]["text"] for one in samples(connection)] == ["4", "2"]


def test_only_the_last_twenty_are_kept_newest_first() -> None:
    connection = connect()
    for number in range(SAMPLES_KEPT + 5):
        say(connection, b"%d" % number)
    assert [one["shown"]["text"] for one in samples(connection)] == [str(n) for n in range(24, 4, -1)]
    assert TopicSample.objects.count() == SAMPLES_KEPT


def test_a_large_message_is_cut_and_says_so() -> None:
    connection = connect()
    say(connection, b"x" * (SAMPLE_LIMIT + 1))
    [one] = samples(connection)
    assert (one["size"], one["is_truncated"], one["shown"]["truncated"]) == (SAMPLE_LIMIT + 1, True, SAMPLE_LIMIT + 1)
    assert len(base64.b64decode(one["payload"])) == SAMPLE_LIMIT


def test_any_bytes_are_kept() -> None:
    connection = connect()
    say(connection, b"\x00\xff\x80")
    assert base64.b64decode(samples(connection)[0]["payload"]) == b"\x00\xff\x80"


def test_samples_go_with_their_topic() -> None:
    connection = connect()
    say(connection, b"1")
    DiscoveredTopic.objects.all().delete()
    assert TopicSample.objects.count() == 0
