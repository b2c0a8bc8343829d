"""Why something could not be read: pydantic's errors and JSON's as our stable reason codes, with words and a place."""

import json
import re
from collections.abc import Sequence

from pydantic_core import ErrorDetails

from mqtt_app.parsers.base import ParseError, Reason

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
_PLACE = re.compile(r"(.*) at line (\d+) column (\d+)$", re.DOTALL)
_TYPES: dict[str, Reason] = {reason.value: reason for reason in Reason} | {
    "finite_number": Reason.NUMBER_RANGE,
    "int_parsing_size": Reason.NUMBER_RANGE,
    "model_type": Reason.SCHEMA_TOP_LEVEL,
    "model_attributes_type": Reason.SCHEMA_TOP_LEVEL,
}


def explain(fault: ErrorDetails, value: object) -> tuple[Reason, str]:
    """The reason code and the words for one error of pydantic; `value` is what stands at its place."""
    kind = fault["type"]
    if kind.startswith(("datetime", "timezone")):
        return Reason.BAD_TS, fault["msg"]
    if kind == "float_type" and type(value) is int:
        return Reason.NUMBER_RANGE, "Input should be a finite number"
    reason = _TYPES.get(kind, Reason.SCHEMA)
    if reason is Reason.SCHEMA_TOP_LEVEL and fault["loc"]:
        reason = Reason.SCHEMA
    return reason, fault["msg"]


def show(path: Sequence[str | int]) -> str:
    """A place in a JSON document as people write it, dataloggers[0].devices[1].value; strange keys are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}"
        else:
            text += f"[{json.dumps(step[:64])}]"
    return text.removeprefix(".")


def not_json(payload: bytes, message: str) -> ParseError:
    """What is wrong with bytes that are no JSON document; `message` is the JSON parser's."""
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        return ParseError(Reason.NOT_UTF8, f"byte {error.start} is not UTF-8")
    if (nul := payload.find(0)) >= 0:
        return ParseError(Reason.NUL_CHAR, f"byte {nul} is NUL")
    if "recursion limit" in message:
        return ParseError(Reason.TOO_DEEP, "nested more than 200 levels deep")
    if payload.startswith(b"\xef\xbb\xbf"):
        return ParseError(Reason.JSON_INVALID, "begins with a byte order mark, at byte 0")
    reason = Reason.NUMBER_RANGE if "number out of range" in message else Reason.JSON_INVALID
    if place := _PLACE.match(message):
        lines = payload.split(b"\n", int(place[2]) - 1)
        offset = len(payload) - len(lines[-1]) + int(place[3]) - 1
        return ParseError(reason, f"{place[1]} at byte {min(max(offset, 0), len(payload))}")
    return ParseError(reason, message)
