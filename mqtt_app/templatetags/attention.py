"""The tiles of the admin's first page: how much of what asks for attention there is, each a way to its list."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from mqtt_app.models import DiscoveredTopic, MqttConnection, ParsingGroup
from sites import rest
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
            wanted = {name: value.split(",") if name.endswith("__in") else value for name, value in chosen.items()}
            number = rest.capped(its_admin.get_queryset(request).filter(**wanted))
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            said = f"{number:,}" if number <= COUNT_CAP else f"> {COUNT_CAP:,}"
            found.append(Tile(said, words, f"{path}?{urlencode(chosen)}"))
    return found
