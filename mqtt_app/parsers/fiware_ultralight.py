"""FIWARE Ultralight 2.0: /ul/{key}/{device}/attrs holds a|1|b|2, groups apart by #, perhaps a time before each."""

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, ParseError, Reason
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_name
from sites.reports import Report

MOST_GROUPS = 1_000


class FiwareUltralight(Family):
    """A value that is no number, such as 1.2/3.4, is a word. A single attribute may have a topic of its own."""

    name = "fiware_ultralight"
    patterns = (
        *(
            f"{root}/+/+/{rest}"
            for root in ("/ul", "ul", "/json", "json")
            for rest in ("attrs", "attrs/+", "cmd", "cmdexe")
        ),
        "/+/+/attrs",
        "/+/+/attrs/+",
    )

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        at = levels.index("attrs") if "attrs" in levels else len(levels) - 1
        return levels[at - 1]

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if "/attrs" not in envelope.topic:
            raise Ignored("a command, or the answer to one")
        if not envelope.payload:
            raise Ignored("nothing is said")
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "fiware")
        attribute = envelope.topic.partition("/attrs")[2].strip("/")
        if texts.looks_like_json(envelope.payload):
            document = texts.document(envelope)
            said = document.pop("TimeInstant", None) if isinstance(document, dict) else None
            draft.time = moment(said, context.timezone)
            draft.tree(document, place=(attribute,) if attribute else (), spelt=True)
            return one(draft)
        text = texts.word(envelope)
        if attribute:
            _add(draft, attribute, text)
            return one(draft)
        for group in text.split("#")[:MOST_GROUPS]:
            _group(draft, group.split("|"), context)
        return one(draft)


def _group(draft: Draft, parts: list[str], context: Context) -> None:
    draft.time = moment(parts[0], context.timezone) if len(parts) % 2 else None
    if len(parts) % 2 and draft.time is None:
        raise ParseError(Reason.UNKNOWN_FORM, "names and values in turn are needed, with | between them")
    pairs = parts[len(parts) % 2 :]
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        _add(draft, name.strip(), value)


def _add(draft: Draft, name: str, text: str) -> None:
    value = texts.number(text)
    draft.add(name, text[:1_000] if value is None else value, of_name(name), path="")
