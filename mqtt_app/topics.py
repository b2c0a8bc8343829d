"""MQTT topic filters as values: which topics they match, which of them overlap, and a cover without overlap.

Rules: MQTT 3.1.1 and 5, section 4.7. A topic that begins with $ is matched by no filter that begins with a wildcard.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.core.exceptions import ValidationError


def validate_filter(pattern: str) -> None:
    """Raises ValidationError unless `pattern` may be subscribed to."""
    levels = pattern.split("/")
    if not pattern or "\0" in pattern:
        raise ValidationError("A topic filter is at least one character and holds no NUL.")
    if pattern.startswith("$share/"):
        raise ValidationError(
            "Shared subscriptions are not used: a dead member's backlog would be lost with its session."
        )
    if any(("#" in level and level != "#") or ("+" in level and level != "+") for level in levels):
        raise ValidationError("+ and # stand alone between slashes: site/+/status, site/#.")
    if "#" in levels[:-1]:
        raise ValidationError("# may only be the last level.")


def is_filter(pattern: str) -> bool:
    try:
        validate_filter(pattern)
    except ValidationError:
        return False
    return True


def matches(pattern: str, topic: str) -> bool:
    """Whether a message on `topic` belongs to the filter `pattern`."""
    if topic.startswith("$") and pattern[:1] in "+#":
        return False
    wanted, found = pattern.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(found) or level not in ("+", found[index]):
            return False
    return len(wanted) == len(found)


def regular_expression(pattern: str) -> str:
    """The filter `pattern` as a regular expression that PostgreSQL and Python read alike: the same topics match."""
    levels = pattern.split("/")
    ends_open = levels[-1] == "#"
    parts = ["[^/]*" if level == "+" else re.escape(level) for level in (levels[:-1] if ends_open else levels)]
    start = r"(?!\$)" if pattern[:1] in "+#" else ""
    if ends_open and not parts:
        return f"^{start}"
    return f"^{start}{'/'.join(parts)}{'(/.*)?' if ends_open else ''}$"


def overlap(one: str, other: str) -> bool:
    """Whether some topic belongs to both filters."""
    if (one[:1] == "$") != (other[:1] == "$"):
        return False
    return _overlap(one.split("/"), other.split("/"))


def _overlap(one: list[str], other: list[str]) -> bool:
    for a, b in zip(one, other, strict=False):
        if "#" in (a, b):
            return True
        if a != b and "+" not in (a, b):
            return False
    longer = max(one, other, key=len)[min(len(one), len(other)) :]
    return longer in ([], ["#"])  # a/# also matches a


def join(one: str, other: str) -> str:
    """The narrowest filter that holds all topics of both."""
    joined: list[str] = []
    a, b = one.split("/"), other.split("/")
    for x, y in zip(a, b, strict=False):
        if "#" in (x, y):
            return "/".join([*joined, "#"])
        joined.append(x if x == y else "+")
    return "/".join(joined if len(a) == len(b) else [*joined, "#"])


def cover(filters: Mapping[str, int] | Iterable[tuple[str, int]]) -> dict[str, int]:
    """Filters without overlap that hold every given one, each with the highest QoS (0 or 1) it stands for.

    Brokers may deliver a message once per overlapping subscription [MQTT-3.3.5-1], so overlapping ones are joined;
    what the joined filter brings too much is ignored by the gate.
    """
    result: dict[str, int] = {}
    waiting = sorted(dict(filters).items())
    while waiting:
        pattern, qos = waiting.pop()
        clash = next((other for other in result if overlap(pattern, other)), None)
        if clash is None:
            result[pattern] = min(qos, 1)
        else:
            waiting.append((join(pattern, clash), max(qos, result.pop(clash))))
    return result


MOST_OPEN_LEVELS = 3  # of a template; each more would multiply the ways in which a topic may fit
_PLACE = re.compile(r"\{(device|sensor|unit|_)(\+?)\}")


@lru_cache(maxsize=1_024)
def template(text: str) -> re.Pattern[str]:
    """A topic template as a regular expression with the groups device, sensor and unit, as far as it names them.

    Levels are literal, {device}, {sensor}, {unit}, {_} for any one; {device+}, {sensor+} and {_+} take one or more.
    Raises ValidationError.
    """
    levels = []
    if text.count("+}") > MOST_OPEN_LEVELS:
        raise ValidationError(f"At most {MOST_OPEN_LEVELS} levels of a template may take several.")
    for level in text.split("/"):
        place = _PLACE.fullmatch(level)
        if place is None and ("{" in level or "}" in level or "+" in level or "#" in level):
            raise ValidationError(
                "A level is a word, {device}, {sensor}, {unit} or {_}; with + inside it takes several."
            )
        found = (r"[^/]+(?:/[^/]+)*?" if place[2] else "[^/]+") if place else re.escape(level)
        levels.append(f"(?P<{place[1]}>{found})" if place and place[1] != "_" else found)
    try:
        return re.compile(f"^{'/'.join(levels)}$")
    except re.error as error:
        raise ValidationError("Each of {device}, {sensor} and {unit} may stand once in a template.") from error


def validate_template(text: str) -> None:
    """Raises ValidationError unless `text` can tell a topic's device from its sensor."""
    if "device" not in template(text).groupindex:
        raise ValidationError("A template names the {device}.")
