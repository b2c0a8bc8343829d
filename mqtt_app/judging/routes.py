"""What each connection says about its messages: read once per batch, so that a toggled topic acts on the next one."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from mqtt_app.judging import catalogue, memory
from mqtt_app.judging.verdicts import Route, Rule, context
from mqtt_app.parsers import registry
from sites.models import Admission
from sites.upsert import query

CACHED_CONNECTIONS = 10_000

# One plain statement, because every batch waits for it: Django takes longer to write it than the server to answer it.
LOAD = """
SELECT c.id, s.id, s.slug, s.timezone, c.client_id, c.keep_raw_days > 0,
    (SELECT at FROM mqtt_app_pulse WHERE name = %s),
    s.unknown_devices <> %s OR EXISTS (SELECT 1 FROM sites_devicerule r WHERE r.site_id = s.id),
    (SELECT json_agg(json_build_array(topic_pattern, is_active, parser_name, is_muted, template) ORDER BY t.id)::text
        FROM mqtt_app_mqtttopic t WHERE t.mqtt_connection_id = c.id)
FROM mqtt_app_mqttconnection c JOIN sites_site s ON s.id = c.site_id WHERE c.id = ANY(%s)
"""


def load(connection_ids: Iterable[int]) -> dict[int, Route]:
    """The route of each connection that still exists."""
    rows = query(LOAD, [catalogue.NAME, Admission.ACCEPT, list(set(connection_ids))])
    return {
        pk: Route(
            connection_id=pk,
            site_id=site_id,
            context=context(slug, timezone),
            rules=_rules(topics),
            has_templates=any(rule.template for rule in _rules(topics)),
            beacon=_beacons(slug, client_id),
            keeps_raw=keeps_raw,
            mappings=catalogue.of_site(site_id, mappings),
            screens=screens,
        )
        for pk, site_id, slug, timezone, client_id, keeps_raw, mappings, screens, topics in rows
    }


@lru_cache(maxsize=CACHED_CONNECTIONS)
def _rules(topics: str | None) -> tuple[Rule, ...]:
    return tuple(Rule(*topic) for topic in json.loads(topics or "[]"))


@lru_cache(maxsize=CACHED_CONNECTIONS)
def _beacons(slug: str, client_id: str) -> frozenset[tuple[bytes, bytes]]:
    return frozenset(beacon(slug, client_id, status) for status in ("online", "offline"))


def beacon(slug: str, client_id: str, status: str) -> tuple[bytes, bytes]:
    """Topic and payload by which a listener says, under its own client id, that this backend is there or gone."""
    return f"{slug}/backend/status".encode(), json.dumps({"serial_number": client_id, "status": status}).encode()


def remember(topics: Sequence[bytes], ways: Sequence[Route | None]) -> None:
    """Load what other messages taught, as far as these topics need it: one statement, and none for most batches."""
    routes_of = {(way.site_id, topic): way for topic, way in zip(topics, ways, strict=True) if way}
    wanted: set[tuple[int, str]] = set()
    for (site_id, raw), way in routes_of.items():
        asks = registry.way(raw.decode(errors="replace"), way.context.site_slug).asks
        wanted.update((site_id, about) for about in asks if len(about) <= memory.LONGEST_NAME and "\0" not in about)
    memory.load(wanted, {way.site_id: way.context.known for way in routes_of.values()})
