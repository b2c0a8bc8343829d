"""REST for what a site's topics are by template, how much of them is understood, and one step to parse or mute them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from mqtt_app import connections, topic_templates
from mqtt_app.api.topics import TopicOut, known_parser
from mqtt_app.exploring import survey
from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttTopic, TopicOverflow
from mqtt_app.topics import is_filter
from sites import rest
from sites.models import Role, Site

router = Router()


class CoverageOut(Schema):
    """How much of what was said on discovered topics a parser recognises. share: of the messages, 0 to 1.

    topics, topics_with_parser: listed ones. unlisted: messages on topics beyond the cap, which are in messages too.
    """

    site_id: int
    topics: int
    topics_with_parser: int
    messages: int
    messages_with_parser: int
    unlisted: int
    share: float | None


class TemplateOut(Schema):
    """One template. filter: its topics, as one subscribes to them. example_id: that discovered topic.

    parsers: the names of those who recognise its topics. with_parser: messages on topics that one recognises.
    unlisted: messages, counted in messages, on topics beyond the cap. state: parsed, ignored (a topic that is switched
    off or muted matches), unsubscribed (none matches).
    """

    template: str
    filter: str
    example: str
    example_id: int | None
    topics: int
    messages: int
    with_parser: int
    unlisted: int
    parsers: list[str]
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    state: Literal["parsed", "ignored", "unsubscribed"]

    @staticmethod
    def resolve_parsers(row: survey.Row) -> list[str]:
        return [name for name in row.parsers if name]


class SurveyOut(Schema):
    """A site's templates, the most talkative first. is_cut: there are more topics or templates than are compared.

    cap: how many topics are listed; is_full: new ones are only counted, by rough templates without an example_id.
    muted: topics that are muted.
    """

    site_id: int
    templates: list[TemplateOut]
    is_cut: bool
    coverage: CoverageOut | None
    cap: int
    is_full: bool
    muted: list[TopicOut]


class TemplateIn(Schema):
    """template: as topic-templates/ lists it, or an MQTT filter. parser_name: empty lets the registry decide."""

    site: int
    template: Annotated[rest.Text, Field(min_length=1)]
    parser_name: rest.Text = ""


class MuteIn(Schema):
    """template: as topic-templates/ lists it, or an MQTT filter."""

    site: int
    template: Annotated[rest.Text, Field(min_length=1)]


@router.get("/coverage/", response=list[CoverageOut], summary="Which share of the messages has a parser, by site")
def list_coverage(request: HttpRequest, site: int | None = None) -> list[survey.Coverage]:
    of_site = {} if site is None else {"site": site}
    topics = rest.visible(request, DiscoveredTopic.objects.filter(**of_site))
    return survey.coverage(topics, rest.visible(request, TopicOverflow.objects.filter(**of_site)))


@router.get("/topic-templates/", response=SurveyOut, summary="A site's topics by template, with coverage")
def list_templates(request: HttpRequest, site: int) -> dict[str, Any]:
    """Templates are learned by comparing the topics: a level is open where others differ in nothing else."""
    row = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=site)
    found = survey.of_site(row)
    topics = DiscoveredTopic.objects.filter(site=row)
    covered = survey.coverage(topics, TopicOverflow.objects.filter(site=row))
    muted = MqttTopic.objects.filter(mqtt_connection__site=row, is_muted=True).select_related("mqtt_connection")
    return {
        "site_id": row.pk,
        "templates": found.rows,
        "is_cut": found.is_cut,
        "coverage": covered[0] if covered else None,
        "cap": settings.DISCOVERED_TOPICS_PER_SITE,
        "is_full": topics.count() >= settings.DISCOVERED_TOPICS_PER_SITE,
        "muted": list(muted.defer(*(f"mqtt_connection__{name}" for name in connections.SECRETS))),
    }


def wished(request: HttpRequest, site: int, template: str) -> tuple[MqttConnection, str]:
    """The site's connection and the template's filter. Raises Refused (404, 403, 422)."""
    rows = MqttConnection.objects.select_related("site").defer(*connections.SECRETS)
    connection = rest.find(rest.visible(request, rows), site=site)
    rest.require(request, connection.site_id, Role.OPERATOR)
    name = topic_templates.as_filter(template, connection.site.slug)
    if not is_filter(name):
        fields = {"template": "Give a template, or an MQTT filter with + and # alone between slashes."}
        raise rest.Refused(422, "invalid", "The request is not valid.", fields)
    return connection, name


def made(connection: MqttConnection, pattern: str, parser: str = "", *, muted: bool = False) -> Status[MqttTopic]:
    try:
        return Status(201, connections.set_topic(connection, pattern, parser, muted=muted))
    except connections.TooMany as error:
        raise rest.Refused(409, "too_many_topics", str(error)) from error


@router.post("/topic-templates/parse/", response={201: TopicOut}, summary="Parse a template's topics (operator)")
def parse_template(request: HttpRequest, data: TemplateIn) -> Status[MqttTopic]:
    """Makes a topic of the connection, or switches the one with this filter on. Applies within one reconcile."""
    connection, pattern = wished(request, data.site, data.template)
    known_parser(data.parser_name, connection.site_id)
    return made(connection, pattern, data.parser_name)


@router.post("/topic-templates/mute/", response={201: TopicOut}, summary="Mute a template's topics: noise (operator)")
def mute_template(request: HttpRequest, data: MuteIn) -> Status[MqttTopic]:
    """Forgets what was discovered there and makes a muted topic; deleting that, or parsing it, ends the silence."""
    connection, pattern = wished(request, data.site, data.template)
    return made(connection, pattern, muted=True)
