"""Keep what is said of discovered topics true when the parsers change, also for topics that are silent since."""

from collections.abc import Sequence

from django.db import transaction

from mqtt_app.judging import routes
from mqtt_app.judging.verdicts import Route, recognise
from mqtt_app.models import DiscoveredTopic, MqttConnection
from mqtt_app.parsers import registry
from sites.binary import arrays
from sites.upsert import query, unnest

SLICE = 2_000  # topics judged in one transaction

STALE = """
SELECT t.id, t.site_id, t.topic_path, s.payload FROM mqtt_app_discoveredtopic t
LEFT JOIN LATERAL (
    SELECT payload FROM mqtt_app_topicsample WHERE topic_id = t.id ORDER BY received_at DESC LIMIT 1
) s ON true
WHERE (t.registry < %s OR t.registry > %s) AND t.id > %s ORDER BY t.id LIMIT %s
"""
"""With the beginning of what each topic said last: some families are told by that."""

JUDGED = [("id", "bigint"), ("parser", "text"), ("pattern", "text")]

UPDATE = f"""
WITH locked AS (
    SELECT t.id, v.parser, v.pattern FROM mqtt_app_discoveredtopic t JOIN {unnest(JUDGED)} ON t.id = v.id
    ORDER BY t.site_id, t.topic_path FOR NO KEY UPDATE OF t
)
UPDATE mqtt_app_discoveredtopic t SET
    is_processable = v.parser <> '', processor_name = v.parser, topic_pattern = v.pattern, registry = %s
FROM locked v WHERE t.id = v.id
"""  # noqa: S608


def follow() -> int:
    """Judge every topic that was last judged by other parsers than this process has; returns how many.

    Level-triggered: safe to run twice, at once, late or never. While old and new workers run side by side each judges
    by its own parsers; the last word is of those that stay.
    """
    mark, last, judged = registry.mark(), 0, 0
    while stale := query(STALE, [mark, mark, last, SLICE]):
        with transaction.atomic():
            _judge(stale, mark)
        last, judged = stale[-1][0], judged + len(stale)
    return judged


def forget(site_ids: Sequence[int]) -> None:
    """What these sites' topics are recognised by has changed: judge them now."""
    DiscoveredTopic.objects.filter(site__in=site_ids).update(registry="")
    follow()


def _judge(stale: Sequence[tuple[int, int, str, bytes | None]], mark: str) -> None:
    of_site = _routes({site for _, site, _, _ in stale})
    rows = []
    for pk, site, topic, payload in stale:
        parser = recognise(topic, of_site.get(site), payload)
        rows.append((pk, parser.name if parser else "", registry.pattern(parser, topic) if parser else ""))
    query(UPDATE, [*arrays(rows, JUDGED), mark])


def _routes(sites: set[int]) -> dict[int, Route]:
    ids = MqttConnection.objects.filter(site__in=sites).values_list("pk", flat=True)
    return {route.site_id: route for route in routes.load(ids).values()}
