"""What comes on topics beyond a site's cap: counted by rough templates, which are capped themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mqtt_app import topic_templates
from sites.binary import arrays
from sites.upsert import query, unnest

TEMPLATES_PER_SITE = 200
REST = "#"
"""The template under which is counted what has no template of its own any more."""


class Sighting(NamedTuple):
    """One message on a topic. parser and pattern: what recognises it, empty when nothing does."""

    site_id: int
    topic: str
    received_at: datetime
    payload: bytes
    parser: str
    pattern: str
    qos: int = 0
    retain: bool = False


COLUMNS = [
    ("site_id", "bigint"),
    ("template", "text"),
    ("example", "text"),
    ("message_count", "bigint"),
    ("parsed_count", "bigint"),
    ("first_seen_at", "timestamptz"),
    ("last_seen_at", "timestamptz"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)

COUNT = f"""
INSERT INTO mqtt_app_topicoverflow AS o ({NAMES}) SELECT {NAMES} FROM {unnest(COLUMNS)} ORDER BY site_id, template
ON CONFLICT (site_id, template) DO UPDATE SET
    message_count = o.message_count + excluded.message_count, parsed_count = o.parsed_count + excluded.parsed_count,
    last_seen_at = GREATEST(o.last_seen_at, excluded.last_seen_at)
"""  # noqa: S608

KNOWN = "SELECT site_id, array_agg(template) FROM mqtt_app_topicoverflow WHERE site_id = ANY(%s) GROUP BY site_id"
SLUGS = "SELECT id, slug FROM sites_site WHERE id = ANY(%s)"


def count(unlisted: Sequence[tuple[Sighting, int]]) -> None:
    """Count topics that are not listed, each the last message and how many there were. Needs a transaction."""
    sites = sorted({one.site_id for one, _ in unlisted})
    slugs: Mapping[int, str] = dict(query(SLUGS, [sites]))
    known = {site: set(names) for site, names in query(KNOWN, [sites])}
    rows: dict[tuple[int, str], list[Any]] = {}
    for one, number in unlisted:
        names = known.setdefault(one.site_id, set())
        template = topic_templates.of_path(one.topic, slugs.get(one.site_id, ""))
        if template not in names and len(names) >= TEMPLATES_PER_SITE:
            template = REST
        names.add(template)
        row = rows.setdefault(
            (one.site_id, template), [one.site_id, template, one.topic, 0, 0, one.received_at, one.received_at]
        )
        row[3] += number
        row[4] += number if one.parser else 0
        row[6] = max(row[6], one.received_at)
    query(COUNT, arrays([tuple(rows[key]) for key in sorted(rows)], COLUMNS))
