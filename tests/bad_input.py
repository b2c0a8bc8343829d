"""The corpus of bad input: tests/corpus/mqtt/*.json as messages, and what is to become of each.

A case has a `name`, a `topic` (telemetry's where it is left out; {site} is the connection's own, {other} another one)
and a `payload`; either may be given as `…_b64`, or as `…_parts`: pairs of a text and how often it comes, with {n} its
number. `expect` says its fate and, where it fails, the reason code. `expect_live` replaces that behind a real broker,
where MQTT itself changes the message. `broker_refuses`: no good broker would deliver it.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus/mqtt"
SITE, OTHER = "site_001", "site_002"
TELEMETRY = "{site}/gateway/1/dataloggers/telemetry"
LARGEST_PACKET = 1024 * 1024  # bytes of a message that a listener asks a broker for
STARTED = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()


@dataclass(frozen=True)
class Case:
    """One bad message, or a good one beside it."""

    name: str
    topic: bytes
    payload: bytes = field(repr=False)
    qos: int
    retain: bool
    properties: dict[str, Any]
    broker_refuses: bool
    expect: dict[str, Any]
    expect_live: dict[str, Any]

    @property
    def is_delivered(self) -> bool:
        """Whether a good broker hands it on: it is told how large a message may be."""
        return not self.broker_refuses and len(self.payload) < LARGEST_PACKET


def files() -> list[str]:
    return sorted(path.stem for path in CORPUS.glob("*.json"))


def load(name: str, site: str = SITE, other: str = OTHER) -> list[Case]:
    """The cases of one file, in its order."""
    words = {"{site}": site, "{other}": other, "{now}": STARTED}
    return [_case(entry, words) for entry in json.loads((CORPUS / f"{name}.json").read_text())]


def _case(entry: dict[str, Any], words: dict[str, str]) -> Case:
    unknown = entry.keys() - {"name", "qos", "retain", "properties", "broker_refuses", "expect", "expect_live"}
    assert {name.split("_")[0] for name in unknown} <= {"topic", "payload"}, unknown
    return Case(
        entry["name"],
        _bytes(entry, "topic", words, TELEMETRY),
        _bytes(entry, "payload", words),
        entry.get("qos", 1),
        entry.get("retain", False),
        entry.get("properties", {}),
        entry.get("broker_refuses", False),
        entry["expect"],
        entry.get("expect_live", entry["expect"]),
    )


def _bytes(entry: dict[str, Any], name: str, words: dict[str, str], default: str = "") -> bytes:
    if encoded := entry.get(f"{name}_b64"):
        return base64.b64decode(encoded)
    text = "".join(_repeated(*part) for part in entry.get(f"{name}_parts", [[entry.get(name, default), 1]]))
    for word, value in words.items():
        text = text.replace(word, value)
    return text.encode()


def _repeated(text: str, times: int) -> str:
    return "".join(text.replace("{n}", str(n)) for n in range(times)) if "{n}" in text else text * times
