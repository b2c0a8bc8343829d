"""Which failures are of one kind: a fingerprint of parser, version, reason and place, never of values."""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from sites.binary import arrays
from sites.upsert import query, unnest

PATH_LIMIT = 255
PLACE = re.compile(r'((?:[A-Za-z_][\w-]*+|\[\d++\]|\["(?:[^"\\]|\\.)*+"\]|«[^«»]*+»|\.)++): ', re.ASCII)
"""A path in a document, or a mapping's «expression». Possessive: what a part has taken it keeps. Without that a long
word with no colon behind it is tried in 2^n ways."""
POSITION = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


FIRST_VERSION = "1"  # of a parser that says nothing of versions


class Kind(NamedTuple):
    """What failures have in common. path: where in the document, list positions and strange keys left out."""

    fingerprint: str
    parser: str
    reason: str
    path: str
    version: str


def of(parser: str, reason: str, detail: str, version: str = FIRST_VERSION) -> Kind:
    """The kind of a failure; `detail` begins with the first bad path where there is one. version: the parser's."""
    place = PLACE.match(detail)
    path = POSITION.sub("[]", place[1])[:PATH_LIMIT] if place else ""
    told = (parser, reason, path, *(() if version == FIRST_VERSION else (version,)))
    digest = blake2b("\n".join(told).encode(), digest_size=8).hexdigest()
    return Kind(digest, parser, reason, path, version)


COLUMNS = [
    ("site_id", "bigint"),
    ("fingerprint", "text"),
    ("parser_name", "text"),
    ("error_type", "text"),
    ("path", "text"),
    ("parser_version", "text"),
    ("count", "bigint"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)

COUNT = f"""
INSERT INTO mqtt_app_parsinggroup AS g ({NAMES}, first_seen_at, last_seen_at)
SELECT {NAMES}, now(), now() FROM {unnest(COLUMNS)} ORDER BY site_id, fingerprint
ON CONFLICT (site_id, fingerprint) DO UPDATE SET
    count = g.count + excluded.count,
    last_seen_at = GREATEST(g.last_seen_at, excluded.last_seen_at),
    state = CASE WHEN g.state = 'resolved' THEN 'open' ELSE g.state END,
    state_since = CASE WHEN g.state = 'resolved' THEN now() ELSE g.state_since END
"""  # noqa: S608


def count(failures: Iterable[tuple[int, Kind]]) -> None:
    """Count failures, each (site, kind), in the transaction that keeps them. A kind that was resolved opens again."""
    counts = Counter(failures)
    rows = [(site, *kind, number) for (site, kind), number in sorted(counts.items())]
    if rows:
        query(COUNT, arrays(rows, COLUMNS))
