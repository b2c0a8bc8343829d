"""Which of the topics on which something arrived belong to a filter: counted up to a cap, and the first of them."""

from collections.abc import Collection

from mqtt_app.models import DiscoveredTopic
from mqtt_app.topics import regular_expression
from sites.binary import arrays
from sites.upsert import query, unnest

CAP = 1_000  # topics that are counted; more are told as more
SHOWN = 20

ASKED = [("id", "bigint"), ("site_id", "bigint"), ("expression", "text")]

COUNT = f"""
SELECT v.id, (SELECT count(*) FROM (
    SELECT FROM mqtt_app_discoveredtopic t WHERE t.site_id = v.site_id AND t.topic_path ~ v.expression LIMIT {CAP + 1}
) AS capped) FROM {unnest(ASKED)}
"""  # noqa: S608


def count(asked: Collection[tuple[int, int, str]]) -> dict[int, int]:
    """How many discovered topics of the site belong to each filter, given as (key, site, filter); up to CAP + 1.

    One statement. It looks at no more than each site's topics (DISCOVERED_TOPICS_PER_SITE), once for each filter.
    """
    rows = [(key, site_id, regular_expression(pattern)) for key, site_id, pattern in asked]
    return dict(query(COUNT, arrays(rows, ASKED))) if rows else {}


def first(site_id: int, pattern: str) -> list[tuple[int, str]]:
    """The first discovered topics of the filter, by name: their ids and paths."""
    rows = DiscoveredTopic.objects.filter(site=site_id, topic_path__regex=regular_expression(pattern))
    return list(rows.order_by("topic_path").values_list("pk", "topic_path")[:SHOWN])
