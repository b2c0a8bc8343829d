"""What messages taught about how to read others: births, units, announced sensors. Loaded and kept in sets of rows.

A lesson belongs to the topic that taught it; what that topic says next replaces it, wherever and in whatever order the
two are read: the later received wins. What was taken back stays as a row without a body, so that an older message that
is read late does not bring it back.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from mqtt_app.parsers.base import Known, Lesson
from sites.binary import arrays
from sites.upsert import query, unnest

LARGEST_BODY = 256 * 1024  # bytes of JSON; as much as the largest message that is read
LESSONS_OF_A_MESSAGE = 1_000
LONGEST_NAME = 512  # characters of a topic, or of what a lesson is about


class Taught(NamedTuple):
    """What one message taught, by its topic and reception."""

    site_id: int
    source: str
    family: str
    received_at: datetime
    lessons: Sequence[Lesson]


KEY = [("site_id", "bigint"), ("about", "text")]
SOURCE = [("site_id", "bigint"), ("source", "text"), ("taught_at", "timestamptz")]
COLUMNS = [
    ("site_id", "bigint"),
    ("source", "text"),
    ("about", "text"),
    ("family", "text"),
    ("body", "text"),
    ("taught_at", "timestamptz"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)

LOAD = f"""
SELECT l.site_id, l.source, l.about, l.body::text FROM mqtt_app_lesson l JOIN {unnest(KEY)}
ON l.site_id = v.site_id AND l.about = v.about WHERE l.body IS NOT NULL
"""  # noqa: S608

KNOWN = f"""
SELECT l.site_id, l.source, l.about, l.taught_at FROM mqtt_app_lesson l
JOIN {unnest(SOURCE)} ON l.site_id = v.site_id AND l.source = v.source
ORDER BY l.site_id, l.source, l.about FOR NO KEY UPDATE OF l
"""  # noqa: S608

KEEP = f"""
INSERT INTO mqtt_app_lesson AS l ({NAMES})
SELECT {NAMES.replace("body", "body::jsonb")} FROM {unnest(COLUMNS)} ORDER BY site_id, source, about
ON CONFLICT (site_id, source, about) DO UPDATE
SET body = excluded.body, family = excluded.family, taught_at = excluded.taught_at
WHERE l.taught_at <= excluded.taught_at AND (l.body IS DISTINCT FROM excluded.body
    OR l.taught_at < excluded.taught_at - interval '1 hour')
"""  # noqa: S608


def load(wanted: Collection[tuple[int, str]], known: Mapping[int, Known]) -> None:
    """Add every lesson about these (site id, about) to what is known at each site."""
    if not wanted:
        return
    for site_id, source, about, body in query(LOAD, arrays(sorted(wanted), KEY)):
        known[site_id].add(source, Lesson(about, json.loads(body)))


def record(taught: Iterable[Taught]) -> Counter[int]:
    """Keep what messages taught; returns how many lessons each full site has no room for. Needs a transaction."""
    latest: dict[tuple[int, str], Taught] = {}
    for one in sorted(taught, key=lambda one: one.received_at):
        latest[one.site_id, one.source] = one
    if not latest:
        return Counter()
    sources = [(*key, latest[key].received_at) for key in sorted(latest)]
    stored = {(site, source, about): at for site, source, about, at in query(KNOWN, arrays(sources, SOURCE))}
    rows = {key: row for one in latest.values() for key, row in _rows(one)}
    forgotten = {key: _blank(key, latest[key[:2]]) for key in stored if key not in rows}
    admitted, over_cap = _admit([key for key in rows if key not in stored])
    kept = [row for key, row in rows.items() if key in stored or key in admitted]
    if kept or forgotten:
        query(KEEP, arrays([*kept, *forgotten.values()], COLUMNS))
    return over_cap


Key = tuple[int, str, str]
"""(site id, source, about)"""


def _rows(taught: Taught) -> Iterable[tuple[Key, tuple[Any, ...]]]:
    for lesson in taught.lessons[:LESSONS_OF_A_MESSAGE]:
        body = json.dumps(lesson.body)
        if len(lesson.about) <= LONGEST_NAME and len(body) <= LARGEST_BODY and "\\u0000" not in body:
            key = (taught.site_id, taught.source, lesson.about)
            yield key, (*key, taught.family, body, taught.received_at)


def _blank(key: Key, taught: Taught) -> tuple[Any, ...]:
    return (*key, taught.family, None, taught.received_at)


def _admit(keys: Sequence[Key]) -> tuple[set[Key], Counter[int]]:
    """The new lessons for which their site has room, and how many it has not."""
    taken: Counter[int] = Counter()
    if keys:
        counts = "SELECT site_id, count(*) FROM mqtt_app_lesson WHERE site_id = ANY(%s) GROUP BY site_id"
        taken.update(dict(query(counts, [sorted({key[0] for key in keys})])))
    admitted, over_cap = set(), Counter[int]()
    for key in keys:
        if taken[key[0]] < settings.LESSONS_PER_SITE:
            taken[key[0]] += 1
            admitted.add(key)
        else:
            over_cap[key[0]] += 1
    return admitted, over_cap
