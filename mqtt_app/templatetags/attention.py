"""What asks for attention in the admin: tiles on its first page, each a way to its list, and numbers in the sidebar."""

from collections import Counter
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template
from django.contrib import admin
from django.db.models import Model, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from mqtt_app.models import DiscoveredTopic, MqttConnection, ParsingGroup
from sites import rest
from sites.admin.bounded import within
from sites.admin.rows import COUNT_CAP
from sites.models import Datalogger, Gateway, Newcomer, Presence

register = template.Library()

TILES: tuple[tuple[str, type[Model], dict[str, str]], ...] = (
    (
        "connections not open",
        MqttConnection,
        {"is_active__exact": "1", "status__in": "connecting,disconnected,error"},
    ),
    ("gateways offline", Gateway, {"status__exact": Presence.OFFLINE}),
    ("dataloggers offline", Datalogger, {"status__exact": Presence.OFFLINE}),
    ("kinds of failure open", ParsingGroup, {"state__exact": ParsingGroup.Handling.OPEN}),
    ("topics without a parser", DiscoveredTopic, {"is_processable__exact": "0"}),
    ("newcomers waiting", Newcomer, {"state__exact": Newcomer.Decision.WAITING}),
)


BADGE_CAP = 99
BADGES_MS = 300  # for all of them; a page that is opened for something else does not wait longer


class Tile(NamedTuple):
    number: str
    words: str
    url: str


@register.simple_tag(takes_context=True)
def tiles(context: dict[str, Any]) -> list[Tile]:
    """Of what the person may see; counted as the list behind it is, up to 10,000."""
    request: HttpRequest = context["request"]
    found = []
    for words, model, chosen in TILES:
        its_admin = admin.site._registry[model]
        if its_admin.has_view_permission(request):
            number = rest.capped(_rows(request, model, chosen))
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            said = f"{number:,}" if number <= COUNT_CAP else f"> {COUNT_CAP:,}"
            found.append(Tile(said, words, f"{path}?{urlencode(chosen)}"))
    return found


def _rows(request: HttpRequest, model: type[Model], chosen: dict[str, str]) -> QuerySet[Any]:
    """What a tile counts: the rows that its list shows to this person."""
    wanted = {name: value.split(",") if name.endswith("__in") else value for name, value in chosen.items()}
    return admin.site._registry[model].get_queryset(request).filter(**wanted)


@register.simple_tag(takes_context=True)
def counted(context: dict[str, Any], apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sidebar's apps, whose lists say how many of their rows ask for attention; as they are where that fails."""
    request: HttpRequest = context["request"]
    listed = {row["model"]: row["name"] for app in apps for row in app["models"]}
    shown = [(words, model, chosen) for words, model, chosen in TILES if model in listed]
    found = within(BADGES_MS, lambda: _numbers(request, shown)) or Counter()
    names = {
        model: format_html(
            '{} <span class="badge" title="{}">{}</span>',
            listed[model],
            words,
            found[words] if found[words] <= BADGE_CAP else f"{BADGE_CAP}+",
        )
        for words, model, _ in shown
        if found[words]
    }
    return [app | {"models": [_renamed(row, names) for row in app["models"]]} for app in apps]


def _renamed(row: dict[str, Any], names: dict[type[Model], Any]) -> dict[str, Any]:
    return row | {"name": names.get(row["model"], row["name"])}


def _numbers(request: HttpRequest, shown: list[tuple[str, type[Model], dict[str, str]]]) -> Counter[str]:
    """By their words, up to BADGE_CAP + 1. One statement, which reads no more rows than that of each."""
    parts = [
        _rows(request, model, chosen).order_by().values_list(Value(words))[: BADGE_CAP + 1]
        for words, model, chosen in shown
    ]
    return Counter(words for part in parts[:1] for (words,) in part.union(*parts[1:], all=True))
