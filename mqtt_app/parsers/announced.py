"""Topics that Home Assistant discovery announced, read as their announcements say."""

from collections.abc import Mapping
from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Reason
from mqtt_app.parsers.documents import bounded
from mqtt_app.parsers.draft import Draft, leaves
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.template_values import Unfit
from mqtt_app.parsers.units import of_quantity
from mqtt_app.parsers.value_templates import Unreadable, evaluated
from sites.reports import Availability, Problem, Report

Said = Mapping[str, Any]


def state(envelope: Envelope, context: Context, content: Any) -> Report | None:
    """What a message on an announced topic says, of each device that announced it; None where nobody did.

    content: the text, or the JSON document, that the message holds.
    """
    drafts: dict[str, Draft] = {}
    presence: dict[str, Availability] = {}
    for said in (said for body in context.known.about(envelope.topic) for said in body.get("says", ())):
        draft = drafts.get(said["device"]) or Draft(said["device"], envelope, context, "announced")
        drafts[said["device"]] = draft
        try:
            value = _value(envelope, content, said)
        except (Unfit, Unreadable) as error:
            draft.refuse(said.get("sensor", "availability"), f"{Reason.SCHEMA}: {error}")
            continue
        if said["is"] == "attributes":
            _keep(draft, value)
        elif said["is"] == "availability":
            word = _word(value, said)
            presence |= {draft.serial: word} if word else {}
        else:
            _measure(draft, said, value)
    if not drafts:
        return None
    problems: list[Problem] = [problem for draft in drafts.values() for problem in draft.problems]
    reports = tuple(draft.report(presence.get(draft.serial)) for draft in drafts.values())
    return Report(dataloggers=reports, problems=bounded(problems))


def only(envelope: Envelope, context: Context) -> str | None:
    """The one device that announced values of this topic, all of them as they stand: what else stands there is its."""
    says = [said for body in context.known.about(envelope.topic) for said in body.get("says", ())]
    devices = {said["device"] for said in says}
    plain = all(
        said["is"] == "attributes" or (said["is"] == "state" and said["steps"] and said["scale"] == 1) for said in says
    )
    return devices.pop() if len(devices) == 1 and plain else None


def _value(envelope: Envelope, content: Any, said: Said) -> Any:
    """What stands at the announced place, or what the announced template makes of the message."""
    template = said.get("template")
    if not template:
        return _within(content, said["steps"])
    text = texts.word(envelope)
    return evaluated(template, text, texts.loose(text) if isinstance(content, str) else content)


def _keep(draft: Draft, attributes: Any) -> None:
    for path, value in draft.bounded(leaves(attributes if isinstance(attributes, dict) else {})):
        if measures(path[-1], value):
            draft.add(".".join(path), value, of_quantity(path[-1]))


def _within(content: Any, steps: list[str] | None) -> Any:
    """What stands at the end of these steps; the whole content without any, nothing where the template is no path."""
    if steps is None:
        return None
    for step in steps:
        if isinstance(content, list) and step.isdigit() and int(step) < len(content):
            content = content[int(step)]
        elif isinstance(content, dict):
            content = content.get(step)
        else:
            return None
    return content


def _word(value: Any, said: Said) -> Availability | None:
    text = value
    if isinstance(value, int | float):
        text = str(value).lower() if isinstance(value, bool) else f"{value:g}"
    if text == said["on"]:
        return Availability.ONLINE
    return Availability.OFFLINE if text == said["off"] else None


def _measure(draft: Draft, said: Said, value: Any) -> None:
    if isinstance(value, str) and (number := texts.number(value)) is not None:
        value = number
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = value * said["scale"]
    elif isinstance(value, dict | list):
        return
    draft.add(said["sensor"], value, said["unit"])
