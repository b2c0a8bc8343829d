"""Where every message went: received = fates + in flight, for each connection, epoch, QoS and minute, at all times."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from mqtt_app.messages import Batch, Fate
from sites.binary import arrays
from sites.upsert import query, unnest

COUNTED = (Fate.STORED, Fate.IGNORED, Fate.UNRECOGNISED, Fate.FAILED, Fate.DUPLICATE)
"""The fates that workers decide; `overflowed` is the listener's, `lost` and `returned` are booked when its run ends."""


class Page(NamedTuple):
    """One row of the ledger. minute: whole minutes since 1970, of reception."""

    connection_id: int
    epoch: int
    qos: int
    minute: int


class Count(NamedTuple):
    """What a listener has counted on one page so far: running numbers, so that saying them twice changes nothing."""

    received: int
    overflowed: int


COLUMNS = [
    ("connection_id", "bigint"),
    ("epoch", "bigint"),
    ("qos", "smallint"),
    ("minute", "timestamptz"),
    ("received", "bigint"),
    ("overflowed", "bigint"),
    *((fate.value, "bigint") for fate in COUNTED),
]
NAMES = ", ".join(name for name, _ in COLUMNS)
REST = " - ".join(
    ["GREATEST(l.received, excluded.received)", "GREATEST(l.overflowed, excluded.overflowed)"]
    + [f"(l.{fate} + excluded.{fate})" for fate in COUNTED]
)

ENTER = f"""
INSERT INTO mqtt_app_ledgerminute AS l ({NAMES})
SELECT {NAMES} FROM {unnest(COLUMNS)}
WHERE EXISTS (SELECT 1 FROM mqtt_app_mqttconnection c WHERE c.id = connection_id)
ORDER BY connection_id, epoch, qos, minute
ON CONFLICT (connection_id, epoch, qos, minute) DO UPDATE SET
    received = GREATEST(l.received, excluded.received),
    overflowed = GREATEST(l.overflowed, excluded.overflowed),
    {", ".join(f"{fate} = l.{fate} + excluded.{fate}" for fate in COUNTED)},
    returned = CASE WHEN l.is_closed AND l.qos > 0 THEN {REST} ELSE l.returned END,
    lost = CASE WHEN l.is_closed AND l.qos = 0 THEN {REST} ELSE l.lost END
"""  # noqa: S608

CLOSE = f"""
UPDATE mqtt_app_ledgerminute l
SET is_closed = true,
    returned = returned + CASE WHEN qos > 0 THEN {"{rest}"} ELSE 0 END,
    lost = lost + CASE WHEN qos = 0 THEN {"{rest}"} ELSE 0 END
FROM mqtt_app_mqttconnection c
WHERE c.id = l.connection_id AND l.epoch < c.epoch AND NOT l.is_closed
""".replace("{rest}", " - ".join(["received", "overflowed", *COUNTED, "lost", "returned"]))  # noqa: S608


def enter(batch: Batch, fates: Sequence[Fate]) -> None:
    """Count the fates of a batch, in the transaction that stores it.

    Each message carries the listener's own running number, so `received` is right even when the listener dies
    before its next heartbeat, and still does not depend on what became of the message.
    """
    received: dict[Page, int] = {}
    counts: dict[Page, Counter[Fate]] = {}
    for message, fate in zip(batch.messages, fates, strict=True):
        link = batch.links[message.link]
        page = Page(link.connection_id, link.epoch, message.qos, message.minute)
        received[page] = max(received.get(page, 0), message.number)
        counts.setdefault(page, Counter())[fate] += 1
    _enter({page: (number, 0, *(counts[page][fate] for fate in COUNTED)) for page, number in received.items()})


def tell(counts: Mapping[Page, Count]) -> None:
    """Enter a listener's running numbers, as its heartbeat tells them."""
    _enter({page: (*count, *(0 for _ in COUNTED)) for page, count in counts.items()})


def _enter(pages: Mapping[Page, Sequence[int]]) -> None:
    rows = [
        (page.connection_id, page.epoch, page.qos, datetime.fromtimestamp(page.minute * 60, UTC), *numbers)
        for page, numbers in sorted(pages.items())
    ]
    if rows:
        query(ENTER, arrays(rows, COLUMNS))


def close_ended() -> None:
    """Book what ended runs left in flight: QoS 1 returns from the broker, QoS 0 is lost with the listener.

    A batch of such a run that is stored after all moves its messages from there to their fate.
    """
    query(CLOSE)
