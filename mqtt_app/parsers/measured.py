"""Which numbers measure something, as far as a name tells: ids, times, versions and error codes do not."""

import re
from functools import lru_cache
from typing import Any

from mqtt_app.parsers.times import EARLIEST_EPOCH
from mqtt_app.parsers.units import LONGEST_NAME

_UNMEASURED = frozenset((
    "id", "ids", "uid", "uuid", "guid", "eui", "mac", "imei", "iccid", "imsi", "serial", "sn", "serialnumber", "ts",
    "timestamp", "datetime", "date", "epoch", "unixtime", "utc", "version", "fw", "firmware", "hw", "hardware", "rev",
    "revision", "model", "code", "error", "errors", "errno", "errcode", "errorcode",
    "fault", "port", "address", "addr", "ip", "pid", "seq",
    "sequence", "deviceid", "sensorid", "nodeid", "meterid", "stationid", "clientid", "serialno", "ver",
    "rtc", "nonce", "crc", "checksum", "token", "tst", "bssid", "pin",
    "lc", "dpt", "mpan", "mprn",
))  # fmt: skip
"""Last words of a key whose number names or counts something, but measures nothing."""

_OUTLINES = frozenset(("box", "bbox", "region"))
"""Last words of a key whose list of numbers is a part of a picture, as Frigate's events have them."""

_TIMELIKE = frozenset(["time", "when", "update", "updated", "seen", "since", "start", "end", "last", "first", "at"])
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def measures(name: str, value: Any) -> bool:
    """Whether a value of that name is, or may be, a measurement; what is no number is none, and harmless."""
    last, is_serial = _told(name[-LONGEST_NAME:])
    is_large = isinstance(value, int | float) and value >= EARLIEST_EPOCH
    if isinstance(value, list) and last in _OUTLINES:
        return False
    return not (last in _UNMEASURED or is_serial or (is_large and last in _TIMELIKE))


@lru_cache(maxsize=10_000)
def _told(name: str) -> tuple[str, bool]:
    """The last word of a name, and whether its first one is `serial`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if words[-2:] == ["active", "tariff"]:  # which of a meter's registers counts
        return "code", False
    if len(words) > 1 and words[-1] in ("number", "status") and words[-2] in _UNMEASURED:  # error_status
        return words[-2], False
    return (words[-1], words[0] == "serial") if words else ("", False)
