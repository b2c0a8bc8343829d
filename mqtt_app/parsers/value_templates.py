"""The common part of Jinja in which Home Assistant's announcements say how a value stands in a message.

A template comes from a device. It is read by a small interpreter of our own, which knows no loops, no attributes of
Python objects and no functions but the listed ones; length, depth, numbers and texts are bounded, and whatever else
stands in it is refused by name. The meanings are those of Jinja's template designer documentation and of Home
Assistant's templating documentation, but for defaults: they are no measurements.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mqtt_app.parsers.template_expressions import DEEPEST, VALUES, Expression, Node, Scope, Unreadable, constant
from mqtt_app.parsers.template_values import UNDEFINED, Missing, Unfit, joined

LONGEST = 4_096  # characters of a template

_PARTS = re.compile(r"(\{\{-?.*?-?\}\}|\{%-?.*?-?%\}|\{#.*?#\})", re.DOTALL)


def evaluated(template: str, value: str, document: Any) -> Any:
    """What `template` makes of a message; None where it finds nothing there. Raises Unreadable, Unfit."""
    try:
        found = compiled(template)({"value": value, "value_json": document})
    except Missing:
        return None
    except (TypeError, ValueError, OverflowError) as error:
        raise Unfit("a filter with a value, or with words, that it does not take") from error
    return None if found is UNDEFINED else found


@lru_cache(maxsize=2_048)
def compiled(template: str) -> Node:
    """The template as a function of {"value": text, "value_json": document}. Raises Unreadable.

    The function returns the value of a lone {{ … }} as it is, else a text. It raises Unfit where the message does not
    hold what the template needs, and returns UNDEFINED where it holds nothing there.
    """
    if len(template) > LONGEST:
        raise Unreadable(f"longer than {LONGEST} characters")
    parts = [part for part in _PARTS.split(template.strip()) if part and not part.startswith("{#")]
    body, rest = _block(parts, 0, set())
    if rest < len(parts):
        raise Unreadable(f"{parts[rest]} without its beginning")
    return body


def _block(parts: Sequence[str], at: int, names: set[str], depth: int = 0) -> tuple[Node, int]:
    """Parts up to the end, or to an elif, else or endif."""
    found: list[Node] = []
    shown = 0
    while at < len(parts):
        part, at = parts[at], at + 1
        if ("{{" in part or "{%" in part) and not part.endswith(("}}", "%}")):
            raise Unreadable("an unfinished expression")
        if part.startswith("{{"):
            found.append(Expression(part[2:-2].strip("-"), names).whole())
            shown += 1
        elif not part.startswith("{%"):
            if part.strip():
                found.append(constant(part))
                shown += 1
        else:
            words = part[2:-2].strip("- \t\r\n")
            verb, _, rest = words.partition(" ")
            if verb in ("elif", "else", "endif"):
                return _shown(found, shown), at - 1
            if verb == "set":
                found.append(_assigned(rest, names))
            elif verb == "if" and depth < DEEPEST:
                node, at = _condition(rest, parts, at, names, depth + 1)
                found.append(node)
                shown += 1
            else:
                raise Unreadable(f"“{verb}”")
    return _shown(found, shown), at


def _condition(test: str, parts: Sequence[str], at: int, names: set[str], depth: int) -> tuple[Node, int]:
    asked = Expression(test, names).whole()
    then, at = _block(parts, at, names, depth)
    otherwise: Node = constant(UNDEFINED)
    word, _, rest = parts[at][2:-2].strip("- \t\r\n").partition(" ") if at < len(parts) else ("", "", "")
    if word == "elif" and depth < DEEPEST:
        otherwise, at = _condition(rest, parts, at + 1, names, depth + 1)
    else:
        if word == "else":
            otherwise, at = _block(parts, at + 1, names, depth)
        if at >= len(parts) or parts[at][2:-2].strip("- \t\r\n") != "endif":
            raise Unreadable("an “if” without its “endif”")
        at += 1
    return lambda scope: then(scope) if asked(scope) else otherwise(scope), at


def _assigned(words: str, names: set[str]) -> Node:
    name, sign, expression = words.partition("=")
    if not sign or not name.strip().isidentifier() or name.strip() in VALUES:
        raise Unreadable("a “set” that is no name = expression")
    node = Expression(expression, names).whole()
    names.add(name.strip())

    def assign(scope: Scope) -> Any:
        scope[name.strip()] = node(scope)
        return UNDEFINED

    return assign


def _shown(found: Sequence[Node], shown: int) -> Node:
    """What a block says: its only part as it is, else all parts as one text."""

    def say(scope: Scope) -> Any:
        said = [value for node in found if (value := node(scope)) is not UNDEFINED]
        if shown <= 1 or len(said) < 2:
            return said[-1] if said else UNDEFINED
        return joined(said)

    return say
