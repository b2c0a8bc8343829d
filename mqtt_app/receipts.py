"""Recognise a redelivery: a broker sends again what was not acknowledged, flagged DUP, under the same packet id."""

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from mqtt_app.messages import Link, Message
from sites.upsert import query, transpose, unnest

COLUMNS = [
    ("connection_id", "bigint"),
    ("mid", "int"),
    ("generation", "bigint"),
    ("digest", "uuid"),
    ("received_at", "timestamptz"),
    ("dup", "boolean"),
]

TAKE = f"""
INSERT INTO mqtt_app_receipt AS r (connection_id, mid, generation, digest, received_at)
SELECT connection_id, mid, generation, digest, received_at FROM {unnest(COLUMNS)} ORDER BY connection_id, mid
ON CONFLICT (connection_id, mid) DO UPDATE
SET generation = excluded.generation, digest = excluded.digest, received_at = excluded.received_at
WHERE r.generation <= excluded.generation AND NOT (
    r.digest = excluded.digest
    AND (excluded.connection_id, excluded.mid) IN (SELECT * FROM unnest(%s::bigint[], %s::int[]))
)
RETURNING connection_id, mid
"""  # noqa: S608

KNOWN = f"""
SELECT connection_id, mid FROM {unnest([("connection_id", "bigint"), ("mid", "int"), ("digest", "uuid")])}
JOIN mqtt_app_receipt USING (connection_id, mid, digest)
"""  # noqa: S608


def digest(message: Message) -> UUID:
    """128 bits of BLAKE2b over topic and payload."""
    seal = blake2b(message.topic, digest_size=16)
    seal.update(b"\0" + message.payload)
    return UUID(bytes=seal.digest())


def take(links: Sequence[Link], messages: Sequence[Message]) -> set[int]:
    """Keep a receipt for each QoS 1 message; returns the indexes of those that were taken before.

    One statement decides and records: of two workers that hold the same message, the second finds it taken. That may
    be the one that holds the first delivery: when its batch was held up, the redelivery has gone ahead of it.
    """
    rows: dict[tuple[int, int], tuple[int, Message, UUID]] = {}
    duplicates: set[int] = set()
    for index, message in enumerate(messages):
        if message.qos == 0:
            continue
        key = (links[message.link].connection_id, message.mid)
        seal = digest(message)
        if message.dup and key in rows and rows[key][2] == seal:
            duplicates.add(index)
        else:
            rows[key] = (index, message, seal)
    if not rows:
        return duplicates
    ordered = [
        (connection_id, mid, links[message.link].generation, seal, message.received, message.dup)
        for (connection_id, mid), (_, message, seal) in rows.items()
    ]
    redelivered = [key for key, (_, message, _) in rows.items() if message.dup]
    taken = set(query(TAKE, [*transpose(ordered, len(COLUMNS)), *transpose(redelivered, 2)]))
    refused = [(*key, seal) for key, (_, _, seal) in rows.items() if key not in taken]
    known = query(KNOWN, transpose(refused, 3)) if refused else []
    return duplicates | {rows[key][0] for key in known}


def forget(connection_id: int, generation: int) -> None:
    """The broker began a new session at this generation: packet ids start anew, older receipts would mislead."""
    query("DELETE FROM mqtt_app_receipt WHERE connection_id = %s AND generation < %s", [connection_id, generation])
