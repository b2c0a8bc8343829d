"""Which of a message's further keys are kept beside a device: what fits, and what PostgreSQL and browsers can hold."""

import math
from collections.abc import Mapping
from datetime import datetime

from pydantic_core import PydanticCustomError

from mqtt_app.parsers.base import Reason
from mqtt_app.parsers.fields import identifier
from mqtt_app.parsers.refusals import show
from sites.reports import Problem

MAX_KEYS = 64  # of one message
MAX_ITEMS = 256  # values inside one key's list or object
MAX_DEPTH = 5  # levels of lists and objects
MAX_CHARACTERS = 1_000  # of one text
MAX_INTEGER = 2**63 - 1


class _Unfit(Exception):
    """A value that is not kept, and why."""


def told(**words: object) -> dict[str, object]:
    """The words that the message really says; times as ISO 8601."""
    return {
        key: word.isoformat() if isinstance(word, datetime) else word for key, word in words.items() if word is not None
    }


def keep(found: Mapping[str, object] | None, *place: str) -> tuple[dict[str, object], list[Problem]]:
    """The entries of `found` that can be kept, and a problem for each other one. `place`: where they stand."""
    kept: dict[str, object] = {}
    problems = []
    for key, value in (found or {}).items():
        if len(kept) == MAX_KEYS:
            problems.append(Problem(show(place) or "…", f"{Reason.SCHEMA}: more than {MAX_KEYS} further keys"))
            break
        try:
            kept[identifier(key)] = _fit(value)
        except PydanticCustomError as error:
            problems.append(Problem(show((*place, key)), f"{error.type}: {error.message()}"))
        except _Unfit as error:
            problems.append(Problem(show((*place, key)), str(error)))
        if len(problems) > MAX_KEYS:
            break
    return kept, problems


def _fit(value: object) -> object:
    """Raises _Unfit unless `value` is JSON that PostgreSQL and a browser read back as it was."""
    waiting, seen = [(value, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_ITEMS:
            raise _Unfit(f"{Reason.SCHEMA}: more than {MAX_DEPTH} levels or {MAX_ITEMS} values")
        if isinstance(part, str) and len(part) > MAX_CHARACTERS:
            raise _Unfit(f"{Reason.SCHEMA}: a text of more than {MAX_CHARACTERS} characters")
        if isinstance(part, float) and not math.isfinite(part):
            raise _Unfit(f"{Reason.NUMBER_RANGE}: not a finite number")
        if isinstance(part, int) and abs(part) > MAX_INTEGER:
            raise _Unfit(f"{Reason.NUMBER_RANGE}: an integer of more than 64 bits")
        if isinstance(part, dict):
            waiting += [(inner, depth + 1) for inner in (*part.keys(), *part.values())]
        if isinstance(part, list):
            waiting += [(inner, depth + 1) for inner in part]
    return value
