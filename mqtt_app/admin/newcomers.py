"""The admin for unknown devices: who waits, the rules by which they are let in, and serials that two sites know."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from mqtt_app import newcomers
from sites import access
from sites.admin.rows import ReadOnly, Rows, SiteFilter, signed_in
from sites.models import DeviceRule, Newcomer, Role, SerialConflict
from tasks.replay import submit


@admin.register(DeviceRule)
class DeviceRuleAdmin(Rows):
    list_display = ("pattern", "action", "position", "site")
    list_select_related = ("site",)
    list_filter = ("action", ("site", SiteFilter))
    ordering = ("site", "position", "pk")
    autocomplete_fields = ("site",)


@admin.register(Newcomer)
class NewcomerAdmin(ReadOnly):
    list_display = ("serial", "role", "site", "state", "message_count", "first_seen_at", "last_seen_at")
    list_select_related = ("site",)
    list_filter = ("state", "role", ("site", SiteFilter))
    search_fields = ("serial",)
    actions = ("approve", "refuse")

    @admin.action(description="Let in", permissions=["view"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Newcomer]) -> None:
        chosen = access.visible(queryset, request.user, self.site_path, Role.OPERATOR)
        count = chosen.count()
        begun = newcomers.approve(chosen, signed_in(request))
        for one in begun:
            submit(one.pk)
        self.message_user(request, f"{count} are let in with their next message; see the replays for what they said.")

    @admin.action(description="Refuse", permissions=["view"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Newcomer]) -> None:
        count = newcomers.refuse(access.visible(queryset, request.user, self.site_path, Role.OPERATOR))
        self.message_user(request, f"{count} are refused; what they say is ignored.")


@admin.register(SerialConflict)
class SerialConflictAdmin(ReadOnly):
    list_display = ("serial", "role", "site", "found_at", "acknowledged_at")
    list_select_related = ("site",)
    exclude = ("other",)
    list_filter = ("role", ("site", SiteFilter))
    search_fields = ("serial",)
    actions = ("acknowledge",)

    @admin.action(description="It is meant so", permissions=["view"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        chosen = access.visible(queryset, request.user, self.site_path, Role.OPERATOR)
        count = chosen.filter(acknowledged_at=None).update(acknowledged_at=Now())
        self.message_user(request, f"{count} conflicts are acknowledged.")
