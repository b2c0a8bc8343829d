"""The topic tree, level by level, and topics found by an MQTT filter."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mqtt_app.models import DiscoveredTopic
from mqtt_app.topics import is_filter, matches, regular_expression
from sites.models import Site
from tests import rows

PATHS = ["a", "a/b", "a/b/c", "a/b/d", "a//e", "x.y/z", "$SYS/uptime", "a/B"]


@pytest.fixture
def site(db: None) -> Site:
    here, now = rows.site(), timezone.now()
    DiscoveredTopic.objects.bulk_create(
        DiscoveredTopic(
            site=here,
            topic_path=path,
            message_count=10**number,
            is_processable=path.startswith("a/b"),
            first_seen_at=now - timedelta(hours=1),
            last_seen_at=now - timedelta(seconds=number),
        )
        for number, path in enumerate(PATHS)
    )
    return here


@pytest.fixture
def client(site: Site) -> Client:
    return rows.browser(rows.person("ada", "viewer", site))


def level(client: Client, query: str = "") -> dict[str, dict]:
    answer = client.get(f"/api/v1/topic-tree/?{query}").json()
    return {node["path"]: node for node in answer["nodes"]}


def test_a_level_sums_up_all_that_is_below_it(client: Client) -> None:
    top = level(client)
    assert list(top) == ["$SYS", "a", "x.y"]
    assert (top["a"]["topics"], top["a"]["processable"], top["a"]["messages"]) == (6, 3, 10_011_111)
    assert top["a"]["topic_id"] == DiscoveredTopic.objects.get(topic_path="a").pk
    assert (top["x.y"]["topic_id"], top["x.y"]["has_children"]) == (None, True)


def test_every_topic_is_reached_by_following_the_levels(client: Client) -> None:
    found, waiting = set(), [""]
    while waiting:
        for path, node in level(client, f"prefix={waiting.pop()}").items():
            found |= {path} if node["topic_id"] else set()
            waiting += [f"{path}/"] if node["has_children"] else []
    assert found == set(PATHS)


def test_a_search_by_text_or_filter_keeps_the_branches_that_lead_there(client: Client) -> None:
    assert list(level(client, "search=Z")) == ["x.y"]
    assert list(level(client, "prefix=a/b/&search=a/%2B/c")) == ["a/b/c"]
    assert list(level(client, "search=%23")) == ["a", "x.y"]


@pytest.mark.parametrize("pattern", ["#", "+", "a/#", "a/+", "a/+/c", "+/b/#", "x.y/z", "$SYS/#", "a//e", "a/+/+", "q"])
def test_a_filter_finds_in_the_database_what_it_would_subscribe_to(client: Client, pattern: str) -> None:
    assert is_filter(pattern)
    answer = client.get("/api/v1/discovered-topics/", {"match": pattern}).json()
    assert {item["topic_path"] for item in answer["items"]} == {path for path in PATHS if matches(pattern, path)}
    assert answer["count"] == len(answer["items"])
    assert all(bool(re.search(regular_expression(pattern), path)) == matches(pattern, path) for path in PATHS)


def test_what_is_no_filter_is_refused(client: Client) -> None:
    answer = client.get("/api/v1/discovered-topics/", {"match": "a/#/b"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["match"])


def test_two_sites_with_the_same_topic_are_two_nodes(client: Client, site: Site) -> None:
    rows.furnished("other")
    root = rows.browser(rows.person("root", is_superuser=True))
    nodes = root.get("/api/v1/topic-tree/").json()["nodes"]
    assert len({node["site_id"] for node in nodes}) == 2
    assert {node["site_id"] for node in level(root, f"site={site.pk}").values()} == {site.pk}


@pytest.mark.parametrize(("words", "expected"), [("MNA001", {"a/b"}), ("100% \\ _", {"a/B"}), ("MNA%", set())])
def test_topics_that_speak_of_a_device_are_found_by_its_serial(client: Client, words: str, expected: set[str]) -> None:
    DiscoveredTopic.objects.filter(topic_path="a/b").update(sample_payload={"json": {"devices": [{"sn": "MNA001"}]}})
    DiscoveredTopic.objects.filter(topic_path="a/B").update(sample_payload={"text": "100% \\ _"})
    found = client.get("/api/v1/discovered-topics/", {"mentions": words}).json()["items"]
    assert {item["topic_path"] for item in found} == expected
