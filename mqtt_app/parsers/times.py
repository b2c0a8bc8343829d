"""The times that foreign devices write: epochs of any precision, ISO 8601 and its relatives, with or without zones."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mqtt_app.parsers.fields import EARLIEST_YEAR, LATEST_YEAR

EARLIEST_EPOCH = 1_000_000_000  # seconds, in 2001; less is an uptime or a clock that was never set
_PRECISIONS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000))  # below: how many make a second
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
_DOTTED = re.compile(r"(\d{4})[./](\d\d)[./](\d\d)([T ]\d\d:\d\d.*)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d\d)[./](\d\d)[./](\d{4})[T ](\d\d:\d\d.*)", re.ASCII)
_DIGITS = re.compile(r"\d{9,19}(?:\.\d{1,9})?", re.ASCII)


def moment(value: Any, zone: ZoneInfo, *, earliest: float = EARLIEST_EPOCH) -> datetime | None:
    """The instant that `value` names, in UTC; without a zone it is the site's. None for what is no time.

    earliest: smaller numbers are no epochs. A family whose format fixes the precision asks `since_epoch`.
    """
    if isinstance(value, str):
        text = value.strip()
        if not _DIGITS.fullmatch(text):
            return _written(text[:64], zone)
        value = float(text) if "." in text else int(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not earliest <= value < _PRECISIONS[-1][0]:
        return None
    return since_epoch(value, next(parts for limit, parts in _PRECISIONS if value < limit))


def since_epoch(value: float, parts: int = 1) -> datetime | None:
    """The instant so many parts of a second after 1970 began; None before 1970 and after 2100."""
    if isinstance(value, bool) or not 0 <= value < 4_102_444_800 * parts:
        return None
    seconds, rest = divmod(value, parts)
    micros = round((seconds % 1 + rest / parts) * 1_000_000)
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=micros)


def _written(text: str, zone: ZoneInfo) -> datetime | None:
    if dotted := _DOTTED.fullmatch(text):
        text = f"{dotted[1]}-{dotted[2]}-{dotted[3]}{dotted[4]}"
    elif (day_first := _DAY_FIRST.fullmatch(text)) and int(day_first[1]) > 12:  # else it may be the month
        text = f"{day_first[3]}-{day_first[2]}-{day_first[1]}T{day_first[4]}"
    if not _ISO.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
        if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
