"""Recognise a redelivery: a broker sends again what was not acknowledged, flagged DUP, under the same packet id."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from mqtt_app.messages import Link, Message
from sites.binary import arrays
from sites.upsert import query, unnest

KEY = [("connection_id", "bigint"), ("session", "bigint"), ("mid", "int")]
SEALED = [*KEY, ("generation", "bigint"), ("digest", "uuid")]
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
UPDATE mqtt_app_receipt r SET generation = GREATEST(r.generation, v.generation) FROM {unnest(SEALED)}
WHERE (r.connection_id, r.session, r.mid, r.digest) = (v.connection_id, v.session, v.mid, v.digest)
RETURNING r.connection_id, r.session, r.mid
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
    A receipt that is met again bears from then on the generation of the connection over which the message came again.
    """
    rows: dict[tuple[int, int, int], Taken] = {}
    duplicates: set[int] = set()
    for index, message in enumerate(messages):
        if message.qos == 0:
            continue
        link = links[message.link]
        key = (link.connection_id, link.session, message.mid)
        seal = digest(message)
        if message.dup and key in rows and rows[key].digest == seal:
            duplicates.add(index)
            rows[key] = rows[key]._replace(generation=max(rows[key].generation, link.generation))
        else:
            rows[key] = Taken(index, link.generation, seal, message)
    if not rows:
        return duplicates
    ordered = [
        (*key, generation, seal, message.received, message.dup) for key, (_, generation, seal, message) in rows.items()
    ]
    redelivered = [key for key, one in rows.items() if one.message.dup]
    taken = set(query(TAKE, [*arrays(ordered, COLUMNS), *arrays(redelivered, KEY)]))
    refused = [(*key, one.generation, one.digest) for key, one in rows.items() if key not in taken]
    known = query(KNOWN, arrays(refused, SEALED)) if refused else []
    return duplicates | {rows[key].place for key in known}


class Taken(NamedTuple):
    """What a message's receipt will say, and which of a batch's messages it is."""

    place: int
    generation: int
    digest: bytes
    message: Message


SETTLED = "1 hour"
"""Younger receipts stay: a delivery and its redelivery may both be uncommitted still, and a broker that crashes may
bring back what it had sent since it last saved (mosquitto's own interval is half an hour)."""


def forget(connection_id: int, generation: int) -> None:
    """What was taken over connections before this one, and did not come again over it, never comes again.

    So the broker has it acknowledged, and may give its packet id to a message that is just like it.
    """
    query(
        f"DELETE FROM mqtt_app_receipt WHERE connection_id = %s AND generation < %s "  # noqa: S608
        f"AND received_at < now() - interval '{SETTLED}'",
        [connection_id, generation],
    )
