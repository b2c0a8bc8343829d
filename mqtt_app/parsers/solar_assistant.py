"""SolarAssistant: solar_assistant/{unit}/{field}/state, one plain value each."""

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored, Unrecognised
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.names import declared
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report

_UNITS = {"state_of_charge": "%", "capacity": "Ah", "charge_cycles": "", "capacity_percentage": "%",
          "state_of_health": "%", "charge_capacity": "Ah"}  # fmt: skip


class SolarAssistant(Family):
    """A negative battery power is one of discharge, as it is sent."""

    name = "solar_assistant"
    patterns = ("solar_assistant/#",)

    def sender(self, topic: str) -> str | None:
        return "/".join(topic.split("/")[:2])

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")
        if len(levels) == 1:  # solar_assistant/# holds solar_assistant, too [MQTT-4.7.1-2]
            raise Unrecognised
        if not envelope.payload or levels[-1] in ("set", "command") or levels[1] == "set":
            raise Ignored("nothing is said, or it is a command")
        draft = Draft("/".join(levels[:2]), envelope, context, "solar_assistant")
        field = "/".join(levels[2:]).removesuffix("/state") or "state"
        text = texts.word(envelope)
        if field in ("state", "status", "availability") and (said := declared(text)):
            return one(draft, said)
        value = texts.number(text)
        unit = _UNITS.get(field) if field in _UNITS else of_quantity(field, energy="kWh")
        is_word = value is None or not measures(field, value)
        draft.add(field, text[:1_000] if is_word else value, unit or "", path="")
        return one(draft)
