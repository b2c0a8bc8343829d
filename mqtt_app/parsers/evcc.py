"""evcc: evcc/site/{field}, evcc/loadpoints/{n}/{field}, evcc/vehicles/{name}/{field}; all retained."""

import re

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.names import declared
from sites.reports import Report

_ENDINGS = (
    (re.compile(r"[Pp]owers?$"), "W"),
    (re.compile(r"(?:So[cC]|[sS]oc|[pP]ercentage)$"), "%"),
    (re.compile(r"[cC]urrents?$"), "A"),
    (re.compile(r"[vV]oltages?$"), "V"),
    (re.compile(r"(?:[rR]ange|[oO]dometer)$"), "km"),
    (re.compile(r"(?:charged|session|[rR]emaining)Energy$"), "Wh"),
    (re.compile(r"(?:[eE]nergy|[cC]apacity|Import|Export|(?<!Per)KWh)$"), "kWh"),
    (re.compile(r"(?:[dD]uration|[rR]emaining|Delay)$"), "s"),
)
_UNMEASURED = re.compile(r"(?:^|/)(?:updated|version|availableVersion|id|.*Time|interval)$")


class Evcc(Family):
    """An empty payload deletes what was retained: it says nothing."""

    name = "evcc"
    patterns = ("evcc/#",)

    def sender(self, topic: str) -> str | None:
        levels = topic.split("/")
        count = 3 if levels[1:2] in (["loadpoints"], ["vehicles"]) else 2
        return "/".join(levels[:count]) if len(levels) > count else levels[0]

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if not envelope.payload or envelope.topic.endswith("/set"):
            raise Ignored("nothing is said, or it is a command")
        serial = self.sender(envelope.topic) or "evcc"
        draft, field = Draft(serial, envelope, context, "evcc"), envelope.topic.removeprefix(serial).strip("/")
        if texts.looks_like_json(envelope.payload):
            draft.tree(texts.document(envelope), _unit, lambda path: bool(_UNMEASURED.search(path[-1])), (field,))
            return one(draft)
        text = texts.word(envelope)
        if field == "status":
            return one(draft, declared(text))
        value = texts.number(text)
        if value is None or _UNMEASURED.search(field):
            draft.words[field or "value"] = text[:1_000]
        else:
            draft.add(field or "value", value, _unit(tuple(field.split("/"))), path="")
        return one(draft)


def _unit(path: Path) -> str:
    """By the last level; a phase below it (l1, 1) has its parent's."""
    if path[-1].rpartition("/")[2] == "energy" and "forecast" in "/".join(path).split("/"):
        return "Wh"
    name = path[-2] if len(path) > 1 and re.fullmatch(r"l?\d", path[-1]) else path[-1]
    return next((unit for ending, unit in _ENDINGS if ending.search(name)), "")
