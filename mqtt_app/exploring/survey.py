"""A site's topics by template: how many there are, how much they say, and how much of it a parser reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from mqtt_app import topic_templates
from mqtt_app.models import DiscoveredTopic, MqttTopic, TopicOverflow
from mqtt_app.topics import matches
from sites.models import Site

SURVEYED = 20_000  # topics that are compared with each other, the most talkative first
LISTED = 1_000  # templates


@dataclass(slots=True)
class Row:
    """One template: the topics that it stands for, together. filter: as one would subscribe to them.

    parsers: who recognises its topics, empty for nobody. unlisted: messages on topics beyond the site's cap.
    state: parsed, ignored (an inactive topic matches), unsubscribed (no topic of the connection matches).
    """

    template: str
    filter: str
    example: str
    example_id: int | None
    topics: int = 0
    messages: int = 0
    with_parser: int = 0
    unlisted: int = 0
    parsers: list[str] = field(default_factory=list)
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    state: str = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was said a parser recognises. share: of the messages; None while there are none."""

    site_id: int
    topics: int
    topics_with_parser: int
    messages: int
    messages_with_parser: int
    unlisted: int

    @property
    def share(self) -> float | None:
        return round(self.messages_with_parser / self.messages, 4) if self.messages else None


@dataclass(frozen=True, slots=True)
class Survey:
    """The templates of one site, the most talkative first. is_cut: there are more."""

    rows: list[Row]
    is_cut: bool


COLUMNS = ("pk", "topic_path", "message_count", "processor_name", "first_seen_at", "last_seen_at")


def of_site(site: Site, since: datetime | None = None) -> Survey:
    """Learn the templates of a site's topics. since: only those that were seen for the first time since then."""
    topics = DiscoveredTopic.objects.filter(site=site)
    topics = topics.filter(first_seen_at__gte=since) if since else topics
    found = list(topics.order_by("-message_count", "pk").values_list(*COLUMNS)[: SURVEYED + 1])
    rows = _gather(found[:SURVEYED], site.slug)
    if since is None:
        _add_unlisted(rows, TopicOverflow.objects.filter(site=site), site.slug)
    gate = list(MqttTopic.objects.filter(mqtt_connection__site=site))
    ordered = sorted(rows.values(), key=lambda row: (-row.messages, row.template))
    for row in ordered[:LISTED]:
        row.state = _state(row.example, gate)
    return Survey(ordered[:LISTED], len(ordered) > LISTED or len(found) > SURVEYED)


def _gather(found: Sequence[tuple[int, str, int, str, datetime, datetime]], slug: str) -> dict[str, Row]:
    templates = topic_templates.learn([path for _, path, *_ in found], slug)
    rows: dict[str, Row] = {}
    for pk, path, messages, parser, first, last in found:
        template = templates[path]
        row = rows.get(template)
        if row is None:
            row = rows[template] = Row(template, topic_templates.as_filter(template, slug), path, pk)
        row.topics += 1
        row.messages += messages
        row.with_parser += messages if parser else 0
        if parser not in row.parsers:
            row.parsers.append(parser)
        row.first_seen_at = min(row.first_seen_at or first, first)
        row.last_seen_at = max(row.last_seen_at or last, last)
    return rows


def _add_unlisted(rows: dict[str, Row], overflow: Iterable[TopicOverflow], slug: str) -> None:
    """What came on topics beyond the cap, under the template of its looks."""
    for one in overflow:
        row = rows.get(one.template)
        if row is None:
            name = topic_templates.as_filter(one.template, slug)
            row = rows[one.template] = Row(one.template, name, one.example, None)
            row.first_seen_at, row.last_seen_at = one.first_seen_at, one.last_seen_at
        row.unlisted += one.message_count
        row.messages += one.message_count
        row.with_parser += one.parsed_count


def _state(topic: str, gate: Sequence[MqttTopic]) -> str:
    matching = [one for one in gate if matches(one.topic_pattern, topic)]
    if not matching:
        return "unsubscribed"
    return "parsed" if all(one.is_active for one in matching) else "ignored"


def coverage(topics: QuerySet[DiscoveredTopic], overflow: QuerySet[TopicOverflow]) -> list[Coverage]:
    """Of each site that has any of these topics."""
    beyond = {
        row["site_id"]: row
        for row in overflow.order_by().values("site_id").annotate(said=Sum("message_count"), read=Sum("parsed_count"))
    }
    known = Q(is_processable=True)
    sums = (
        topics.order_by()
        .values("site_id")
        .annotate(
            topics=Count("pk"),
            read=Count("pk", filter=known),
            said=Sum("message_count"),
            said_read=Sum("message_count", filter=known, default=0),
        )
    )
    nothing = {"said": 0, "read": 0}
    return [
        Coverage(
            row["site_id"],
            row["topics"],
            row["read"],
            row["said"] + beyond.get(row["site_id"], nothing)["said"],
            row["said_read"] + beyond.get(row["site_id"], nothing)["read"],
            beyond.get(row["site_id"], nothing)["said"],
        )
        for row in sums.order_by("site_id")
    ]
