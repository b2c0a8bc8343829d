"""ebusd: ebusd/{circuit}/{message}[/{field}], its fields apart by semicolons, or as JSON; a circuit is a device.

`45.50;ok` is a value and the state of its sensor, `{"temp": {"value": 45.50}}` the same by name.
`global` is ebusd itself. `…/get`, `…/set` and `…/list` are requests.
"""

import re
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report

_TOPIC = re.compile(r"^ebusd/(?P<circuit>[^/]+)/(?P<name>.+)$")
_FIELDS = 64


class Ebusd(Family):
    """A field without a name is told apart by its place, where there are several numbers."""

    name = "ebusd"
    patterns = ("ebusd/+/+/#",)

    def sender(self, topic: str) -> str | None:
        found = _TOPIC.match(topic)
        return found["circuit"] if found and found["circuit"] != "global" else "ebusd"

    def parse(self, envelope: Envelope, context: Context) -> Report:
        found = _TOPIC.match(envelope.topic)
        if not found or not envelope.payload or found["name"].rpartition("/")[2] in ("get", "set", "list"):
            raise Ignored("a request, or nothing is said")
        is_json = texts.looks_like_json(envelope.payload)
        fields = _named(texts.objects(envelope)) if is_json else _apart(texts.word(envelope))
        draft = Draft(self.sender(envelope.topic) or "ebusd", envelope, context, "ebusd")
        if found["circuit"] == "global" and found["name"] == "running":
            return one(draft, declared(str(fields.get("", "")), flags=True))
        for name, value in list(fields.items())[:_FIELDS]:
            sensor = "/".join(filter(None, (found["name"], name)))
            draft.add(sensor, value, of_quantity(name or found["name"]), path=f"{name}.value" if is_json else "")
        return one(draft)


def _apart(text: str) -> dict[str, Any]:
    """The fields of a plain message by their places; a single number keeps the message's name."""
    fields = text.split(";")
    numbers = [texts.number(field) for field in fields]
    is_single = len([number for number in numbers if number is not None]) == 1 and numbers[0] is not None
    names = ["" if (is_single and place == 0) or len(fields) == 1 else str(place) for place in range(len(fields))]
    return {
        name: field.strip() if number is None else number
        for name, field, number in zip(names, fields, numbers, strict=True)
        if field.strip() not in ("", "-")
    }


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a JSON message: an object with a value, perhaps with a name of its own, or the value itself."""
    abouts = [(key, said if isinstance(said, dict) else {"value": said}) for key, said in document.items()]
    return {str(about.get("name") or key): about.get("value") for key, about in abouts}
