"""The admin for what only the system writes: the two logs, the listeners, and when recurring work was last done."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mqtt_app.admin import inbox, names
from mqtt_app.connections import SECRETS
from mqtt_app.models import Listener, MqttConnectionLog, MqttParsingLog, ParsingGroup, Pulse
from sites.admin.filters import TimeRange
from sites.admin.rows import ReadOnly, SiteFilter

SHOWN_BYTES = 4_096  # of a payload
SELECTED = 10_000  # failures of one replay that are chosen one by one


@admin.register(MqttConnectionLog)
class MqttConnectionLogAdmin(ReadOnly):
    site_path = "connection__site"
    list_display = ("timestamp", "level", "site", "message", "retry_attempt")
    list_filter = ("level", ("timestamp", TimeRange), ("connection__site", SiteFilter))
    search_fields = ("message",)
    actions = ("export",)
    exported = ("timestamp", "level", "connection__site__name", "message", "exception_type", "retry_attempt")
    ordering = ("-id",)

    @admin.display(description="site")
    def site(self, row: MqttConnectionLog) -> str:
        return row.connection.site.name

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        unread = (f"connection__{name}" for name in SECRETS)
        return super().get_queryset(request).select_related("connection__site").defer(*unread)


@admin.register(MqttParsingLog)
class MqttParsingLogAdmin(ReadOnly):
    list_display = ("timestamp", "site", "topic", "parser_name", "error_type", "error_message")
    list_select_related = ("site",)
    list_filter = ("outcome", names.ByReason, names.ByParser, ("timestamp", TimeRange), ("site", SiteFilter))
    actions = ("resolve", "replay", "export")
    exported = (
        "timestamp",
        "received_at",
        "site__name",
        "topic",
        "parser_name",
        "error_type",
        "error_message",
        "outcome",
    )
    search_fields = ("topic", "error_message")
    ordering = ("-id",)
    readonly_fields = ("payload_as_text",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("payload", "payload_sample", "exception_traceback")

    @admin.action(description="Resolve their kinds (open again with the next failure)", permissions=["view"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[MqttParsingLog]) -> None:
        chosen = set(queryset.order_by().values_list("site_id", "fingerprint").distinct()[:SELECTED])
        kinds = ParsingGroup.objects.filter(
            site__in={site for site, _ in chosen}, fingerprint__in={kind for _, kind in chosen}
        )
        ids = [pk for pk, *key in kinds.values_list("pk", "site_id", "fingerprint") if tuple(key) in chosen]
        count = inbox.settle(request, ParsingGroup.objects.filter(pk__in=ids), ParsingGroup.Handling.RESOLVED)
        self.message_user(request, f"{count} kinds of failure are now resolved.")

    @admin.action(description="Replay these: begin with a dry run", permissions=["view"])
    def replay(self, request: HttpRequest, queryset: QuerySet[MqttParsingLog]) -> None:
        of_site: dict[int, list[int]] = {}
        for site_id, pk in inbox.operable(request, queryset).values_list("site_id", "pk")[:SELECTED]:
            of_site.setdefault(site_id, []).append(pk)
        for site_id, ids in of_site.items():
            inbox.begin(request, site_id, ids=ids)
        self.message_user(request, f"{len(of_site)} dry runs have begun; start them from the list of replays.")

    @admin.display(description="payload")
    def payload_as_text(self, row: MqttParsingLog) -> SafeString:
        """Foreign bytes: as text where they are text, else in hexadecimal; never as markup."""
        payload = bytes(row.payload)
        head = payload[:SHOWN_BYTES]
        text = head.decode("utf-8", "ignore")
        readable = len(text.encode()) >= len(head) - 3 and all(c.isprintable() or c in "\r\n\t" for c in text)
        cut = f"… {len(payload)} bytes in all" if len(payload) > SHOWN_BYTES else ""
        return format_html("<pre>{}</pre>{}", text if readable else head.hex(" "), cut)


@admin.register(Listener)
class ListenerAdmin(ReadOnly):
    list_display = ("name", "heartbeat", "started_at", "capacity", "is_stopping")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return admin.ModelAdmin.get_queryset(self, request)


@admin.register(Pulse)
class PulseAdmin(ReadOnly):
    list_display = ("name", "at", "detail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return admin.ModelAdmin.get_queryset(self, request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Pulse | None:
        """Its key is a text, and PostgreSQL takes none with NUL."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)
