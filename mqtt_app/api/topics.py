"""REST for topics: which are parsed, and which were discovered."""

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema, Status
from pydantic import Field
from typing_extensions import TypedDict

from mqtt_app.connections import SECRETS, TOPICS_PER_CONNECTION
from mqtt_app.exploring.discovery import sample
from mqtt_app.judging import catalogue, recognition
from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttTopic
from mqtt_app.topics import regular_expression, validate_filter
from sites import rest
from sites.models import Role

router = Router()

Qos = Annotated[Literal[0, 1, 2], Field(description="2 is taken as 1, at which nothing is lost.")]


class TopicOut(Schema):
    id: int
    connection_id: int = Field(alias="mqtt_connection_id")
    site_id: int = Field(alias="mqtt_connection.site_id")
    topic_pattern: str
    is_active: bool
    qos_level: int
    parser_name: str
    is_muted: bool
    template: str


class TopicIn(Schema):
    """is_active: parse what arrives there; off: ignore it. parser_name: empty lets the registry decide.

    is_muted: noise, not discovered either; then is_active is false.
    template: how a plain topic is read, such as bus/{device}/{sensor+}.
    """

    connection: int
    topic_pattern: rest.Text
    is_active: bool = True
    qos_level: Qos = 1
    parser_name: rest.Text = ""
    is_muted: bool = False
    template: rest.Text = ""


class TopicChange(Schema):
    """Only what is named changes. is_muted: noise, not discovered either; a muted topic is not active."""

    topic_pattern: rest.Text | None = None
    is_active: bool | None = None
    qos_level: Qos | None = None
    parser_name: rest.Text | None = None
    is_muted: bool | None = None
    template: rest.Text | None = None


class TopicFilter(FilterSchema):
    site: Annotated[int | None, FilterLookup("mqtt_connection__site")] = None
    connection: Annotated[int | None, FilterLookup("mqtt_connection")] = None
    is_active: bool | None = None
    is_muted: bool | None = None
    search: Annotated[rest.Text | None, FilterLookup("topic_pattern__icontains")] = None


class DiscoveredTopicOut(Schema):
    """is_processable: a parser recognises the topic; processor_name is its name."""

    id: int
    site_id: int
    topic_path: str
    topic_pattern: str
    first_seen_at: datetime
    last_seen_at: datetime
    message_count: int
    is_processable: bool
    processor_name: str


class Shown(TypedDict, total=False):
    """A payload as people may look at it: json, text or base64; truncated: the whole size, where it is cut."""

    json: Any
    text: str
    base64: str
    truncated: int


class DiscoveredTopicDetail(DiscoveredTopicOut):
    """The topic and the last message that was sampled."""

    sample_payload: Shown
    sampled_at: datetime


class DiscoveredTopicFilter(FilterSchema):
    site: int | None = None
    is_processable: bool | None = None
    processor_name: rest.Text | None = None
    search: Annotated[rest.Text | None, FilterLookup("topic_path__icontains")] = None
    match: Annotated[rest.Text | None, Field(description="An MQTT filter with + and #.")] = None
    mentions: Annotated[rest.Text | None, Field(description="Words of its sample, such as a device's serial.")] = None

    def filter_mentions(self, value: str | None) -> Q:
        as_written = json.dumps(value, ensure_ascii=False)[1:-1]  # the column holds JSON, with its escapes
        return Q(Contains(Cast("sample_payload", TextField()), as_written)) if value else Q()

    def filter_match(self, value: str | None) -> Q:
        return matching(value) if value else Q()


def matching(pattern: str) -> Q:
    """Topics that belong to an MQTT filter. Raises Refused (422) for what is none."""
    try:
        validate_filter(pattern)
    except ValidationError as error:
        fields = {"match": " ".join(error.messages)}
        raise rest.Refused(422, "invalid", "The request is not valid.", fields) from error
    return Q(topic_path__regex=regular_expression(pattern))


TopicSort = Literal["topic_pattern", "-topic_pattern"]
DiscoveredSort = Literal[
    "topic_path", "-topic_path", "last_seen_at", "-last_seen_at", "message_count", "-message_count"
]


def operated(request: HttpRequest, topic_id: int) -> MqttTopic:
    """The topic. Raises Refused (404, 403)."""
    topic = topic_seen(request, topic_id)
    rest.require(request, topic.mqtt_connection.site_id, Role.OPERATOR)
    return topic


def seen(request: HttpRequest) -> QuerySet[MqttTopic]:
    unread = (f"mqtt_connection__{name}" for name in SECRETS)
    topics = MqttTopic.objects.select_related("mqtt_connection").defer(*unread)
    return rest.visible(request, topics, "mqtt_connection__site")


def topic_seen(request: HttpRequest, topic_id: int) -> MqttTopic:
    return rest.find(seen(request), pk=topic_id)


def known_parser(name: str | None, site_id: int) -> None:
    """Raises Refused (422) for what is neither a parser that is installed nor a mapping of the site."""
    if name and name not in catalogue.names(site_id):
        known = ", ".join(catalogue.names(site_id))
        raise rest.Refused(422, "invalid", "The request is not valid.", {"parser_name": f"Use one of: {known}."})


def wished(fields: dict[str, Any], site_id: int) -> dict[str, Any]:
    """Columns from a request. Raises Refused (422) for a parser that is not known at the site."""
    known_parser(fields.get("parser_name"), site_id)
    return fields | {"qos_level": min(fields["qos_level"], 1)} if fields.get("qos_level") else fields


@router.get("/topics/", response=rest.Page[TopicOut], summary="Topics, parsed or ignored")
def list_topics(
    request: HttpRequest, filters: Query[TopicFilter], paging: Query[rest.Paging], sort: TopicSort = "topic_pattern"
) -> dict[str, Any]:
    return rest.page(filters.filter(seen(request)), paging, sort)


@router.post("/topics/", response={201: TopicOut}, summary="Add a topic to a connection (operator)")
def create_topic(request: HttpRequest, data: TopicIn) -> Status[MqttTopic]:
    fields = data.dict()
    connections = MqttConnection.objects.defer(*SECRETS)
    connection = rest.find(rest.visible(request, connections), pk=fields.pop("connection"))
    rest.require(request, connection.site_id, Role.OPERATOR)
    fields = wished(fields, connection.site_id)
    if connection.topics.count() >= TOPICS_PER_CONNECTION:
        message = f"A connection has {TOPICS_PER_CONNECTION} topics at most; use the wildcards + and #."
        raise rest.Refused(409, "too_many_topics", message)
    topic = MqttTopic(mqtt_connection=connection, **fields)
    topic.full_clean()
    topic.save()
    recognised_anew(topic)
    return Status(201, topic)


def recognised_anew(topic: MqttTopic) -> None:
    """Who reads a topic has changed where a topic of the connection names a parser."""
    if topic.parser_name:
        recognition.forget([topic.mqtt_connection.site_id])


@router.get("/topics/{topic_id}/", response=TopicOut, summary="One topic")
def get_topic(request: HttpRequest, topic_id: int) -> MqttTopic:
    return topic_seen(request, topic_id)


@router.patch("/topics/{topic_id}/", response=TopicOut, summary="Change a topic (operator)")
def change_topic(request: HttpRequest, topic_id: int, data: TopicChange) -> MqttTopic:
    topic = operated(request, topic_id)
    rest.change(topic, wished(data.dict(exclude_unset=True), topic.mqtt_connection.site_id))
    if data.parser_name is not None:
        recognition.forget([topic.mqtt_connection.site_id])
    return topic


@router.delete("/topics/{topic_id}/", response=rest.Deleted, summary="Delete a topic (operator)")
def delete_topic(request: HttpRequest, topic_id: int) -> dict[str, Any]:
    topic = operated(request, topic_id)
    topic.delete()
    recognised_anew(topic)
    return {"deleted": {"topics": 1}}


@router.get("/discovered-topics/", response=rest.Page[DiscoveredTopicOut], summary="Topics on which something arrived")
def list_discovered_topics(
    request: HttpRequest,
    filters: Query[DiscoveredTopicFilter],
    paging: Query[rest.Paging],
    sort: DiscoveredSort = "topic_path",
) -> dict[str, Any]:
    topics = DiscoveredTopic.objects.defer("sample_payload")
    return rest.page(filters.filter(rest.visible(request, topics)), paging, sort)


@router.get("/discovered-topics/{topic_id}/", response=DiscoveredTopicDetail, summary="One, with a sample")
def get_discovered_topic(request: HttpRequest, topic_id: int) -> DiscoveredTopic:
    return rest.find(rest.visible(request, DiscoveredTopic.objects.all()), pk=topic_id)


class SampleOut(Schema):
    """payload: what arrived, in base64, cut where size says that there was more. shown: the same, readable."""

    received_at: datetime
    qos: int
    retain: bool
    size: int
    is_truncated: bool
    payload: str
    shown: Shown


@router.get(
    "/discovered-topics/{topic_id}/samples/", response=list[SampleOut], summary="The last messages kept, newest first"
)
def list_samples(request: HttpRequest, topic_id: int) -> list[dict[str, Any]]:
    """One every ten seconds at most, the last twenty."""
    topic = get_discovered_topic(request, topic_id)
    return [
        {
            "received_at": one.received_at,
            "qos": one.qos,
            "retain": one.retain,
            "size": one.size,
            "is_truncated": one.size > len(one.payload),
            "payload": base64.b64encode(one.payload).decode(),
            "shown": sample(bytes(one.payload), one.size),
        }
        for one in topic.samples.order_by("-received_at")
    ]
