"""Filters match, overlap and are joined as MQTT 4.7 says."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from mqtt_app.topics import cover, join, matches, overlap, validate_filter

levels = st.sampled_from(["a", "b", "c"])
topics = st.lists(levels, min_size=1, max_size=4).map("/".join)
filters = st.tuples(st.lists(st.sampled_from(["a", "b", "c", "+"]), min_size=1, max_size=4), st.booleans()).map(
    lambda parts: "/".join([*parts[0], "#"] if parts[1] else parts[0])
)


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("+/b", "/b", True),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("a", "A", False),
    ],
)
def test_a_filter_matches_the_topics_that_mqtt_says_it_does(pattern: str, topic: str, expected: bool) -> None:
    assert matches(pattern, topic) is expected


@pytest.mark.parametrize("pattern", ["", "a/#/b", "a#", "a+/b", "$share/group/a", "a\0b"])
def test_a_filter_that_no_broker_would_take_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        validate_filter(pattern)


@given(filters, filters, topics)
def test_two_filters_overlap_when_one_topic_belongs_to_both(one: str, other: str, topic: str) -> None:
    if matches(one, topic) and matches(other, topic):
        assert overlap(one, other)


@given(filters, filters, topics)
def test_joined_filters_hold_all_topics_of_both(one: str, other: str, topic: str) -> None:
    if matches(one, topic) or matches(other, topic):
        assert matches(join(one, other), topic)


@given(st.dictionaries(filters, st.sampled_from([0, 1]), max_size=6), topics)
def test_a_cover_brings_every_topic_once_and_at_the_wanted_quality(wanted: dict[str, int], topic: str) -> None:
    covered = cover(wanted)
    asked = [qos for pattern, qos in wanted.items() if matches(pattern, topic)]
    bringing = [qos for pattern, qos in covered.items() if matches(pattern, topic)]
    assert len(bringing) <= 1
    if asked:
        assert bringing[0] >= max(asked)


def test_filters_that_do_not_overlap_stay_as_they_are() -> None:
    wanted = {"site_001/gateway/+/status": 1, "site_002/#": 0}
    assert cover(wanted) == wanted
