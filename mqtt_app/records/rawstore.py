"""Messages that were understood, or that nobody knew, kept as they came for as long as their connection wishes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mqtt_app.messages import Fate
from mqtt_app.models import MqttConnection, RawMessage
from sites.binary import arrays
from sites.upsert import query, unnest

LONGEST_DAYS = 365
FATES = (Fate.STORED, Fate.UNRECOGNISED)
"""What is kept: failures are kept anyway, and what is switched off is not wanted."""

SLICE = 10_000  # rows deleted in one statement


class Kept(NamedTuple):
    """One message, as a row. topic is text by now: what is none has failed, and is kept with the failures."""

    connection_id: int
    received_at: datetime
    qos: int
    retain: bool
    fate: str
    parser_name: str
    topic: str
    payload: bytes


COLUMNS = [
    ("connection_id", "bigint"),
    ("received_at", "timestamptz"),
    ("qos", "smallint"),
    ("retain", "boolean"),
    ("fate", "text"),
    ("parser_name", "text"),
    ("topic", "text"),
    ("payload", "bytea"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)
KEEP = f"INSERT INTO mqtt_app_rawmessage ({NAMES}) SELECT {NAMES} FROM {unnest(COLUMNS)}"  # noqa: S608


def keep(messages: Sequence[Kept]) -> None:
    """Keep a batch's messages, in the transaction that stores it."""
    if messages:
        query(KEEP, arrays(messages, COLUMNS))


def forget(now: datetime) -> int:
    """Let go of what is older than its connection keeps it; returns how many."""
    gone = 0
    for pk, days in MqttConnection.objects.order_by("pk").values_list("pk", "keep_raw_days"):
        old = RawMessage.objects.filter(connection=pk, received_at__lt=now - timedelta(days=days))
        while keys := list(old.order_by("pk").values_list("pk", flat=True)[:SLICE]):
            gone += RawMessage.objects.filter(pk__in=keys).delete()[0]
    return gone
