"""Lists and histories: parts of them, filters, and an order from a short list of choices."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mqtt_app.models import MqttConnectionLog, MqttParsingLog
from sites import rest
from sites.models import Gateway, Reading
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def field():
    return rows.furnished()


@pytest.fixture
def client(field):
    return rows.browser(rows.person("root", is_superuser=True))


def walk(client, path: str) -> list[dict]:
    """Every item, following `next` to the end."""
    items: list[dict] = []
    while path:
        answer = client.get(path).json()
        assert answer["items"]
        items += answer["items"]
        path = answer["next"]
    return items


def test_a_list_comes_in_parts_that_leave_nothing_out_and_repeat_nothing(client, field):
    Gateway.objects.bulk_create([Gateway(site=field.site, serial=f"g{n:03}", status="online") for n in range(25)])
    seen = []
    for offset in range(0, 30, 10):
        answer = client.get(f"/api/v1/gateways/?sort=-last_seen_at&limit=10&offset={offset}").json()
        assert (answer["count"], answer["count_is_capped"]) == (26, False)
        seen += [item["id"] for item in answer["items"]]
    assert len(seen) == len(set(seen)) == 26


def test_a_long_list_is_counted_only_so_far(client, field):
    Gateway.objects.bulk_create([Gateway(site=field.site, serial=f"g{n:05}") for n in range(rest.COUNT_CAP + 1)])
    answer = client.get("/api/v1/gateways/?limit=1").json()
    assert (answer["count"], answer["count_is_capped"]) == (10_000, True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("gateways/?search=GATEWAY", 1),
        ("gateways/?status=offline", 0),
        ("gateways/?status=unknown", 1),
        ("dataloggers/?kind=monstro", 1),
        ("dataloggers/?kind=adaq", 0),
        ("mqtt/connection-status/?search=BROKER.ex", 1),
        ("mqtt/connection-status/?search=nowhere", 0),
        ("mqtt/connection-status/?site=0", 0),
        ("dataloggers/?gateway={gateway}", 1),
        ("sensors/?site={site}", 1),
        ("sensors/?datalogger=0", 0),
        ("sites/?search=SITE_0", 1),
        ("sites/?is_active=false", 0),
        ("connections/?search=broker", 1),
        ("connections/?use_tls=false", 0),
        ("topics/?is_active=true", 1),
        ("discovered-topics/?is_processable=true", 0),
        ("discovered-topics/?search=gateway/1", 1),
        ("connection-logs/?level=ERROR", 0),
        ("connection-logs/?search=connack", 1),
        ("parsing-logs/?error_type=not_json", 1),
        ("parsing-logs/?to=2020-01-01T00:00:00", 0),
        ("readings/?sensor={sensor}&quality=bad", 0),
    ],
)
def test_a_filter_keeps_what_it_names(client, field, query, found):
    ids = {name: row.pk for name, row in vars(field).items()}
    assert len(client.get(f"/api/v1/{query.format(**ids)}").json()["items"]) == found


def test_a_filter_finds_text_and_not_patterns(client, field):
    Gateway.objects.create(site=field.site, serial="50%_done")
    for text, found in (("%25", 1), ("_", 2), ("%25_", 1), (".*", 0), ("50%25_D", 1)):
        assert client.get(f"/api/v1/gateways/?search={text}").json()["count"] == found


def test_readings_come_newest_first_and_each_once_however_they_are_cut(client, field):
    path = f"/api/v1/readings/?sensor={field.sensor.pk}"
    items = walk(client, f"{path}&limit=3")
    assert [item["values"][0] for item in items] == list(range(1, 11))
    assert len(client.get(path).json()["items"]) == 10
    Reading.objects.bulk_create([rows.reading(field.sensor, timezone.now() - timedelta(hours=24, seconds=20), 0, 0, 0)])
    assert len(walk(client, f"{path}&limit=3")) == 10  # without `from`, the last 24 hours, to the end
    assert len(walk(client, f"{path}&limit=3&from=2020-01-01T00:00:00Z")) == 11


def test_a_log_can_be_read_to_its_beginning_though_many_lines_share_a_moment(client, field):
    now = timezone.now()
    lines = [MqttConnectionLog(connection=field.connection, timestamp=now, message=f"{n}") for n in range(250)]
    MqttConnectionLog.objects.bulk_create(lines)
    items = walk(client, "/api/v1/connection-logs/?limit=100")
    assert len({item["id"] for item in items}) == len(items) == 251
    assert items[0]["message"] == "249"


def test_a_failures_payload_comes_byte_for_byte(client, field):
    detail = client.get(f"/api/v1/parsing-logs/{field.failure.pk}/").json()
    assert detail["payload"] == "/wA8c2NyaXB0Pg=="
    assert "payload" not in client.get("/api/v1/parsing-logs/").json()["items"][0]


def test_lists_cost_the_same_number_of_queries_however_long_they_are(client, field, django_assert_max_num_queries):
    more = [MqttConnectionLog(connection=field.connection, message="x") for _ in range(50)]
    MqttConnectionLog.objects.bulk_create(more)
    MqttParsingLog.objects.bulk_create(
        [MqttParsingLog(site=field.site, topic="t", received_at=timezone.now(), payload=b"") for _ in range(50)]
    )
    for number in range(20):
        rows.furnished(f"more_{number}")
    for path in (
        "sites", "gateways", "dataloggers", "sensors", "connections", "topics", "discovered-topics", "connection-logs",
        "parsing-logs", "mqtt/connection-status", "mqtt/ledger",
    ):  # fmt: skip
        with django_assert_max_num_queries(7):  # session, user, count, rows; and reconcile, listener, last seen
            assert client.get(f"/api/v1/{path}/").status_code == 200
