"""The admin for commands: what was asked of devices, by whom, and what they answered. They are made over REST."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mqtt_app.downlink import commands
from mqtt_app.models import Command
from sites import access
from sites.admin.rows import ReadOnly, SiteFilter
from sites.models import Role


@admin.register(Command)
class CommandAdmin(ReadOnly):
    list_display = ("created_at", "site", "topic", "method", "state", "created_by", "sent_at", "answered_at")
    list_select_related = ("site", "created_by")
    list_filter = ("state", "kind", "method", ("site", SiteFilter))
    search_fields = ("topic",)
    exclude = ("payload", "connection")
    ordering = ("-pk",)
    actions = ("cancel",)

    @admin.action(description="Cancel those that wait", permissions=["view"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Command]) -> None:
        chosen = access.visible(queryset, request.user, self.site_path, Role.OPERATOR)
        count = sum(commands.cancel(pk) for pk in chosen.values_list("pk", flat=True))
        self.message_user(request, f"{count} commands are cancelled.")
