"""Coverage-guided fuzz of topic matcher, gate and parsers: python -m tests.fuzz FOLDER -max_total_time=300

Needs atheris (requirements/fuzz.txt). FOLDER keeps what was found interesting; samples and corpus go into it first.
"""

import base64
import json
import os
import re
import sys
from itertools import chain
from pathlib import Path

import atheris  # type: ignore[import-not-found]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
with atheris.instrument_imports(include=["mqtt_app", "sites"]):
    import django

    django.setup()
    from mqtt_app import topics
    from mqtt_app.judging.verdicts import Route, Rule, judge, read_topic
    from mqtt_app.messages import Message
    from mqtt_app.parsers import registry
    from mqtt_app.parsers.base import ParseError
    from tests.fieldwork import SITE

    registry.way("site/topic")  # loads the parsers, so that they are watched, too

HERE = Path(__file__).parent
ROUTE = Route(1, 1, SITE, [Rule("#", is_active=True, parser="")])


def seeds() -> list[bytes]:
    """Topic and payload of every sample and every case of the corpus, each behind two filters."""
    found = []
    for path in chain((HERE / "samples").rglob("*.json"), (HERE / "corpus/mqtt").glob("*.json")):
        content = json.loads(path.read_text())
        for one in content if isinstance(content, list) else [content]:
            topic = base64.b64decode(one["topic_b64"]) if "topic_b64" in one else str(one.get("topic", "")).encode()
            payload = one.get("payload", "")
            raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
            if "payload_b64" in one:
                raw = base64.b64decode(one["payload_b64"])
            found.append(b"\0".join((b"+/gateway/#", b"dam_north/+/1/#", topic, raw[:4096])))
    return found


def try_one(data: bytes) -> None:
    """data: two filters, a topic and a payload, with a NUL between them."""
    one, other, topic, payload = [*data.split(b"\0", 3), b"", b"", b""][:4]
    match(one.decode(errors="replace"), other.decode(errors="replace"), topic)
    verdict = judge(Message(0, 1, 1, 1, False, False, topic, payload, 1_772_439_331.0), ROUTE)
    assert verdict.reason != "parser_raised", verdict.trace


def match(one: str, other: str, raw: bytes) -> None:
    """What the matcher, the regular expression and the cover say of a topic is the same."""
    if not (topics.is_filter(one) and topics.is_filter(other)):
        return
    assert topics.overlap(one, other) == topics.overlap(other, one)
    try:
        topic = read_topic(raw)
    except ParseError:
        return
    found = [topics.matches(pattern, topic) for pattern in (one, other)]
    assert found == [bool(re.search(topics.regular_expression(pattern), topic)) for pattern in (one, other)]
    assert topics.overlap(one, other) or not all(found)
    cover = topics.cover({one: 1, other: 0})
    assert not any(topics.overlap(a, b) for a in cover for b in cover if a != b)
    assert any(topics.matches(pattern, topic) for pattern in cover) or not any(found)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"seed-{number:05d}").write_bytes(seed)
    atheris.Setup([*sys.argv, f"-artifact_prefix={folder}/"], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
