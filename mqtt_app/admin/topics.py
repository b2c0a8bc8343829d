"""The admin for topics: which are parsed, and which were discovered and could be."""

import json
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mqtt_app import connections, topic_templates
from mqtt_app.admin.connections import applies
from mqtt_app.judging import catalogue, recognition
from mqtt_app.models import DiscoveredTopic, MqttConnection, MqttTopic
from mqtt_app.parsers import registry
from sites import access
from sites.admin.rows import ReadOnly, Rows, SiteFilter
from sites.models import Role

SAMPLE_CHARACTERS = 4_096
UNREAD = tuple(f"mqtt_connection__{name}" for name in connections.SECRETS)


def known(topic: MqttTopic) -> list[str]:
    """The parsers that may be named for a topic; of a new one, the site is not chosen yet."""
    return catalogue.names(topic.mqtt_connection.site_id) if topic.pk else registry.names()


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    parser_name = forms.ChoiceField(required=False, help_text="Empty: the registry decides.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "parser_name" in self.fields:  # not for those who may only look
            chosen = self.fields["parser_name"]
            chosen.choices = [("", "–"), *((name, name) for name in known(self.instance))]  # type: ignore[attr-defined]


@admin.register(MqttTopic)
class MqttTopicAdmin(Rows):
    site_path = "mqtt_connection__site"
    writing_role = Role.OPERATOR
    form = TopicForm
    list_display = ("topic_pattern", "mqtt_connection", "is_active", "is_muted", "qos_level", "parser_name")
    list_select_related = ("mqtt_connection__site",)
    list_filter = ("is_active", "is_muted", "qos_level", ("mqtt_connection__site", SiteFilter))
    search_fields = ("topic_pattern",)
    autocomplete_fields = ("mqtt_connection",)
    actions = ("activate", "deactivate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("mqtt_connection__site").defer(*UNREAD)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "parser_name" in form.changed_data:
            recognition.forget([obj.mqtt_connection.site_id])

    @admin.action(description="Parse these topics", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[MqttTopic]) -> None:
        count = MqttTopic.objects.filter(pk__in=self.writable(request, queryset).values("pk")).update(
            is_active=True, is_muted=False
        )
        self.message_user(request, f"{count} topics will be parsed; this {applies()}.")

    @admin.action(description="Ignore these topics", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[MqttTopic]) -> None:
        count = MqttTopic.objects.filter(pk__in=self.writable(request, queryset).values("pk")).update(is_active=False)
        self.message_user(request, f"{count} topics will be ignored; this {applies()}.")


@admin.register(DiscoveredTopic)
class DiscoveredTopicAdmin(ReadOnly):
    list_display = ("topic_path", "site", "is_processable", "processor_name", "message_count", "last_seen_at")
    list_select_related = ("site",)
    list_filter = ("is_processable", "processor_name", "last_seen_at", ("site", SiteFilter))
    search_fields = ("topic_path",)
    exclude = ("sample_payload",)
    readonly_fields = ("sample",)
    actions = ("adopt", "adopt_templates", "mute_templates", "export")
    exported = ("topic_path", "site__name", "is_processable", "processor_name", "message_count", "last_seen_at")

    @admin.display(description="sample payload")
    def sample(self, row: DiscoveredTopic) -> SafeString:
        return format_html(
            "<pre>{}</pre>", json.dumps(row.sample_payload, indent=2, ensure_ascii=False)[:SAMPLE_CHARACTERS]
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("sample_payload")

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
