"""REST for telling people: rules, maintenance, what is wrong now, and what was said."""

from datetime import datetime, time
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Field, FilterSchema, Query, Router, Schema, Status
from pydantic import WithJsonSchema

from mqtt_app.alerting import notices
from mqtt_app.models import Delivery, Incident, Maintenance, NoticeRule, Problem
from sites import rest
from sites.models import Role, Site

router = Router()

RULES_PER_SITE = 50

Address = Annotated[rest.Text, WithJsonSchema({"type": "string", "maxLength": 512, "writeOnly": True})]
Delay = Annotated[int, Field(ge=0, le=86_400)]
Percent = Annotated[int, Field(ge=1, le=100)]


class NoticeRuleOut(Schema):
    """service: what is behind the address, which is never shown."""

    id: int
    site_id: int
    name: str
    problems: list[Problem]
    service: str
    delay_s: int
    failure_percent: int
    tells_recovery: bool
    quiet_from: time | None
    quiet_to: time | None
    is_active: bool


class NoticeRuleIn(Schema):
    """address: of apprise, such as mailto://user:password@example.org or tgram://token/chat.

    delay_s: so long a problem must last. quiet_from, quiet_to: in the site's time zone; what is due then waits.
    """

    site: int
    name: rest.Text
    problems: Annotated[list[Problem], Field(min_length=1)]
    address: Address
    delay_s: Delay = 120
    failure_percent: Percent = 10
    tells_recovery: bool = True
    quiet_from: time | None = None
    quiet_to: time | None = None
    is_active: bool = True


class NoticeRuleChange(Schema):
    """Only what is named changes; an address that is not named stays as it is."""

    name: rest.Text | None = None
    problems: Annotated[list[Problem], Field(min_length=1)] | None = None
    address: Address | None = None
    delay_s: Delay | None = None
    failure_percent: Percent | None = None
    tells_recovery: bool | None = None
    quiet_from: time | None = None
    quiet_to: time | None = None
    is_active: bool | None = None


class OfSite(FilterSchema):
    site: int | None = None


class DeliveryOut(Schema):
    """state: waiting, sending, sent, failed. error: why it was not taken the last time."""

    id: int
    site_id: int = Field(alias="rule.site_id")
    rule_id: int
    title: str
    body: str
    state: Delivery.Progress
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    error: str


class IncidentOut(Schema):
    """good_since: well, but not for long enough to be over. flaps: how often it came back."""

    id: int
    site_id: int
    problem: Problem
    subject: str
    label: str
    began_at: datetime
    good_since: datetime | None
    ended_at: datetime | None
    flaps: int


class IncidentFilter(OfSite):
    problem: Problem | None = None
    is_open: Annotated[bool | None, Field(description="Not over yet.")] = None

    def filter_is_open(self, value: bool | None) -> Any:
        return Q() if value is None else Q(ended_at__isnull=value)


class MaintenanceOut(Schema):
    id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str


class MaintenanceIn(Schema):
    """While it lasts nothing is told of the site; what is still wrong afterwards is."""

    site: int
    starts_at: rest.Moment
    ends_at: rest.Moment
    reason: rest.Text = ""


def site_for(request: HttpRequest, site_id: int, role: Role) -> Site:
    site = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=site_id)
    rest.require(request, site.pk, role)
    return site


def seen(request: HttpRequest) -> QuerySet[NoticeRule]:
    return rest.visible(request, NoticeRule.objects.select_related("site").defer("address"))


def administered(request: HttpRequest, rule_id: int) -> NoticeRule:
    """The rule. Raises Refused (404, 403)."""
    rule = rest.find(seen(request), pk=rule_id)
    rest.require(request, rule.site_id, Role.ADMIN)
    return rule


def trusted(request: HttpRequest) -> bool:
    return rest.caller(request).user.is_superuser


@router.get("/notice-rules/", response=rest.Page[NoticeRuleOut], summary="Who is told of a site's problems")
def list_rules(request: HttpRequest, filters: Query[OfSite], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(seen(request)), paging, "name")


@router.post("/notice-rules/", response={201: NoticeRuleOut}, summary="Add a rule (admin)")
def create_rule(request: HttpRequest, data: NoticeRuleIn) -> Status[NoticeRule]:
    fields = data.dict()
    site = site_for(request, fields.pop("site"), Role.ADMIN)
    if site.notice_rules.count() >= RULES_PER_SITE:
        raise rest.Refused(409, "too_many_rules", f"A site has {RULES_PER_SITE} rules at most.")
    return Status(201, notices.add(site, trusted(request), **fields))


@router.get("/notice-rules/{rule_id}/", response=NoticeRuleOut, summary="One rule")
def get_rule(request: HttpRequest, rule_id: int) -> NoticeRule:
    return rest.find(seen(request), pk=rule_id)


@router.patch("/notice-rules/{rule_id}/", response=NoticeRuleOut, summary="Change a rule (admin)")
def change_rule(request: HttpRequest, rule_id: int, data: NoticeRuleChange) -> NoticeRule:
    rule = administered(request, rule_id)
    fields = data.dict(exclude_unset=True)
    if fields.get("address"):
        fields["service"] = notices.validate(fields["address"], trusted(request))
    rest.change(rule, fields)
    return rule


@router.delete("/notice-rules/{rule_id}/", response=rest.Deleted, summary="Delete a rule (admin)")
def delete_rule(request: HttpRequest, rule_id: int) -> dict[str, Any]:
    administered(request, rule_id).delete()
    return {"deleted": {"rules": 1}}


@router.post("/notice-rules/{rule_id}/test/", response=DeliveryOut, summary="Send a test now (admin)")
def test_rule(request: HttpRequest, rule_id: int) -> Delivery:
    """The answer says whether it was taken; a test is not tried again."""
    return notices.test(administered(request, rule_id), rest.caller(request).user.get_username())


@router.get("/notices/", response=rest.Page[DeliveryOut], summary="What was said, newest first")
def list_deliveries(
    request: HttpRequest, paging: Query[rest.Paging], site: int | None = None, state: Delivery.Progress | None = None
) -> dict[str, Any]:
    found = rest.visible(request, Delivery.objects.select_related("rule").defer("rule__address"), "rule__site")
    found = found.filter(rule__site=site) if site is not None else found
    return rest.page(found.filter(state=state) if state else found, paging, "-id")


@router.get("/incidents/", response=rest.Page[IncidentOut], summary="What is, or was, wrong")
def list_incidents(request: HttpRequest, filters: Query[IncidentFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Incident.objects.all())), paging, "-began_at")


@router.get("/maintenances/", response=rest.Page[MaintenanceOut], summary="When nothing is told")
def list_maintenances(request: HttpRequest, filters: Query[OfSite], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Maintenance.objects.all())), paging, "-starts_at")


@router.post("/maintenances/", response={201: MaintenanceOut}, summary="Plan maintenance (operator)")
def create_maintenance(request: HttpRequest, data: MaintenanceIn) -> Status[Maintenance]:
    fields = data.dict()
    site = site_for(request, fields.pop("site"), Role.OPERATOR)
    if data.ends_at <= data.starts_at:
        raise rest.Refused(422, "invalid", "The request is not valid.", {"ends_at": "It ends after its start."})
    row = Maintenance(site=site, **fields)
    row.full_clean()
    row.save()
    return Status(201, row)


@router.delete("/maintenances/{maintenance_id}/", response=rest.Deleted, summary="End or forget it (operator)")
def delete_maintenance(request: HttpRequest, maintenance_id: int) -> dict[str, Any]:
    row = rest.find(rest.visible(request, Maintenance.objects.all()), pk=maintenance_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    row.delete()
    return {"deleted": {"maintenances": 1}}
