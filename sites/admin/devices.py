"""The admin for gateways, dataloggers and sensors: they come from messages; people name and mute them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from sites import access, naming, rest
from sites.admin import asking
from sites.admin.rows import ReadOnly, SiteFilter, signed_in
from sites.models import Datalogger, Gateway, Role, Sensor


class Device(ReadOnly):
    """A device is not edited; one that is gone for good can be deleted. named: the column with what people call it."""

    named: ClassVar[str] = "name"
    list_select_related: ClassVar[Any] = ("site",)
    search_fields: ClassVar[Any] = ("serial", "name")
    list_filter: ClassVar[Any] = ("status", ("site", SiteFilter))
    actions = ("rename", "mute")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super(ReadOnly, self).has_delete_permission(request, obj)

    @admin.action(description="Rename", permissions=["view"])
    def rename(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        rows = self.chosen(request, queryset)
        if not rows:
            return None
        form = asking.Naming(self.labels(rows), asking.sent(request))
        if not form.is_valid():
            return asking.ask(request, self, "rename", "Rename", rows, form)
        names = form.changed()
        with transaction.atomic():
            self.keep_names(queryset.filter(pk__in=names), names)
        self.message_user(request, f"{len(names)} are renamed.")
        return None

    @admin.action(description="Mute until …: their silence rings nobody", permissions=["view"])
    def mute(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        rows = self.chosen(request, queryset)
        if not rows:
            return None
        form = asking.Muting(asking.sent(request))
        if not form.is_valid():
            return asking.ask(request, self, "mute", "Mute", rows, form)
        until = form.cleaned_data["until"]
        with transaction.atomic():
            devices = naming.lock(self.ringing(rows))
            naming.change(devices, muted_until=until)
        words = f"are muted until {until:%Y-%m-%d %H:%M} UTC." if until else "ring again."
        self.message_user(request, f"{len(devices)} {words}")
        return None

    def chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The rows at sites where the person is operator; none, with a word about it, where they are too many."""
        rows = access.visible(queryset, signed_in(request), self.site_path, Role.OPERATOR)
        found = list(rows.order_by("pk")[: naming.AT_ONCE + 1])
        if not found:
            raise PermissionDenied("This takes an operator of the site.")
        if len(found) > naming.AT_ONCE:
            self.message_user(request, f"Choose at most {naming.AT_ONCE} at once.", messages.WARNING)
            return []
        return found

    def labels(self, rows: Sequence[Any]) -> list[tuple[int, str, str]]:
        return [(row.pk, str(row), getattr(row, self.named)) for row in rows]

    def keep_names(self, rows: QuerySet[Any], names: dict[int, str]) -> None:
        naming.change(naming.lock(rows), names=names)

    def ringing(self, rows: Sequence[Any]) -> QuerySet[Any]:
        """The devices whose silence rings, of these rows."""
        devices: QuerySet[Any] = self.model._base_manager.all()
        return devices.filter(pk__in=[row.pk for row in rows])


@admin.register(Gateway)
class GatewayAdmin(Device):
    list_display = ("serial", "name", "site", "status", "status_since", "last_seen_at", "muted_until", "firmware")


@admin.register(Datalogger)
class DataloggerAdmin(Device):
    list_display = (
        "serial", "name", "site", "gateway", "kind", "status", "status_since", "last_seen_at", "muted_until",
    )  # fmt: skip
    list_select_related = ("site", "gateway")
    list_filter = ("status", "kind", ("site", SiteFilter))


@admin.register(Sensor)
class SensorAdmin(Device):
    """Its label is its name. It cannot ring by itself: its datalogger is muted."""

    site_path = "datalogger__site"
    named = "label"
    list_display = (
        "key", "label", "datalogger", "kind", "shown_unit", "latest_values", "latest_time", "latest_quality",
    )  # fmt: skip
    list_select_related = ("datalogger",)
    list_filter = ("kind", ("datalogger__site", SiteFilter))
    search_fields = ("key", "label", "datalogger__serial", "datalogger__name")

    def labels(self, rows: Sequence[Any]) -> list[tuple[int, str, str]]:
        return [(row.pk, f"{row.datalogger} {row.key}", row.label) for row in rows]

    def keep_names(self, rows: QuerySet[Any], names: dict[int, str]) -> None:
        for sensor in rows.order_by("pk"):
            rest.change(sensor, {"label": names[sensor.pk]})

    def ringing(self, rows: Sequence[Any]) -> QuerySet[Any]:
        return Datalogger.objects.filter(pk__in={row.datalogger_id for row in rows})
