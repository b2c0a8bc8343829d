"""Payloads as real devices write them: numbers and words as plain text, and JSON with the slips that are known."""

import math
import re
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from mqtt_app.parsers.base import Context, Envelope, ParseError, Reason
from mqtt_app.parsers.documents import refuse_unread
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.refusals import explain, not_json, show

T = TypeVar("T", bound=Shape)

BOM = b"\xef\xbb\xbf"
EXACT_DIGITS = 15  # of an integer that a float64 holds exactly; a longer one is a serial number, not a measurement

# Strict: 01234567 and 00FF00 are names.
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?(?:0|[1-9]\d{0,2}(?:\.\d{3})+)),(\d+)|([+-]?[1-9]\d*),(\d{1,2}|\d{4,})", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+\.\d+", re.ASCII)
_WHOLE = re.compile(rf"[+-]?\d{{{EXACT_DIGITS + 1},}}", re.ASCII)
_NOTHING = re.compile(rb"(?<=[:,\[])(\s*)[-+]?(?:nan|inf(?:inity)?)(?=\s*[,}\]])", re.IGNORECASE)
_BRACKETED = re.compile(rb"\[(?!true|false|null|nan|inf)[a-z]", re.IGNORECASE)
_LATIN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def number(text: str) -> float | None:
    """The finite number that is the whole of `text`, spaces around it aside."""
    text = text.strip()
    if not _NUMBER.fullmatch(text) or _WHOLE.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def localised(text: str) -> float | None:
    """The number that a text is beyond doubt, whatever stands before its decimals: 21,5 and 1.234,56 and 1,234.5.

    12,345 is none: nobody knows whether it is twelve or twelve thousand.
    """
    text = text.strip()
    if found := _DECIMAL_COMMA.fullmatch(text):
        return number(f"{(found[1] or found[3]).replace('.', '')}.{found[2] or found[4]}")
    return number(text.replace(",", "")) if _GROUPED.fullmatch(text) else number(text)


def word(envelope: Envelope) -> str:
    """A plain payload as text, without what surrounds it. Raises ParseError for binary data."""
    payload = envelope.payload.removeprefix(BOM)
    if 0 in payload:
        raise ParseError(Reason.NUL_CHAR, f"byte {payload.find(0)} is NUL")
    try:
        return payload.decode().strip()
    except UnicodeDecodeError as error:
        if _LATIN.search(payload):
            raise ParseError(Reason.NOT_UTF8, f"byte {error.start} is not UTF-8") from error
        return payload.decode("latin-1").strip()


def looks_like_json(payload: bytes) -> bool:
    """Whether it begins as a JSON object or array does; a line of a log, such as [D][sensor:094], does not."""
    first = payload[:64].removeprefix(BOM).lstrip()
    return first[:1] == b"{" or (first[:1] == b"[" and not _BRACKETED.match(first))


def document(envelope: Envelope) -> Any:
    """The JSON document of a foreign device: a byte order mark is passed over, Latin-1 is taken for text, and a bare
    nan or inf is no value. Raises ParseError for what is no JSON beyond that, Ignored for a cleared retained message.
    """
    refuse_unread(envelope)
    payload = envelope.payload.removeprefix(BOM)
    try:
        return from_json(payload)
    except ValueError as error:
        refusal = not_json(payload, str(error))
    mended = _NOTHING.sub(rb"\1null", payload)
    if refusal.reason == Reason.NOT_UTF8 and not _LATIN.search(mended):
        mended = mended.decode("latin-1").encode()
    if mended == payload:
        raise refusal
    try:
        return from_json(mended)
    except ValueError:
        raise refusal from None


def loose(text: str) -> Any:
    """The JSON document that a text is, if it is one."""
    try:
        return from_json(text)
    except ValueError:
        return None


def objects(envelope: Envelope) -> dict[str, Any]:
    """The JSON object that is the payload. Raises ParseError, Ignored."""
    found = document(envelope)
    if not isinstance(found, dict):
        raise ParseError(Reason.SCHEMA_TOP_LEVEL, "Input should be an object")
    return found


def shaped(model: type[T], found: Any, context: Context) -> T:
    """What was found in a document as `model`. Raises ParseError that names the first place that is wrong."""
    try:
        return model.model_validate(found, context=context)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        reason, words = explain(fault, None)
        raise ParseError(reason, f"{show(fault['loc'])}: {words}" if fault["loc"] else words) from error
