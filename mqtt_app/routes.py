"""What each connection says about its messages: read once per batch, so that a toggled topic acts on the next one."""

import json
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef

from mqtt_app import catalogue, memory
from mqtt_app.models import MqttConnection, MqttTopic
from mqtt_app.parsers import registry
from mqtt_app.verdicts import Route, Rule, context
from sites.models import Admission, DeviceRule


def beacon(slug: str, client_id: str, status: str) -> tuple[bytes, bytes]:
    """Topic and payload by which a listener says, under its own client id, that this backend is there or gone."""
    return f"{slug}/backend/status".encode(), json.dumps({"serial_number": client_id, "status": status}).encode()


def load(connection_ids: Iterable[int]) -> dict[int, Route]:
    """The route of each connection that still exists."""
    rows = MqttConnection.objects.filter(pk__in=set(connection_ids)).annotate(
        mappings=catalogue.version(), has_rules=Exists(DeviceRule.objects.filter(site=OuterRef("site")))
    )
    connections = rows.values_list(
        "pk",
        "site_id",
        "site__slug",
        "site__timezone",
        "client_id",
        "keep_raw_days",
        "mappings",
        "site__unknown_devices",
        "has_rules",
    )
    rules: dict[int, list[Rule]] = {}
    topics = MqttTopic.objects.filter(mqtt_connection__in=set(connection_ids)).order_by("pk")
    for topic in topics:
        rule = Rule(topic.topic_pattern, topic.is_active, topic.parser_name, topic.is_muted, topic.template)
        rules.setdefault(topic.mqtt_connection_id, []).append(rule)
    return {
        pk: Route(
            connection_id=pk,
            site_id=site_id,
            context=context(slug, timezone),
            rules=rules.get(pk, []),
            has_templates=any(rule.template for rule in rules.get(pk, [])),
            beacon=frozenset(beacon(slug, client_id, status) for status in ("online", "offline")),
            keeps_raw=keep_raw_days > 0,
            mappings=catalogue.of_site(site_id, mappings),
            screens=has_rules or policy != Admission.ACCEPT,
        )
        for pk, site_id, slug, timezone, client_id, keep_raw_days, mappings, policy, has_rules in connections
    }


def remember(topics: Sequence[bytes], ways: Sequence[Route | None]) -> None:
    """Load what other messages taught, as far as these topics need it: one statement, and none for most batches."""
    routes_of = {(way.site_id, topic): way for topic, way in zip(topics, ways, strict=True) if way}
    wanted: set[tuple[int, str]] = set()
    for (site_id, raw), way in routes_of.items():
        asks = registry.way(raw.decode(errors="replace"), way.context.site_slug).asks
        wanted.update((site_id, about) for about in asks if len(about) <= memory.LONGEST_NAME and "\0" not in about)
    memory.load(wanted, {way.site_id: way.context.known for way in routes_of.values()})
