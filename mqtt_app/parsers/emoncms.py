"""emonHub: emon/{node}/{key}, a plain value each or JSON; and the older emonhub/rx/{node}/values, numbers in a row."""

import re

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, ParseError, Reason
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report


class Emoncms(Family):
    """A row of numbers has no names: its sensors are numbered from 1."""

    name = "emoncms"
    patterns = ("emon/+", "emon/+/#", "emonhub/rx/+/+", "emonhub/tx/#")

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        place = 2 if topic.startswith("emonhub/") else 1
        return levels[place] if len(levels) > place else None

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if envelope.topic.startswith("emonhub/tx"):
            raise Ignored("a command")
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "emoncms")
        name = "/".join(envelope.topic.split("/")[3 if envelope.topic.startswith("emonhub/") else 2 :])
        if texts.looks_like_json(envelope.payload):
            document = texts.document(envelope)
            if isinstance(document, dict):
                draft.time = moment(document.pop("time", None), context.timezone)
            draft.tree(document, lambda path: _unit(path[-1]), _is_a_node_number, (name,) if name else ())
            return one(draft)
        text = texts.word(envelope)
        if envelope.topic.startswith("emonhub/") and name == "values":
            _row(draft, text)
        elif text:
            value = texts.number(text)
            is_word = value is None or not measures(name, value) or name == "time"
            draft.add(name or "value", text[:1_000] if is_word else value, _unit(name), path="")
        return one(draft)


def _is_a_node_number(path: Path) -> bool:
    return path[-1].lower() in ("node", "nodeid")


def _row(draft: Draft, text: str) -> None:
    numbers = [texts.number(part) for part in text.split(",")]
    if None in numbers:
        raise ParseError(Reason.UNKNOWN_FORM, "a row of numbers with commas between them is needed")
    for index, value in enumerate(numbers, 1):
        draft.add(str(index), value)


def _unit(name: str) -> str:
    """P1, E1 and Vrms are how the firmware of emonTx and emonPi calls power, energy and voltage."""
    numbered = re.fullmatch(r"([PE])\d+", name.rpartition("/")[2])
    return {"P": "W", "E": "Wh"}[numbered[1]] if numbered else of_quantity(name)
