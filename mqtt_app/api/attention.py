"""REST for acknowledgements: somebody knows of what is wrong, and says so in a note that the others see."""

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from mqtt_app.alerting import attention
from sites import rest
from sites.models import Acknowledgement, Datalogger, Gateway, Role, Site

router = Router()

AT_ONCE = 200

Ids = Annotated[list[int], Field(max_length=AT_ONCE)]


class AcknowledgementOut(Schema):
    """Of a device where one is named, else of the site. by: the person's name."""

    id: int
    site_id: int
    gateway_id: int | None
    datalogger_id: int | None
    note: str
    by: str
    at: datetime


class AcknowledgementIn(Schema):
    """What one knows of. Devices that are not offline are passed over."""

    sites: Ids = []
    gateways: Ids = []
    dataloggers: Ids = []
    note: Annotated[rest.Text, StringConstraints(max_length=500)] = ""


def seen(request: HttpRequest) -> Any:
    return rest.visible(request, Acknowledgement.objects.all())


@router.get("/acknowledgements/", response=list[AcknowledgementOut], summary="What somebody knows of, newest first")
def list_acknowledgements(request: HttpRequest, site: int | None = None) -> Any:
    """Only what still holds: of a device until it is heard again, of a site until it connects or is heard again."""
    found = seen(request) if site is None else seen(request).filter(site=site)
    return attention.holding(found).distinct()[: rest.COUNT_CAP]


@router.post(
    "/acknowledgements/", response={201: list[AcknowledgementOut]}, summary="Say that you know of it (operator)"
)
def acknowledge(request: HttpRequest, data: AcknowledgementIn) -> Status[Any]:
    sites = found(request, Site, "pk", data.sites)
    gateways = found(request, Gateway, "site", data.gateways)
    dataloggers = found(request, Datalogger, "site", data.dataloggers)
    for site_id in {site.pk for site in sites} | {device.site_id for device in (*gateways, *dataloggers)}:
        rest.require(request, site_id, Role.OPERATOR)
    by = rest.caller(request).user
    with transaction.atomic():
        written = attention.acknowledge(
            sites, gateways, dataloggers, note=data.note.strip(), by=by.first_name or by.username, now=timezone.now()
        )
    return Status(201, Acknowledgement.objects.filter(pk__in=written))


def found(request: HttpRequest, model: type[Any], path: str, ids: list[int]) -> list[Any]:
    """The rows. Raises Refused (404) unless each is there and may be seen."""
    rows = rest.visible(request, model.objects.filter(pk__in=ids), path)
    if len(rows) < len(set(ids)):
        name = model._meta.verbose_name
        raise rest.Refused(404, "not_found", f"There is no such {name}, or you may not see it.")
    return list(rows)


@router.delete(
    "/acknowledgements/{acknowledgement_id}/", response={204: None}, summary="Take it back: it needs attention again"
)
def forget(request: HttpRequest, acknowledgement_id: int) -> Status[None]:
    row = rest.find(seen(request), pk=acknowledgement_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    row.delete()
    return Status(204, None)
