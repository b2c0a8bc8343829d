"""AI-on-the-edge: {device}/{number}/json, a meter's dial as it was read from its picture."""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.times import moment
from sites.reports import Report

_TOPIC = re.compile(r"^(?P<device>.+)/(?P<number>[^/]+)/json$")


class AiOnTheEdge(Family):
    """The value and its rate are taken; `raw` is what was seen before it was checked, `pre` the value before."""

    name = "ai_on_the_edge"
    patterns = ()
    topics = _TOPIC

    def fits(self, payload: bytes) -> bool:
        return texts.looks_like_json(payload) and all(mark in payload for mark in (b'"value"', b'"raw"', b'"error"'))

    def parse(self, envelope: Envelope, context: Context) -> Report:
        found, document = _TOPIC.match(envelope.topic), texts.objects(envelope)
        device, number = (found["device"], found["number"]) if found else (envelope.topic, "main")
        draft = Draft(device, envelope, context, "ai_on_the_edge")
        draft.time = moment(document.get("timestamp"), context.timezone)
        for name in ("value", "rate"):
            draft.add(f"{number}.{name}", _number(document.get(name)))
        said = document.get("error")
        return one(draft, error=said[:128] if isinstance(said, str) and said not in ("", "no error") else None)


def _number(value: Any) -> Any:
    return texts.number(value) if isinstance(value, str) else value
