"""The admin for topics on which something arrived: looked at, tried, made into topics that are parsed, exported."""

import json
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mqtt_app import connections, topic_templates
from mqtt_app.admin import trials
from mqtt_app.admin.connections import applies
from mqtt_app.admin.names import ByReader
from mqtt_app.models import DiscoveredTopic, MqttConnection
from sites import access
from sites.admin.filters import TimeRange
from sites.admin.rows import ReadOnly, SiteFilter
from sites.models import Role

SAMPLE_CHARACTERS = 4_096


@admin.register(DiscoveredTopic)
class DiscoveredTopicAdmin(ReadOnly):
    list_display = ("topic_path", "site", "is_processable", "processor_name", "message_count", "last_seen_at")
    list_select_related = ("site",)
    list_filter = ("is_processable", ByReader, ("last_seen_at", TimeRange), ("site", SiteFilter))
    search_fields = ("topic_path",)
    exclude = ("sample_payload",)
    readonly_fields = ("sample",)
    actions = ("try_parser", "adopt", "adopt_templates", "mute_templates", "export")
    change_form_template = "admin/mqtt_app/discovered_topic.html"
    exported = ("topic_path", "site__name", "is_processable", "processor_name", "message_count", "last_seen_at")

    @admin.display(description="sample payload")
    def sample(self, row: DiscoveredTopic) -> SafeString:
        return format_html(
            "<pre>{}</pre>", json.dumps(row.sample_payload, indent=2, ensure_ascii=False)[:SAMPLE_CHARACTERS]
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("sample_payload")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial)
        return [path("<int:pk>/try/", page, name="mqtt_app_discoveredtopic_try"), *super().get_urls()]

    def trial(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The dry run of a parser on the last messages of one topic; nothing is written."""
        topic = self.get_object(request, str(pk))
        if topic is None:
            raise Http404
        if not self.has_view_permission(request, topic) or not access.may(request.user, topic.site_id, Role.OPERATOR):
            raise PermissionDenied
        return trials.page(request, topic)

    @admin.action(description="Try a parser on this one: a dry run", permissions=["view"])
    def try_parser(self, request: HttpRequest, queryset: QuerySet[DiscoveredTopic]) -> HttpResponse | None:
        chosen = access.visible(queryset, request.user, self.site_path, Role.OPERATOR)
        ids = chosen.order_by().values_list("pk", flat=True)[:2]
        if len(ids) != 1:
            self.message_user(request, "Choose one topic of a site where you are operator.", messages.WARNING)
            return None
        return HttpResponseRedirect(reverse("admin:mqtt_app_discoveredtopic_try", args=[ids[0]]))

    @admin.action(description="Make topics of these, to be parsed", permissions=["view"])
    def adopt(self, request: HttpRequest, queryset: QuerySet[DiscoveredTopic]) -> None:
        if not request.user.has_perm("mqtt_app.add_mqtttopic"):
            raise PermissionDenied
        chosen = access.visible(queryset, request.user, self.site_path, Role.OPERATOR)
        made, skipped = connections.adopt(chosen)
        self.message_user(request, f"{made} topics made, {skipped} skipped: they exist, or the site has no connection.")

    @admin.action(description="Parse all topics that look like these", permissions=["view"])
    def adopt_templates(self, request: HttpRequest, queryset: QuerySet[DiscoveredTopic]) -> None:
        count = self._set(request, queryset, muted=False)
        self.message_user(request, f"{count} topics will be parsed; this {applies()}.")

    @admin.action(description="Mute all topics that look like these: noise", permissions=["view"])
    def mute_templates(self, request: HttpRequest, queryset: QuerySet[DiscoveredTopic]) -> None:
        count = self._set(request, queryset, muted=True)
        self.message_user(request, f"{count} topics are muted; delete them to hear of their messages again.")

    def _set(self, request: HttpRequest, queryset: QuerySet[DiscoveredTopic], *, muted: bool) -> int:
        """One topic for each template of the chosen ones, at the sites where the person is operator."""
        if not request.user.has_perm("mqtt_app.add_mqtttopic"):
            raise PermissionDenied
        chosen = access.visible(queryset, request.user, self.site_path, Role.OPERATOR)
        found = chosen.values_list("site_id", "site__slug", "topic_path")
        wanted = {
            (site, topic_templates.as_filter(topic_templates.of_path(path, slug), slug)) for site, slug, path in found
        }
        rows = MqttConnection.objects.filter(site__in={site for site, _ in wanted}).defer(*connections.SECRETS)
        of_site = {row.site_id: row for row in rows}
        done = 0
        for site, pattern in sorted(wanted):
            if site in of_site:
                with suppress(connections.TooMany):
                    connections.set_topic(of_site[site], pattern, muted=muted)
                    done += 1
        return done
