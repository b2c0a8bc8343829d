"""Which topics a site has: counted once per batch, sampled now and then, capped so that a flood of names is cheap."""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings

from mqtt_app.exploring import overflow
from mqtt_app.exploring.overflow import Sighting
from mqtt_app.parsers import registry
from sites.binary import arrays
from sites.upsert import query, unnest

SAMPLE_LIMIT = (
    4_096  # bytes of a payload that are shown; the whole is in no need of keeping, failed ones are kept apart
)
SAMPLE_EVERY = "10 seconds"
SAMPLES_KEPT = 20  # of each topic, so that they can be compared

COLUMNS = [
    ("site_id", "bigint"),
    ("topic_path", "text"),
    ("topic_pattern", "text"),
    ("first_seen_at", "timestamptz"),
    ("last_seen_at", "timestamptz"),
    ("message_count", "bigint"),
    ("is_processable", "boolean"),
    ("processor_name", "text"),
]

UPDATE = f"""
WITH locked AS (
    SELECT t.id, t.sampled_at < now() - interval '{SAMPLE_EVERY}' AS is_due, v.*
    FROM mqtt_app_discoveredtopic t JOIN {unnest(COLUMNS)}
    ON t.site_id = v.site_id AND t.topic_path = v.topic_path
    ORDER BY t.site_id, t.topic_path FOR NO KEY UPDATE OF t
)
UPDATE mqtt_app_discoveredtopic t SET
    last_seen_at = GREATEST(t.last_seen_at, v.last_seen_at), message_count = t.message_count + v.message_count,
    is_processable = v.is_processable, processor_name = v.processor_name, topic_pattern = v.topic_pattern,
    registry = %s,
    sampled_at = CASE WHEN v.is_due THEN now() ELSE t.sampled_at END,
    sample_count = t.sample_count + v.is_due::int
FROM locked v WHERE t.id = v.id
RETURNING t.site_id, t.topic_path, t.id, CASE WHEN v.is_due THEN t.sample_count END
"""  # noqa: S608

NAMES = ", ".join(name for name, _ in COLUMNS)

INSERT = f"""
INSERT INTO mqtt_app_discoveredtopic AS t ({NAMES}, sample_payload, sampled_at, sample_count, registry)
SELECT {NAMES}, '{{}}', now(), 1, %s FROM {unnest(COLUMNS)}
ORDER BY site_id, topic_path
ON CONFLICT (site_id, topic_path) DO UPDATE SET message_count = t.message_count + excluded.message_count,
    last_seen_at = GREATEST(t.last_seen_at, excluded.last_seen_at)
RETURNING t.site_id, t.topic_path, t.id, t.sample_count
"""  # noqa: S608

SAMPLE_COLUMNS = [
    ("topic_id", "bigint"),
    ("slot", "smallint"),
    ("received_at", "timestamptz"),
    ("qos", "smallint"),
    ("retain", "boolean"),
    ("size", "int"),
    ("payload", "bytea"),
]
SHOWN = ("shown", "text")  # beside the topic itself
SAMPLE_NAMES = ", ".join(name for name, _ in SAMPLE_COLUMNS)

SAMPLE = f"""
WITH v AS (SELECT * FROM {unnest([*SAMPLE_COLUMNS, SHOWN])}),
shown AS (UPDATE mqtt_app_discoveredtopic t SET sample_payload = v.shown::jsonb FROM v WHERE t.id = v.topic_id)
INSERT INTO mqtt_app_topicsample ({SAMPLE_NAMES}) SELECT {SAMPLE_NAMES} FROM v
ON CONFLICT (topic_id, slot) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name, _ in SAMPLE_COLUMNS[2:])}
"""  # noqa: S608


class Discovered(NamedTuple):
    """What a batch brought: topics seen for the first time, and how many were left out by each site's cap."""

    new: list[Sighting]
    over_cap: Counter[int]


def record(sightings: Iterable[Sighting]) -> Discovered:
    """Count a batch's topics. Needs a transaction."""
    counts: Counter[tuple[int, str]] = Counter()
    last: dict[tuple[int, str], Sighting] = {}
    for sighting in sightings:
        key = (sighting.site_id, sighting.topic)
        counts[key] += 1
        last[key] = sighting
    rows = {key: _row(last[key], counts[key]) for key in sorted(last)}
    if not rows:
        return Discovered([], Counter())
    mark = registry.mark()
    seen = query(UPDATE, [*arrays(list(rows.values()), COLUMNS), mark])
    known = {key[:2] for key in seen}
    unknown = [key for key in rows if key not in known]
    new, over_cap = _admit(unknown)
    if new:
        seen += query(INSERT, [mark, *arrays([rows[key] for key in new], COLUMNS)])
    _keep([(pk, count, last[site, topic]) for site, topic, pk, count in seen if count is not None])
    if over_cap:
        admitted = set(new)
        overflow.count([(last[key], counts[key]) for key in unknown if key not in admitted])
    return Discovered([last[key] for key in new], over_cap)


def _keep(due: Sequence[tuple[int, int, Sighting]]) -> None:
    """Keep these messages as samples, each in its topic's next slot, and show them. Their topics' rows are locked."""
    rows = [
        (
            pk,
            count % SAMPLES_KEPT,
            one.received_at,
            one.qos,
            one.retain,
            len(one.payload),
            one.payload[:SAMPLE_LIMIT],
            json.dumps(sample(one.payload)),
        )
        for pk, count, one in due
    ]
    if rows:
        query(SAMPLE, arrays(rows, [*SAMPLE_COLUMNS, SHOWN]))


def _row(sighting: Sighting, count: int) -> tuple[Any, ...]:
    at, parser = sighting.received_at, sighting.parser
    return (sighting.site_id, sighting.topic, sighting.pattern, at, at, count, bool(parser), parser)


def _admit(keys: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str]], Counter[int]]:
    """The new topics for which their site has room, and how many it has not."""
    if not keys:
        return [], Counter()
    sites = sorted({site for site, _ in keys})
    taken = dict(
        query(
            "SELECT site_id, count(*) FROM mqtt_app_discoveredtopic WHERE site_id = ANY(%s) GROUP BY site_id", [sites]
        )
    )
    admitted, over_cap = [], Counter[int]()
    for site, topic in keys:
        if taken.get(site, 0) < settings.DISCOVERED_TOPICS_PER_SITE:
            taken[site] = taken.get(site, 0) + 1
            admitted.append((site, topic))
        else:
            over_cap[site] += 1
    return admitted, over_cap


def sample(payload: bytes, size: int = 0) -> dict[str, Any]:
    """A payload as people may look at it: {"json": …}, {"text": …} or {"base64": …}, with "truncated" when it is cut.

    size: of the whole, where `payload` is only its beginning.
    JSON that PostgreSQL or Python could not read back (NUL, huge numbers, deep nesting) is shown as text.
    """
    cut = payload[:SAMPLE_LIMIT]
    whole = max(size, len(payload))
    shown: dict[str, Any] = {"truncated": whole} if whole > len(cut) else {}
    try:
        text = cut.decode() if not shown else cut.decode(errors="ignore")
    except UnicodeDecodeError:
        return shown | {"base64": base64.b64encode(cut).decode()}
    if not shown and b"\\u" not in cut and text[:1] in ("{", "[") and text.count("[") + text.count("{") < 200:
        try:
            return {"json": json.loads(text, parse_constant=_refuse, parse_int=_bounded, parse_float=_finite)}
        except ValueError:
            pass
    return shown | {"text": text.replace("\0", "␀")}


def _refuse(word: str) -> None:
    raise ValueError(word)


def _bounded(digits: str) -> int:
    return int(digits) if len(digits) < 20 else _refuse(digits)  # type: ignore[return-value,func-returns-value]


def _finite(digits: str) -> float:
    value = float(digits)
    return value if abs(value) < 1e308 and len(digits) < 40 else _refuse(digits)  # type: ignore[return-value,func-returns-value]
