"""REST for the topic tree: one level at a time, each node with the sums of all that is below it."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import BooleanField, Case, Count, F, Max, Min, Q, Sum, Value, When
from django.db.models.functions import Substr
from django.db.models.functions.text import StrIndex
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from mqtt_app.api.topics import matching
from mqtt_app.models import DiscoveredTopic
from mqtt_app.topics import is_filter
from sites import rest

router = Router()

NODES = 1_000  # of one level; a search narrows it

Search = Annotated[
    rest.Text | None, Field(description="Text, or an MQTT filter where it holds + or #: only topics that match.")
]


class NodeOut(Schema):
    """topics and the like: of the node itself and all below. topic_id: set where the node is a topic itself."""

    site_id: int
    name: str
    path: str
    topic_id: int | None
    has_children: bool
    topics: int
    processable: int
    messages: int
    first_seen_at: datetime
    last_seen_at: datetime


class TreeOut(Schema):
    """One level. prefix ends with a slash, or is empty for the top. is_cut: there are more nodes than are shown."""

    prefix: str
    nodes: list[NodeOut]
    is_cut: bool


@router.get("/topic-tree/", response=TreeOut, summary="One level of the tree of discovered topics")
def topic_tree(
    request: HttpRequest, site: int | None = None, prefix: rest.Text = "", search: Search = None
) -> dict[str, Any]:
    above = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    topics = rest.visible(request, DiscoveredTopic.objects.all())
    topics = topics.filter(site=site) if site is not None else topics
    topics = topics.filter(topic_path__startswith=above) if above else topics
    topics = topics.filter(_searched(search)) if search else topics
    rest_of = Substr("topic_path", len(above) + 1)
    cut = StrIndex(rest_of, Value("/"))
    found = (
        topics.annotate(rest_of=rest_of, cut=cut)
        .annotate(
            name=Case(When(cut=0, then=F("rest_of")), default=Substr("rest_of", 1, F("cut") - 1)),
            is_leaf=Case(When(cut=0, then=True), default=False, output_field=BooleanField()),
        )
        .order_by()
        .values("site_id", "name")
        .annotate(
            topic_id=Min("pk", filter=Q(is_leaf=True)),
            below=Count("pk", filter=Q(is_leaf=False)),
            topics=Count("pk"),
            processable=Count("pk", filter=Q(is_processable=True)),
            messages=Sum("message_count"),
            first_seen_at=Min("first_seen_at"),
            last_seen_at=Max("last_seen_at"),
        )
        .order_by("name", "site_id")
    )
    rows = list(found[: NODES + 1])
    nodes = [row | {"path": above + row["name"], "has_children": row["below"] > 0} for row in rows[:NODES]]
    return {"prefix": above, "nodes": nodes, "is_cut": len(rows) > NODES}


def _searched(words: str) -> Q:
    looks_like_filter = ("+" in words or "#" in words) and is_filter(words)
    return matching(words) if looks_like_filter else Q(topic_path__icontains=words)
