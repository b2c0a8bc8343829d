"""REST for devices that wait to be let in."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema
from pydantic import Field

from mqtt_app import newcomers
from sites import admission, rest
from sites.models import Admission, Datalogger, Gateway, Newcomer, Role
from tasks.replay import submit

router = Router()


class NewcomerOut(Schema):
    """A device that its site does not know yet. state: waiting, refused, or approved and not heard since.

    message_count: messages that named it; the first thousand are kept until it is let in.
    next: what becomes of its next message (accept, hold, refuse): people decide first, then rules, then the site.
    is_known_elsewhere: another site has a device of this serial; letting it in flags a conflict.
    """

    id: int
    site_id: int
    role: str
    serial: str
    state: str
    next: Admission
    message_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    is_known_elsewhere: bool


class NewcomerFilter(FilterSchema):
    site: int | None = None
    state: Newcomer.Decision | None = None
    search: Annotated[rest.Text | None, FilterLookup("serial__icontains")] = None


class Chosen(Schema):
    """ids: of newcomers at sites where you are operator; others are passed over."""

    ids: Annotated[list[int], Field(min_length=1, max_length=1_000)]


class Approved(Schema):
    """replays: dry runs over what was kept of those who wait, one for each site; start them to have it stored."""

    approved: int
    replays: list[int]


class Refusal(Schema):
    refused: int


def seen(request: HttpRequest) -> QuerySet[Newcomer]:
    elsewhere = {
        role: Exists(model.objects.filter(serial=OuterRef("serial")).exclude(site=OuterRef("site")))
        for role, model in ((admission.GATEWAY, Gateway), (admission.DATALOGGER, Datalogger))
    }
    rows = Newcomer.objects.annotate(
        is_known_elsewhere=Q(Q(role=admission.GATEWAY) & Q(elsewhere[admission.GATEWAY]))
        | Q(Q(role=admission.DATALOGGER) & Q(elsewhere[admission.DATALOGGER]))
    )
    here = {
        role: Exists(model.objects.filter(serial=OuterRef("serial"), site=OuterRef("site")))
        for role, model in ((admission.GATEWAY, Gateway), (admission.DATALOGGER, Datalogger))
    }
    there = Q(Q(role=admission.GATEWAY) & Q(here[admission.GATEWAY]))
    there |= Q(Q(role=admission.DATALOGGER) & Q(here[admission.DATALOGGER]))
    return rest.visible(request, rows.exclude(there, ~Q(state=Newcomer.Decision.REFUSED)))


def operated(request: HttpRequest, ids: list[int]) -> QuerySet[Newcomer]:
    """Those of these newcomers that one may decide on. Raises Refused (403, 404)."""
    rest.require_scope(request, Role.OPERATOR)
    mine = rest.operated(request, Newcomer.objects.filter(pk__in=ids))
    if not mine.exists():
        rest.find(rest.visible(request, Newcomer.objects.all()), pk__in=ids)
        raise rest.Refused(403, "role_too_low", f"This needs the role {Role.OPERATOR} at this site.")
    return mine


@router.get("/newcomers/", response=rest.Page[NewcomerOut], summary="Devices that are held or refused")
def list_newcomers(request: HttpRequest, filters: Query[NewcomerFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    found = rest.page(filters.filter(seen(request)), paging, "-last_seen_at")
    answers = admission.foreseen(found["items"])
    for row in found["items"]:
        row.next = answers[row.pk]
    return found


@router.post("/newcomers/approve/", response=Approved, summary="Let them in (operator)")
def approve(request: HttpRequest, data: Chosen) -> dict[str, Any]:
    rows = operated(request, data.ids)
    with transaction.atomic():
        begun = newcomers.approve(rows, rest.caller(request).user)
        for one in begun:
            transaction.on_commit(partial(submit, one.pk))
    return {"approved": rows.count(), "replays": [one.pk for one in begun]}


@router.post("/newcomers/refuse/", response=Refusal, summary="Ignore what they say (operator)")
def refuse(request: HttpRequest, data: Chosen) -> dict[str, Any]:
    return {"refused": newcomers.refuse(operated(request, data.ids))}


@router.delete("/newcomers/{newcomer_id}/", response=rest.Deleted, summary="Forget what was decided (operator)")
def forget(request: HttpRequest, newcomer_id: int) -> dict[str, Any]:
    """With its next message it is judged anew."""
    row = rest.find(rest.visible(request, Newcomer.objects.all()), pk=newcomer_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    row.delete()
    return {"deleted": {"newcomers": 1}}
