"""At the edges of what a parser's filters match, levels missing, doubled or empty: a fate for all, nothing raised."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mqtt_app.judging.verdicts import Route, Rule, judge
from mqtt_app.messages import Message
from mqtt_app.parsers import registry
from tests.fieldwork import SITE

PAYLOADS = [
    b"", b"1", b"-", b"on", b"NaN", b"true", b"null", b"{}", b"[]", b"[1,2]", b'"x"', b'{"":""}', b'{"a":1}',
    b'[{"a":1}]', b'{"a":{"b":[1,{"c":null}]}}', b'{"id":null,"src":1,"params":3,"method":[]}', b"1,2,3", b"a=1",
    b"<a/>", b"\xff\x00",
]  # fmt: skip


def edges(pattern: str) -> set[str]:
    """Topics that the filter matches, from the shortest on, and some that it nearly does."""
    base = pattern.replace("+", "x")
    if not base.endswith("#"):
        return {base, pattern.replace("+", ""), base.rsplit("/", 1)[0]}
    base = base[:-1].removesuffix("/")
    return {base + end for end in ("", "/", "//", "/x", "/ /x", "/x/y", "/x/1", "/x/set", "/x/y/z/w")}


FOREIGN = {"x", "a/b", "a/b/c", "a/b/c/d/e", "/x", "a//b/", SITE.site_slug, f"{SITE.site_slug}/x"}
"""What somebody may give to any parser, by naming it in a rule."""


@pytest.mark.parametrize("parser", registry.names())
def test_no_parser_raises_at_the_edges_of_its_filters(parser: str) -> None:
    found = registry.get(parser)
    assert found is not None
    for topic in sorted(FOREIGN.union(*(edges(pattern) for pattern in found.patterns)) - {""}):
        for payload in PAYLOADS:
            for rule in ("", parser):
                route = Route(1, 1, SITE, [Rule("#", is_active=True, parser=rule)])
                verdict = judge(Message(0, 1, 1, 1, False, False, topic.encode(), payload, 1_772_439_331.0), route)
                assert verdict.reason != "parser_raised", (topic, payload, verdict.trace)


ROUTE = Route(1, 1, SITE, [Rule("#", is_active=True, parser="")])
LONG = "k" * 200
SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())


def renamed(value: Any) -> Iterator[Any]:
    """The value with each of its names, one after the other, as long as no name of ours may be."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {LONG if other == name else other: one for other, one in value.items()}
            yield from ({**value, name: one} for one in renamed(inner))
    elif isinstance(value, list) and value:
        yield from ([one, *value[1:]] for one in renamed(value[0]))


@pytest.mark.parametrize("family", SAMPLES, ids=lambda path: path.name)
def test_no_parser_raises_when_a_name_is_too_long(family: Path) -> None:
    for path in family.glob("*.json"):
        content = json.loads(path.read_text())
        for one in content if isinstance(content, list) else [content]:
            for payload in renamed(one.get("payload")):
                topic, raw = str(one["topic"]).encode(), json.dumps(payload).encode()
                verdict = judge(Message(0, 1, 1, 1, False, False, topic, raw, 1_772_439_331.0), ROUTE)
                assert verdict.reason != "parser_raised", (path.name, payload, verdict.trace)
