"""The ids of the sensors that this process has met: in most batches all of them, and then nobody has to ask for any.

A datalogger's id is looked up anew for each batch and never given twice, and sensors go with their datalogger. Should
somebody delete a sensor by itself, `confirm` notices before its readings are committed.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

import psycopg
from django.db import OperationalError, transaction

from sites.binary import Column
from sites.upsert import query, resolve

SENSOR: Sequence[Column] = [("datalogger_id", "bigint"), ("key", "text")]

REMEMBERED = 20_000
"""Dataloggers; with ten sensors each some 25 MB. When there are more, all are forgotten and learned anew."""

_known: dict[int, dict[str, int]] = {}


def find_or_make(keys_of: Mapping[int, AbstractSet[str]]) -> dict[int, dict[str, int]]:
    """The id of each of these sensors, by datalogger id and key. Needs a transaction."""
    ids_of = {pk: _known.get(pk, {}) for pk in keys_of}
    unknown = [(pk, key) for pk, keys in keys_of.items() if not ids_of[pk].keys() >= keys for key in keys]
    if unknown:
        learned: dict[int, dict[str, int]] = {}
        for (pk, key), sensor_id in resolve("sites_sensor", SENSOR, unknown).items():
            learned.setdefault(pk, {})[key] = sensor_id
        transaction.on_commit(lambda: _remember(learned))  # what is rolled back was never there
        ids_of |= learned
    return ids_of


def _remember(learned: Mapping[int, dict[str, int]]) -> None:
    if len(_known) + len(learned) > REMEMBERED:
        _known.clear()
    for pk, ids in learned.items():
        _known[pk] = _known.get(pk, {}) | ids


def confirm(sensors: Collection[tuple[int, int]]) -> None:
    """See that each of these, a datalogger id and a sensor id, is still there.

    Raises OperationalError where one has been deleted, as of a serialization failure: it is made anew when tried again.
    """
    if not sensors:
        return
    there = {pk for (pk,) in query("SELECT id FROM sites_sensor WHERE id = ANY(%s)", [[pk for _, pk in sensors]])}
    bereft = {datalogger_id for datalogger_id, pk in sensors if pk not in there}
    for datalogger_id in bereft:
        _known.pop(datalogger_id, None)
    if bereft:
        cause = psycopg.errors.SerializationFailure()
        raise OperationalError(f"Sensors of {len(bereft)} dataloggers have been deleted meanwhile.") from cause
