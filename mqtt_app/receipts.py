"""Recognise a redelivery: a broker sends again what was not acknowledged, flagged DUP, under the same packet id."""

from collections.abc import Sequence
from hashlib import blake2b

from mqtt_app.messages import Link, Message
from sites.binary import arrays
from sites.upsert import query, unnest

KEY = [("connection_id", "bigint"), ("session", "bigint"), ("mid", "int")]
SEALED = [*KEY, ("digest", "uuid")]
COLUMNS = [
    *KEY,
    ("generation", "bigint"),
    ("digest", "uuid"),
    ("received_at", "timestamptz"),
    ("dup", "boolean"),
]

TAKE = f"""
INSERT INTO mqtt_app_receipt AS r (connection_id, session, mid, generation, digest, received_at)
SELECT connection_id, session, mid, generation, digest, received_at FROM {unnest(COLUMNS)}
ORDER BY connection_id, session, mid
ON CONFLICT (connection_id, session, mid) DO UPDATE
SET generation = excluded.generation, digest = excluded.digest, received_at = excluded.received_at
WHERE r.generation <= excluded.generation AND NOT (
    r.digest = excluded.digest
    AND (excluded.connection_id, excluded.session, excluded.mid)
        IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[]))
)
RETURNING connection_id, session, mid
"""  # noqa: S608

KNOWN = f"""
SELECT connection_id, session, mid FROM {unnest(SEALED)}
JOIN mqtt_app_receipt USING (connection_id, session, mid, digest)
"""  # noqa: S608


def digest(message: Message) -> bytes:
    """128 bits of BLAKE2b over topic and payload."""
    seal = blake2b(message.topic, digest_size=16)
    seal.update(b"\0")
    seal.update(message.payload)
    return seal.digest()


def take(links: Sequence[Link], messages: Sequence[Message]) -> set[int]:
    """Keep a receipt for each QoS 1 message; returns the indexes of those that were taken before.

    One statement decides and records: of two workers that hold the same message, the second finds it taken. That may
    be the one that holds the first delivery: when its batch was held up, the redelivery has gone ahead of it.
    """
    rows: dict[tuple[int, int, int], tuple[int, Message, bytes]] = {}
    duplicates: set[int] = set()
    for index, message in enumerate(messages):
        if message.qos == 0:
            continue
        link = links[message.link]
        key = (link.connection_id, link.session, message.mid)
        seal = digest(message)
        if message.dup and key in rows and rows[key][2] == seal:
            duplicates.add(index)
        else:
            rows[key] = (index, message, seal)
    if not rows:
        return duplicates
    ordered = [
        (*key, links[message.link].generation, seal, message.received, message.dup)
        for key, (_, message, seal) in rows.items()
    ]
    redelivered = [key for key, (_, message, _) in rows.items() if message.dup]
    taken = set(query(TAKE, [*arrays(ordered, COLUMNS), *arrays(redelivered, KEY)]))
    refused = [(*key, seal) for key, (_, _, seal) in rows.items() if key not in taken]
    known = query(KNOWN, arrays(refused, SEALED)) if refused else []
    return duplicates | {rows[key][0] for key in known}


SETTLED = "1 hour"
"""A delivery and its redelivery, both still uncommitted when the broker ends their session, are settled by then."""


def forget(connection_id: int, session: int) -> None:
    """The broker has begun this session: nothing of an older one comes again, save what is under way already."""
    query(
        f"DELETE FROM mqtt_app_receipt WHERE connection_id = %s AND session < %s "  # noqa: S608
        f"AND received_at < now() - interval '{SETTLED}'",
        [connection_id, session],
    )
