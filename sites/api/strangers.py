"""REST for the rules by which a site lets unknown devices in, and for serials that two sites know."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from sites import access, rest
from sites.models import Admission, DeviceRule, Role, SerialConflict, Site

router = Router()

RULES_PER_SITE = 100
Pattern = Annotated[rest.Text, StringConstraints(min_length=1, max_length=128)]
Position = Annotated[int, Field(ge=0, le=10_000)]


class DeviceRuleOut(Schema):
    """The first rule whose pattern matches a serial (* and ?) decides; without one the site's unknown_devices does."""

    id: int
    site_id: int
    position: int
    pattern: str
    action: Admission


class DeviceRuleIn(Schema):
    site: int
    pattern: Pattern
    action: Admission
    position: Position = 0


class DeviceRuleChange(Schema):
    """Only what is named changes."""

    pattern: Pattern | None = None
    action: Admission | None = None
    position: Position | None = None


class DeviceRuleFilter(FilterSchema):
    site: int | None = None


def rules_seen(request: HttpRequest) -> QuerySet[DeviceRule]:
    return rest.visible(request, DeviceRule.objects.all())


def rule_administered(request: HttpRequest, rule_id: int) -> DeviceRule:
    rule = rest.find(rules_seen(request), pk=rule_id)
    rest.require(request, rule.site_id, Role.ADMIN)
    return rule


@router.get("/device-rules/", response=rest.Page[DeviceRuleOut], summary="Rules for unknown devices")
def list_rules(request: HttpRequest, filters: Query[DeviceRuleFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(rules_seen(request)), paging, "position")


@router.post("/device-rules/", response={201: DeviceRuleOut}, summary="Add a rule for unknown devices (admin)")
def create_rule(request: HttpRequest, data: DeviceRuleIn) -> Status[DeviceRule]:
    site = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=data.site)
    rest.require(request, site.pk, Role.ADMIN)
    if site.device_rules.count() >= RULES_PER_SITE:
        raise rest.Refused(409, "too_many_rules", f"A site has {RULES_PER_SITE} rules at most; use * and ?.")
    about = data.dict()
    del about["site"]
    rule = DeviceRule(site=site, **about)
    rule.full_clean()
    rule.save()
    return Status(201, rule)


@router.patch("/device-rules/{rule_id}/", response=DeviceRuleOut, summary="Change a rule (admin)")
def change_rule(request: HttpRequest, rule_id: int, data: DeviceRuleChange) -> DeviceRule:
    rule = rule_administered(request, rule_id)
    rest.change(rule, data.dict(exclude_unset=True))
    return rule


@router.delete("/device-rules/{rule_id}/", response=rest.Deleted, summary="Delete a rule (admin)")
def delete_rule(request: HttpRequest, rule_id: int) -> dict[str, Any]:
    rule_administered(request, rule_id).delete()
    return {"deleted": {"device_rules": 1}}


class ConflictOut(Schema):
    """A serial that came up at site_id though another site knew it. other_site_id: null where you may not see that."""

    id: int
    site_id: int
    other_site_id: int | None
    role: str
    serial: str
    found_at: datetime
    acknowledged_at: datetime | None


class ConflictFilter(FilterSchema):
    site: int | None = None
    open: Annotated[bool | None, FilterLookup("acknowledged_at__isnull")] = None


def conflicts_seen(request: HttpRequest) -> QuerySet[SerialConflict]:
    return rest.visible(request, SerialConflict.objects.all())


def described(request: HttpRequest, rows: list[SerialConflict]) -> list[dict[str, Any]]:
    seen = set(access.for_user(rest.caller(request).user).values_list("pk", flat=True))
    columns = ("id", "site_id", "role", "serial", "found_at", "acknowledged_at")
    return [
        {name: getattr(row, name) for name in columns}
        | {"other_site_id": row.other_id if row.other_id in seen else None}
        for row in rows
    ]


@router.get("/serial-conflicts/", response=rest.Page[ConflictOut], summary="Serials that two sites know")
def list_conflicts(request: HttpRequest, filters: Query[ConflictFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    found = rest.page(filters.filter(conflicts_seen(request)), paging, "-found_at")
    return found | {"items": described(request, found["items"])}


@router.post("/serial-conflicts/{conflict_id}/acknowledge/", response=ConflictOut, summary="It is meant so (operator)")
def acknowledge(request: HttpRequest, conflict_id: int) -> dict[str, Any]:
    row = rest.find(conflicts_seen(request), pk=conflict_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    SerialConflict.objects.filter(pk=row.pk, acknowledged_at=None).update(acknowledged_at=Now())
    row.refresh_from_db()
    return described(request, [row])[0]
