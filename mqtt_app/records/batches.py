"""Which batches were begun and which are done: the rows that make a repeated dispatch harmless."""

from enum import Enum

from mqtt_app.messages import Batch
from sites.upsert import query


class Standing(Enum):
    """What a worker finds when it is handed a batch."""

    FIRST = "first"
    """Nobody has begun it, or those who did said why they stopped: go ahead."""

    SUSPECT = "suspect"
    """Someone began it and vanished without a word: a message in it may be what killed them."""

    BUSY = "busy"
    """Someone began it a moment ago: leave it to them. Should they fail, it is dispatched again."""

    DONE = "done"
    """Its fate is committed."""


BUSY_FOR = "5 seconds"
"""How long the one who began a batch is left alone; below the 10 s after which it is dispatched again. A begin further
ahead than that is of a clock that was set back: nobody knows how long ago it was."""

BEGIN = f"""
WITH hasty AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO mqtt_app_batch AS b (id, size, begun, begun_at) SELECT %s::uuid, %s, 1, now() FROM hasty
ON CONFLICT (id) DO UPDATE SET begun = b.begun + 1, begun_at = now()
WHERE b.done_at IS NULL
    AND (b.begun = 0 OR b.begun_at NOT BETWEEN now() - interval '{BUSY_FOR}' AND now() + interval '{BUSY_FOR}')
RETURNING begun
"""  # noqa: S608


def begin(batch: Batch) -> Standing:
    """Record that this batch is begun, in a transaction of its own: one statement, outside any other.

    A begin that a crash of PostgreSQL forgets costs nothing, so its commit does not wait for the disk.
    """
    begun = query(BEGIN, [batch.id, len(batch.messages)])
    if begun:
        return Standing.FIRST if begun[0][0] == 1 else Standing.SUSPECT
    done = query("SELECT done_at IS NOT NULL FROM mqtt_app_batch WHERE id = %s", [batch.id])
    return Standing.DONE if done and done[0][0] else Standing.BUSY


# What follows in the transaction is planned for any batch: rows are found by their keys. For the rows of one large
# batch the server would rather read whole tables, in each connection's first ten batches, until it keeps a plan.
FINISH = """
WITH planned AS (SELECT set_config('plan_cache_mode', 'force_generic_plan', true))
INSERT INTO mqtt_app_batch AS b (id, size, begun, begun_at, done_at) SELECT %s::uuid, %s, 1, now(), now() FROM planned
ON CONFLICT (id) DO UPDATE SET done_at = now() WHERE b.done_at IS NULL
RETURNING id
"""


def finish(batch: Batch) -> bool:
    """Claim the batch inside the transaction that stores it; False when another worker has finished it first.

    A begin that a crash of PostgreSQL forgot is made up for: a batch without a row is not a batch that is done.
    """
    return bool(query(FINISH, [batch.id, len(batch.messages)]))


def report(batch: Batch) -> None:
    """Say that an attempt stopped for a reason that is not the batch's own: it counts against no message."""
    query("UPDATE mqtt_app_batch SET begun = begun - 1 WHERE id = %s AND done_at IS NULL AND begun > 0", [batch.id])


def done(ids: list[str]) -> set[str]:
    """Which of these batches are committed."""
    return {
        str(pk)
        for (pk,) in query("SELECT id FROM mqtt_app_batch WHERE id = ANY(%s::uuid[]) AND done_at IS NOT NULL", [ids])
    }
