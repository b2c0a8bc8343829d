"""REST for sites: see them, and with the right role make, change and delete them."""

from datetime import datetime, time
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import FilterLookup, FilterSchema, Query, Router, Schema, Status
from pydantic import AfterValidator, Field

from sites import access, rest
from sites.models import Admission, Membership, Role, Site

router = Router()

Days = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[float, Field(ge=1, le=31_536_000)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


def of_the_site(hour: time) -> time:
    """Raises ValueError for an hour with a zone of its own."""
    if hour.tzinfo is not None:
        raise ValueError("give it without a zone: it is the site's")
    return hour


Hour = Annotated[time, AfterValidator(of_the_site)]


class SiteOut(Schema):
    id: int
    name: str
    slug: str
    site_type: Site.Type
    timezone: str
    location: str
    is_active: bool
    readings_keep_days: int | None
    unknown_devices: Admission
    works_from: time | None
    works_to: time | None
    interval_s: float | None
    latitude: float | None
    longitude: float | None
    created_at: datetime


class SiteIn(Schema):
    """slug is the first level of the site's MQTT topics. is_active: visible in the application.

    readings_keep_days: null for as long as those of all sites. unknown_devices: accept, hold (until somebody lets
    them in) or refuse, where no rule of device-rules/ says otherwise. works_from, works_to: outside of these hours, by
    the site's clocks, its silence is sleep; both or neither. interval_s: seconds between two messages of a device that
    promises none itself; null for those of all sites. latitude, longitude: in degrees; both or neither.
    """

    name: rest.Text
    slug: rest.Text
    site_type: Site.Type = Site.Type.OTHER
    timezone: rest.Text = "UTC"
    location: rest.Text = ""
    is_active: bool = True
    readings_keep_days: Days | None = None
    unknown_devices: Admission = Admission.ACCEPT
    works_from: Hour | None = None
    works_to: Hour | None = None
    interval_s: Seconds | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class SiteChange(Schema):
    """Only what is named changes."""

    name: rest.Text | None = None
    slug: rest.Text | None = None
    site_type: Site.Type | None = None
    timezone: rest.Text | None = None
    location: rest.Text | None = None
    is_active: bool | None = None
    readings_keep_days: Days | None = None
    unknown_devices: Admission | None = None
    works_from: Hour | None = None
    works_to: Hour | None = None
    interval_s: Seconds | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class SiteFilter(FilterSchema):
    search: Annotated[rest.Text | None, FilterLookup(["name__icontains", "slug__icontains"])] = None
    site_type: Site.Type | None = None
    is_active: bool | None = None


MAY_NOT_ADD = "Making sites needs the permission “add site”, which superusers have, and no token for some sites only."

SiteSort = Literal["name", "-name", "created_at", "-created_at"]


@router.get("/sites/", response=rest.Page[SiteOut], summary="Sites you may see")
def list_sites(
    request: HttpRequest, filters: Query[SiteFilter], paging: Query[rest.Paging], sort: SiteSort = "name"
) -> dict[str, Any]:
    return rest.page(filters.filter(rest.visible(request, Site.objects.all(), "pk")), paging, sort)


@router.post("/sites/", response={201: SiteOut}, summary="Make a site; you become its admin")
def create_site(request: HttpRequest, data: SiteIn) -> Status[Site]:
    user = rest.caller(request).user
    rest.require_scope(request, Role.ADMIN)
    if not user.has_perm("sites.add_site") or access.restriction(user) is not None:
        raise rest.Refused(403, "may_not_add", MAY_NOT_ADD)
    site = Site(**data.dict())
    site.full_clean()
    with transaction.atomic():
        site.save()
        Membership.objects.create(user=user, site=site, role=Role.ADMIN)
    return Status(201, site)


def site_seen(request: HttpRequest, site_id: int) -> Site:
    """The site, or Refused (404)."""
    return rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=site_id)


@router.get("/sites/{site_id}/", response=SiteOut, summary="One site")
def get_site(request: HttpRequest, site_id: int) -> Site:
    return site_seen(request, site_id)


@router.patch("/sites/{site_id}/", response=SiteOut, summary="Change a site (admin)")
def change_site(request: HttpRequest, site_id: int, data: SiteChange) -> Site:
    site = site_seen(request, site_id)
    rest.require(request, site.pk, Role.ADMIN)
    rest.change(site, data.dict(exclude_unset=True))
    return site


@router.delete("/sites/{site_id}/", response=rest.Deleted, summary="Delete a site and all that it holds (admin)")
def delete_site(
    request: HttpRequest,
    site_id: int,
    confirm: Annotated[rest.Text, Field(description="The site's name, as a sign that it is meant.")] = "",
) -> dict[str, Any]:
    site = site_seen(request, site_id)
    rest.require(request, site.pk, Role.ADMIN)
    goes = rest.contents(Site, pk=site.pk)
    if confirm != site.name:
        message = "Deleting a site deletes all it holds, for ever. Repeat the request with ?confirm=<the site's name>."
        raise rest.Refused(409, "confirmation_needed", message, deletes=goes)
    rest.delete(site)
    return {"deleted": goes}
