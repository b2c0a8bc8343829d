"""ESPHome: {node}/{component}/{object id}/state, one plain value each; units stand in its announcements only."""

import re

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from sites.reports import Report

_TOPIC = re.compile(
    r"^(?P<node>.+)/(?P<kind>sensor|binary_sensor|text_sensor|switch|light|fan|cover|climate|number|select|text|button|lock"
    r"|event|valve|date|time|datetime|alarm_control_panel|media_player|update|water_heater)"
    r"/(?P<object>[^/]+)/(?:(?P<part>[^/]+(?:/[^/]+)?)/)?(?:state|command)$"
)

_WORDS = {"text_sensor", "text", "select", "event", "date", "time", "datetime"}


class EspHome(Family):
    """A value that is nan or empty says nothing; the node is there all the same."""

    name = "esphome"
    topics = _TOPIC
    patterns = ("esphome/discover/+",)

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["node"] if found else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if envelope.topic.startswith("esphome/discover/"):
            return _discovered(envelope, context)
        found = _TOPIC.match(envelope.topic)
        if not found or envelope.topic.endswith("/command"):
            raise Ignored("a command")
        draft = Draft(found["node"], envelope, context, "esphome")
        name = "/".join(filter(None, (found["object"], found["part"])))
        if texts.looks_like_json(envelope.payload):
            draft.tree(texts.document(envelope), place=(name,))
            return one(draft)
        text = texts.word(envelope)
        value = None if found["kind"] in _WORDS else texts.number(text)
        if value is not None:
            draft.add(name, value, path="")
        elif text and text.lower() not in ("nan", "-nan", "inf", "-inf", "none"):
            draft.words[name] = text[:1_000]
        return one(draft)


def _discovered(envelope: Envelope, context: Context) -> Report:
    """What a node says of itself, retained; it is called as its topics begin."""
    draft = Draft(envelope.topic.rpartition("/")[2], envelope, context, "esphome")
    if envelope.payload:
        draft.words |= {key: str(value)[:128] for key, value in texts.objects(envelope).items()}
    return one(draft, alive=False)
