"""Templates are learned from paths: what only counts or names a thing is left open, what names a quantity is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt_app import topic_templates
from mqtt_app.topics import matches


def learned(*paths: str) -> list[str]:
    return sorted(set(topic_templates.learn(paths, "dam").values()))


@pytest.mark.parametrize(
    ("level", "shape"),
    [
        ("1", "{n}"),
        ("MNA00542", "MNA{n}"),
        ("gateway_12", "gateway_{n}"),
        ("a8032abe54dc", "{id}"),
        ("shelly-a8032abe54dc", "shelly-{id}"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "{id}"),
        ("AA:BB:CC:DD:EE:FF", "{id}"),
        ("status", "status"),
        ("facade", "facade"),
        ("plus1pm", "plus1pm"),
    ],
)
def test_numbers_and_identifiers_are_open_and_words_are_not(level, shape):
    assert topic_templates.shape(level) == shape


def test_gateways_that_are_counted_share_a_template_and_their_quantities_do_not():
    paths = [f"dam/gateway/{n}/{leaf}" for n in range(3) for leaf in ("status", "heartbeat")]
    assert learned(*paths) == ["{site}/gateway/{n}/heartbeat", "{site}/gateway/{n}/status"]


def test_things_with_the_same_topics_below_them_are_of_one_kind_whatever_their_names():
    paths = [f"tele/{name}/{leaf}" for name in ("attic", "cellar", "hall", "shed") for leaf in ("STATE", "SENSOR")]
    assert learned(*paths, "tele/attic") == ["tele/{name}", "tele/{name}/SENSOR", "tele/{name}/STATE"]
    assert learned("a/x/STATE", "a/y/STATE", "a/z/STATE") == ["a/x/STATE", "a/y/STATE", "a/z/STATE"]


def test_a_number_at_the_end_of_a_word_is_open_only_where_others_differ_in_it():
    assert learned("dam/ch1", "dam/co2") == ["{site}/ch1", "{site}/co2"]
    assert learned("dam/ch1", "dam/ch2") == ["{site}/ch{n}"]


def test_many_quantities_of_one_device_stay_apart():
    paths = [f"N/aabbcc112233/battery/{n}/Dc/0/{leaf}" for n in (0, 1) for leaf in ("Voltage", "Current", "Power")]
    assert len(learned(*paths)) == 3


def test_two_open_places_have_two_names():
    assert learned("dam/1/2", "dam/1/3") == ["{site}/{n}/{n2}"]


def test_ten_thousand_gateways_are_one_template():
    assert learned(*(f"dam/gateway/{n}/status" for n in range(10_000))) == ["{site}/gateway/{n}/status"]


def test_a_template_as_a_filter_and_as_a_pattern():
    assert topic_templates.as_filter("{site}/gw_{n}/x", "dam") == "dam/+/x"
    assert topic_templates.as_filter("{site}/gw_{n}/x") == "+/+/x"
    found = topic_templates.pattern("{site}/gw_{n}/x").fullmatch("dam/gw_7/x")
    assert found
    assert found.groupdict() == {"site": "dam", "n": "7"}
    for wrong in ("{a}/{a}", "{a}{b}"):
        with pytest.raises(ValueError):
            topic_templates.pattern(wrong)


words = st.lists(st.text("abf019-_", min_size=0, max_size=6), min_size=1, max_size=5).map("/".join)


@given(st.sets(words, min_size=1, max_size=30))
def test_every_topic_belongs_to_the_filter_of_its_template(paths):
    for path, template in topic_templates.learn(paths, "dam").items():
        assert matches(topic_templates.as_filter(template, "dam"), path)
