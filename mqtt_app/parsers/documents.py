"""How JSON bytes become validated pydantic models, for all parsers: one fast pass, and a second one only when it fails.

A valid message costs one validation. When that fails, its errors say where: those inside a *part* (a reading, a device,
an optional field) cost only that part, and the rest is validated again without it; any other error refuses the message.
"""

import re
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from mqtt_app.parsers.base import Context, Envelope, Ignored, ParseError, Reason
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.refusals import Path, explain, not_json, show
from sites.reports import Problem

MAX_PAYLOAD = 256 * 1024  # bytes; the largest real message known has 42 kB
MAX_VALUES = 20_000  # in one message, told by its commas; what is built of more takes too long
MAX_FAULTS = 1_000  # more errors than this are not sorted out one by one: the message is refused
MAX_PROBLEMS = 50  # named one by one; the others are counted

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

T = TypeVar("T", bound=Shape)


class Found(NamedTuple, Generic[T]):
    """What a document says, and which parts of it could not be read."""

    message: T
    problems: tuple[Problem, ...] = ()


class Document(Generic[T]):
    """The JSON form of one message family.

    parts: what may be left out when it is bad, as paths with * for any index or key: "dataloggers/*/devices/*". The
    deepest one that holds an error is left out.
    """

    def __init__(self, model: type[T], parts: tuple[str, ...] = ()) -> None:
        self.model = model
        self.parts = sorted((tuple(part.split("/")) for part in parts), key=len, reverse=True)

    def read(self, envelope: Envelope, context: Context) -> Found[T]:
        """Raises ParseError when what is no part is bad, Ignored for a cleared retained message."""
        payload = envelope.payload
        refuse_unread(envelope)
        try:
            return Found(self.model.model_validate_json(payload, context=context))
        except ValidationError as error:
            count, faults = error.error_count(), _details(error)
        if count > MAX_FAULTS:
            raise ParseError(Reason.SCHEMA, f"{count} errors; more than {MAX_FAULTS} are not sorted out")
        if faults[0]["type"] == "json_invalid":
            raise not_json(payload, faults[0]["ctx"]["error"])
        return self._salvage(payload, faults, context)

    def _salvage(self, payload: bytes, faults: list[ErrorDetails], context: Context) -> Found[T]:
        document = from_json(payload)
        cuts: dict[Path, Problem] = {}
        for fault in faults:
            path, value = _locate(document, fault)
            reason, words = explain(fault, value)
            part = self._part(path)
            if part is None:
                raise ParseError(reason, f"{show(path)}: {words}" if path else words)
            cuts.setdefault(part, Problem(show(path), f"{reason}: {words}"))
        # Backwards, so that what is cut shifts nothing that is still to be cut.
        for part in sorted(cuts, reverse=True):
            _cut(document, part)
        try:
            rest = to_json(document, inf_nan_mode="constants")
            message = self.model.model_validate_json(rest, context=context)
        except ValidationError as error:
            reason, words = explain(_details(error)[0], None)
            raise ParseError(reason, words) from error
        return Found(message, bounded(list(cuts.values())))

    def _part(self, path: Path) -> Path | None:
        for part in self.parts:
            if len(part) <= len(path) and all(a in ("*", b) for a, b in zip(part, path, strict=False)):
                return path[: len(part)]
        return None


def refuse_unread(envelope: Envelope) -> None:
    """What needs no parsing to be refused: emptiness, size, and NUL, which PostgreSQL keeps in no text."""
    payload = envelope.payload
    if not payload:
        if envelope.retain:
            raise Ignored(Reason.RETAINED_CLEAR)
        raise ParseError(Reason.EMPTY_PAYLOAD, "the message has no content")
    if len(payload) > MAX_PAYLOAD:
        raise ParseError(Reason.TOO_LARGE, f"{len(payload)} bytes; at most {MAX_PAYLOAD} are read")
    if len(payload) > MAX_VALUES and (values := payload.count(b",")) > MAX_VALUES:
        raise ParseError(Reason.TOO_LARGE, f"about {values} values; at most {MAX_VALUES} are read")
    if b"\\u0000" in payload and (nul := _NUL.search(payload)):
        raise ParseError(Reason.NUL_CHAR, f"an escaped NUL character at byte {nul.start()}")


def bounded(problems: list[Problem]) -> tuple[Problem, ...]:
    """The first of `problems`, and the number of the others."""
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    return (*problems[:MAX_PROBLEMS], Problem("…", f"{Reason.SCHEMA}: {len(problems) - MAX_PROBLEMS} more parts"))


def nothing_read(problems: tuple[Problem, ...]) -> ParseError:
    """The refusal of a message of which no part could be read: the first problem's reason, and every place."""
    reason, _, words = problems[0].reason.partition(": ")
    others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return ParseError(reason, f"{problems[0].path}: {words}{others}")


def _details(error: ValidationError) -> list[ErrorDetails]:
    """Its errors without the input, for speed and secrecy; not at all where there are too many to be listed."""
    return error.errors(include_url=False, include_input=False) if error.error_count() <= MAX_FAULTS else []


def _locate(document: Any, fault: ErrorDetails) -> tuple[Path, Any]:
    """Where in the document an error stands, and what stands there.

    A step that leads nowhere is passed over: pydantic mixes the names of union members into its paths.
    """
    path: list[str | int] = []
    for step in fault["loc"]:
        held = step in document if isinstance(document, dict) else isinstance(document, list) and isinstance(step, int)
        if held:
            document = document[step]
            path.append(step)
    if fault["type"] == "missing":
        path.append(fault["loc"][-1])
    return tuple(path), document


def _cut(document: Any, part: Path) -> None:
    for step in part[:-1]:
        document = document[step]
    del document[part[-1]]
