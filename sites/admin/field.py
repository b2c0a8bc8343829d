"""The admin for sites, gateways, dataloggers and sensors."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from sites.admin.rows import ReadOnly, Rows, SiteFilter, signed_in
from sites.models import Datalogger, Gateway, Membership, Role, Sensor, Site

admin.site.site_header = admin.site.site_title = "Fieldledger"
admin.site.index_title = "Everything that is kept"


class Device(ReadOnly):
    """A device comes from messages and is not edited; one that is gone for good can be deleted."""

    list_select_related: ClassVar[Any] = ("site",)
    search_fields: ClassVar[Any] = ("serial",)
    list_filter: ClassVar[Any] = ("status", ("site", SiteFilter))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super(ReadOnly, self).has_delete_permission(request, obj)


class SiteAdmin(Rows):
    """Whoever knows how the field speaks to us registers it, and shows in the list what is heard."""

    site_path = "pk"
    list_filter = ("is_active", "site_type")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}
    actions = ("show", "hide")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Site | None = None) -> Any:
        """Only for a new one: a slug names topics, and does not follow when the name changes."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not change:
                Membership.objects.create(user=signed_in(request), site=obj, role=Role.ADMIN)

    @admin.action(description="Show in the application", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Site]) -> None:
        self._set_visible(request, queryset, True)

    @admin.action(description="Hide from the application (messages are still taken)", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Site]) -> None:
        self._set_visible(request, queryset, False)

    def _set_visible(self, request: HttpRequest, queryset: QuerySet[Site], active: bool) -> None:
        changed = self.writable(request, queryset).update(is_active=active)
        self.message_user(request, f"{changed} sites are now {'shown' if active else 'hidden'}.")


@admin.register(Gateway)
class GatewayAdmin(Device):
    list_display = ("serial", "site", "status", "status_since", "last_seen_at", "firmware")


@admin.register(Datalogger)
class DataloggerAdmin(Device):
    list_display = ("serial", "site", "gateway", "kind", "status", "status_since", "last_seen_at")
    list_select_related = ("site", "gateway")


@admin.register(Sensor)
class SensorAdmin(Device):
    site_path = "datalogger__site"
    list_display = (
        "key", "label", "datalogger", "kind", "shown_unit", "latest_values", "latest_time", "latest_quality",
    )  # fmt: skip
    list_select_related = ("datalogger",)
    list_filter = ("kind", ("datalogger__site", SiteFilter))
    search_fields = ("key", "label", "datalogger__serial")
