"""REST for parsers without code: made, versioned, tried, tested, active."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import FilterSchema, Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from mqtt_app import topic_templates
from mqtt_app.api.cases import RunOut, run_out
from mqtt_app.api.trials import MessageIn as TriedMessage
from mqtt_app.api.trials import TopicTrialOut, TrialOut, counted, described, invalid, operated
from mqtt_app.api.trials import specimen as tried
from mqtt_app.authoring import cases, mappings
from mqtt_app.exploring import suggestions
from mqtt_app.exploring.discovery import sample
from mqtt_app.judging import trials
from mqtt_app.models import DiscoveredTopic, Mapping, MappingVersion
from mqtt_app.parsers.definition import Definition, SensorMapping
from mqtt_app.parsers.mapping import MappingParser
from mqtt_app.topics import is_filter
from sites import access, rest
from sites.models import Role

router = Router()

Name = Annotated[rest.Text, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class MappingOut(Schema):
    """site_id: null where it reads all sites. active: the number of the version that reads messages, null for none."""

    id: int
    site_id: int | None
    name: str
    active: int | None
    newest: int
    template: str
    created_by: str | None
    created_at: datetime


class VersionOut(Schema):
    number: int
    definition: Definition
    note: str
    is_active: bool
    created_by: str | None
    created_at: datetime


class MappingDetail(MappingOut):
    """definition: of the newest version."""

    definition: Definition


class MappingIn(Schema):
    """site: null for all sites (superusers). name: as its parser is called."""

    site: int | None = None
    name: Name
    definition: Definition
    note: rest.Text = ""


class RevisionIn(Schema):
    definition: Definition
    note: rest.Text = ""


class NumberIn(Schema):
    """number: of a version."""

    number: int


class PreviewIn(TriedMessage):
    """A message as in parsers/try/, read by a definition that is not saved."""

    definition: Definition


class TopicPreviewIn(Schema):
    """The last messages of the site's topics that belong to the template."""

    site: int
    definition: Definition
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class SuggestionOut(Schema):
    """definition: to begin with. samples: how many messages it was made of."""

    definition: Definition
    samples: int


class MappingFilter(FilterSchema):
    site: int | None = None
    name: rest.Text | None = None


def seen(request: HttpRequest) -> QuerySet[Mapping]:
    """The mappings of one's sites, and those that read all sites."""
    mine = access.for_user(rest.caller(request).user)
    rows = Mapping.objects.select_related("active", "created_by").prefetch_related("versions__created_by")
    return rows.filter(Q(site=None) | Q(site__in=mine))


def about(row: Mapping) -> dict[str, Any]:
    newest = max(row.versions.all(), key=lambda version: version.number)
    return {
        "id": row.pk,
        "site_id": row.site_id,
        "name": row.name,
        "active": row.active.number if row.active else None,
        "newest": newest.number,
        "template": newest.definition["template"],
        "created_by": row.created_by.get_username() if row.created_by else None,
        "created_at": row.created_at,
        "definition": newest.definition,
    }


def writable(request: HttpRequest, mapping_id: int) -> Mapping:
    """The mapping. Raises Refused (404, 403)."""
    row = rest.find(seen(request), pk=mapping_id)
    require(request, row.site_id)
    return row


def require(request: HttpRequest, site_id: int | None) -> None:
    """Of one site it takes an operator; what reads all sites takes a superuser."""
    if site_id is not None:
        rest.require(request, site_id, Role.OPERATOR)
        return
    rest.require_scope(request, Role.ADMIN)
    if not rest.caller(request).user.is_superuser:
        raise rest.Refused(403, "superusers_only", "A mapping of all sites is for superusers; make one of a site.")


@router.get("/mappings/", response=rest.Page[MappingOut], summary="Parsers without code")
def list_mappings(request: HttpRequest, filters: Query[MappingFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    found = rest.page(filters.filter(seen(request)), paging, "name")
    return found | {"items": [about(row) for row in found["items"]]}


@router.post("/mappings/", response={201: MappingDetail}, summary="Make a mapping, not active yet (operator)")
def create_mapping(request: HttpRequest, data: MappingIn) -> Status[dict[str, Any]]:
    site = None if data.site is None else operated(request, data.site)
    require(request, data.site)
    try:
        row = mappings.create(site, data.name, data.definition, rest.caller(request).user, data.note)
    except mappings.TooMany as error:
        raise rest.Refused(409, "too_many_mappings", str(error)) from error
    return Status(201, about(rest.find(seen(request), pk=row.pk)))


@router.post("/mappings/preview/", response=TrialOut, summary="Try a definition on a message; live (operator)")
def preview_mapping(request: HttpRequest, data: PreviewIn) -> dict[str, Any]:
    site = operated(request, data.site)
    [trial] = trials.try_all([tried(data, site)], trials.route_of(site), draft(data.definition))
    return described(trial)


@router.post("/mappings/preview-topics/", response=TopicTrialOut, summary="The same on the last messages (operator)")
def preview_topics(request: HttpRequest, data: TopicPreviewIn) -> dict[str, Any]:
    site = operated(request, data.site)
    parser = draft(data.definition)
    pattern = topic_templates.as_filter(data.definition.template, site.slug)
    found = [one for one in trials.recent(site, pattern, data.limit) if parser.reads(one.topic)]
    context = trials.route_of(site).context
    missing = mappings.unread(parser, ((one, context) for one in found if not one.is_cut))
    return counted(found, site, parser) | {"unread": [_told(sensor) for sensor in missing]}


def _told(sensor: SensorMapping) -> dict[str, str]:
    return {"sensor": mappings.named(sensor), "value": sensor.value}


def draft(definition: Definition) -> MappingParser:
    return MappingParser("draft", definition)


@router.get("/mappings/suggestion/", response=SuggestionOut, summary="A definition from a topic's samples (operator)")
def suggest_mapping(request: HttpRequest, discovered_topic: int, template: rest.Text | None = None) -> dict[str, Any]:
    """template: as topic-templates/ names it; without it the topic's own, by its looks."""
    topic = rest.find(rest.visible(request, DiscoveredTopic.objects.select_related("site")), pk=discovered_topic)
    rest.require(request, topic.site_id, Role.OPERATOR)
    chosen = template or topic_templates.of_path(topic.topic_path, topic.site.slug)
    pattern = topic_templates.as_filter(chosen, topic.site.slug)
    if not is_filter(pattern):
        raise invalid(template="Give a template as topic-templates/ lists it.")
    found = trials.recent(topic.site, pattern, 50) or trials.recent(topic.site, topic.topic_path, 50)
    shown = [sample(one.payload) for one in found if not one.is_cut]
    said = [one.get("json", one.get("text")) for one in shown]
    try:
        return {"definition": suggestions.suggest(chosen, said), "samples": len(said)}
    except ValueError as error:
        raise invalid(template="No mapping can be made of this template: a level must not be open.") from error


@router.get("/mappings/{mapping_id}/", response=MappingDetail, summary="One mapping, with its newest version")
def get_mapping(request: HttpRequest, mapping_id: int) -> dict[str, Any]:
    return about(rest.find(seen(request), pk=mapping_id))


@router.delete("/mappings/{mapping_id}/", response=rest.Deleted, summary="Delete a mapping and its versions (operator)")
def delete_mapping(request: HttpRequest, mapping_id: int) -> dict[str, Any]:
    row = writable(request, mapping_id)
    count = row.versions.count()
    mappings.delete(row)
    return {"deleted": {"mappings": 1, "mapping_versions": count}}


@router.get("/mappings/{mapping_id}/versions/", response=list[VersionOut], summary="Its versions, newest first")
def list_versions(request: HttpRequest, mapping_id: int) -> list[dict[str, Any]]:
    row = rest.find(seen(request), pk=mapping_id)
    return [version_out(one, row) for one in sorted(row.versions.all(), key=lambda one: -one.number)]


def version_out(one: MappingVersion, row: Mapping) -> dict[str, Any]:
    return {
        "number": one.number,
        "definition": one.definition,
        "note": one.note,
        "is_active": row.active_id == one.pk,
        "created_by": one.created_by.get_username() if one.created_by else None,
        "created_at": one.created_at,
    }


@router.post("/mappings/{mapping_id}/versions/", response={201: VersionOut}, summary="Add a version (operator)")
def revise_mapping(request: HttpRequest, mapping_id: int, data: RevisionIn) -> Status[dict[str, Any]]:
    """The active version goes on reading until another is activated."""
    row = writable(request, mapping_id)
    try:
        made = mappings.revise(row, data.definition, rest.caller(request).user, data.note)
    except mappings.TooMany as error:
        raise rest.Refused(409, "too_many_versions", str(error)) from error
    return Status(201, version_out(made, row))


@router.post("/mappings/{mapping_id}/test/", response=RunOut, summary="Run its test cases on a version (operator)")
def test_mapping(request: HttpRequest, mapping_id: int, data: NumberIn) -> dict[str, Any]:
    return run_out(mappings.tests(version_of(writable(request, mapping_id), data.number)))


@router.post("/mappings/{mapping_id}/activate/", response=MappingDetail, summary="Let a version read (operator)")
def activate_mapping(request: HttpRequest, mapping_id: int, data: NumberIn) -> dict[str, Any]:
    """Its test cases – parser-cases/ with the mapping's name – must pass, and have a reading of each of its sensors."""
    row = writable(request, mapping_id)
    try:
        mappings.activate(version_of(row, data.number))
    except mappings.NotReady as error:
        fields = {result.case.name: "; ".join(result.differences) for result in failed(error)}
        fields |= {mappings.named(one): f"No test case has anything at {one.value}" for one in error.unread}
        raise rest.Refused(409, "tests_do_not_pass", str(error), fields) from error
    return get_mapping(request, mapping_id)


def failed(error: mappings.NotReady) -> list[cases.Result]:
    return [result for result in error.results if not result.passed][:20]


@router.post("/mappings/{mapping_id}/deactivate/", response=MappingDetail, summary="Let none read (operator)")
def deactivate_mapping(request: HttpRequest, mapping_id: int) -> dict[str, Any]:
    mappings.deactivate(writable(request, mapping_id))
    return get_mapping(request, mapping_id)


def version_of(row: Mapping, number: int) -> MappingVersion:
    return rest.find(MappingVersion.objects.select_related("mapping").filter(mapping=row), number=number)
