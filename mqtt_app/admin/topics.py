"""The admin for topics of connections: which are parsed, and what of that which arrived they match."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mqtt_app import connections
from mqtt_app.admin.connections import applies
from mqtt_app.exploring import matched
from mqtt_app.judging import catalogue, recognition
from mqtt_app.models import MqttTopic
from mqtt_app.parsers import registry
from sites.admin.bounded import within
from sites.admin.rows import Rows, SiteFilter
from sites.models import Role

MATCHES_MS = 1_000  # for all the topics of a page; beyond, the column stays empty
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


class MatchedTopics(ChangeList):
    """A page of topics, each with how many discovered ones it matches: one statement for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        asked = [(row.pk, row.mqtt_connection.site_id, row.topic_pattern) for row in self.result_list]
        found = within(MATCHES_MS, lambda: matched.count(asked)) or {}
        for row in self.result_list:
            row.matched = found.get(row.pk)


@admin.register(MqttTopic)
class MqttTopicAdmin(Rows):
    site_path = "mqtt_connection__site"
    writing_role = Role.OPERATOR
    form = TopicForm
    list_display = ("topic_pattern", "matches", "mqtt_connection", "is_active", "is_muted", "qos_level", "parser_name")
    list_select_related = ("mqtt_connection__site",)
    list_filter = ("is_active", "is_muted", "qos_level", ("mqtt_connection__site", SiteFilter))
    search_fields = ("topic_pattern",)
    autocomplete_fields = ("mqtt_connection",)
    readonly_fields = ("sample",)
    actions = ("activate", "deactivate")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return MatchedTopics

    @admin.display(description="matches")
    def matches(self, topic: Any) -> str:
        """How many discovered topics belong to it."""
        return "–" if topic.matched is None else in_words(topic.matched)

    @admin.display(description="matches")
    def sample(self, topic: MqttTopic) -> str | SafeString:
        """How many, and the first of them, each a way to its page."""
        if not topic.pk:
            return "–"
        asked = (topic.pk, topic.mqtt_connection.site_id, topic.topic_pattern)
        found = within(MATCHES_MS, lambda: (matched.count([asked])[topic.pk], matched.first(*asked[1:])))
        if found is None:
            return "There are too many topics to look for them now."
        number, rows = found
        if not rows:
            return "No topic on which something arrived."
        lines = ((reverse("admin:mqtt_app_discoveredtopic_change", args=[pk]), path) for pk, path in rows)
        more = f"{in_words(number)} discovered topics" + (", the first of them:" if number > len(rows) else ":")
        links = format_html_join("", '<li><a href="{}">{}</a></li>', lines)
        return format_html('{}<ul class="matched">{}</ul>', more, links)

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


def in_words(number: int) -> str:
    """A number that was counted up to a cap."""
    return f"{matched.CAP:,}+" if number > matched.CAP else f"{number:,}"
