"""Messages that could not be read: kept byte for byte, with the reason, so that a mended parser can read them again."""

import logging
import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mqtt_app.models import MqttParsingLog
from mqtt_app.records import kinds

logger = logging.getLogger("mqtt_app.parsing")

HELD = "device_held"
"""The reason of what waits for somebody to let its device in."""

TEXT_LIMIT = 4_096  # characters of any text column here


class Failure(NamedTuple):
    """Why a message, or a part of one, was not stored. reason is a stable code; version: the parser's; trace only
    for a fault of its own.
    """

    site_id: int
    topic: bytes
    payload: bytes
    received_at: datetime
    parser: str
    reason: str
    detail: str
    trace: str = ""
    version: str = kinds.FIRST_VERSION
    retain: bool = False


def text(value: str | bytes) -> str:
    """Foreign words as text that every database, terminal and page can hold: no NUL, no surrogates, bounded."""
    if isinstance(value, bytes):
        value = value[:TEXT_LIMIT].decode(errors="backslashreplace")
    value = value[:TEXT_LIMIT].encode(errors="backslashreplace").decode()
    return value.replace("\0", "␀")[:TEXT_LIMIT]


def trace(error: BaseException) -> str:
    """The end of a traceback: where it went wrong."""
    return "".join(traceback.format_exception(error))[-TEXT_LIMIT:]


def record(failures: Sequence[Failure]) -> None:
    """Keep failures, and count them by kind. Cannot fail on their content: bytes stay bytes, texts are sanitised."""
    of_kind = [kinds.of(one.parser, text(one.reason)[:64], text(one.detail), one.version) for one in failures]
    MqttParsingLog.objects.bulk_create(
        MqttParsingLog(
            site_id=failure.site_id,
            topic=text(failure.topic),
            received_at=failure.received_at,
            parser_name=failure.parser,
            error_type=kind.reason,
            fingerprint=kind.fingerprint,
            parser_version=kind.version,
            retain=failure.retain,
            payload=failure.payload,
            payload_sample=text(failure.payload),
            error_message=text(failure.detail),
            exception_traceback=text(failure.trace),
        )
        for failure, kind in zip(failures, of_kind, strict=True)
    )
    kinds.count([(failure.site_id, kind) for failure, kind in zip(failures, of_kind, strict=True)])


def tell(failures: Sequence[Failure]) -> None:
    """Write failures to the parsing log. The payload stays in the database."""
    for failure in failures:
        logger.warning(
            "site %s: %s on %s (parser %s): %s",
            failure.site_id,
            failure.reason,
            text(failure.topic),
            failure.parser or "none",
            text(failure.detail),
        )
