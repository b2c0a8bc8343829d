"""REST for the audit trail: who changed what at the sites that one administers."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from sites import access, rest
from sites.models import AuditEntry, Role

router = Router()


class EntryOut(Schema):
    """changes: {column: [before, after]}; of a secret only that it changed. actor: empty for the system itself."""

    id: int
    at: datetime
    actor: str
    via: str
    action: str
    kind: str
    object_id: str
    label: str
    site_id: int | None
    changes: dict[str, list[Any]]


class EntryFilter(FilterSchema):
    """before: the id to continue from, which `next` fills in."""

    site: int | None = None
    actor: rest.Text | None = None
    kind: rest.Text | None = None
    action: AuditEntry.Action | None = None
    start: Annotated[rest.Moment | None, FilterLookup("at__gte")] = Field(None, alias="from")
    end: Annotated[rest.Moment | None, FilterLookup("at__lt")] = Field(None, alias="to")
    before: Annotated[int | None, FilterLookup("id__lt")] = None


@router.get("/audit/", response=rest.Slice[EntryOut], summary="Who changed what, newest first (admin)")
def list_entries(request: HttpRequest, filters: Query[EntryFilter], depth: Query[rest.Depth]) -> dict[str, Any]:
    rest.require_scope(request, Role.ADMIN)
    rest.in_order(filters.start, filters.end)
    entries = access.visible(AuditEntry.objects.all(), rest.caller(request).user, "site", Role.ADMIN)
    return rest.part(request, filters.filter(entries), depth, "before", "id")
