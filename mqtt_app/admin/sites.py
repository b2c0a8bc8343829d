"""The admin's list of sites, with what is heard of each: its pill, its devices, its last message, and where to go."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mqtt_app import overview
from mqtt_app.overview import Word
from sites.admin.field import SiteAdmin
from sites.models import Presence, Site

SIGNS = {
    Word.LIVE: "●",
    Word.LATE: "◔",
    Word.QUIET: "○",
    Word.ASLEEP: "☾",
    Word.DOWN: "✖",
    Word.PAUSED: "‖",
    Word.WAITING: "…",
    Word.APPLYING: "◌",
}


class SeenSites(ChangeList):
    """A page of sites, each with its line of the overview: a few statements for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        shown = Site.objects.filter(pk__in=[site.pk for site in self.result_list])
        seen = {line["site"].pk: line for line in overview.describe(shown, timezone.now(), 1)}
        for site in self.result_list:
            site.seen = seen[site.pk]


@admin.register(Site)
class SiteOverviewAdmin(SiteAdmin):
    list_display = (
        "name",
        "site_type",
        "is_active",
        "pill",
        "gateways",
        "dataloggers",
        "last_message",
        "connection",
        "page",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return SeenSites

    @admin.display(description="status")
    def pill(self, site: Any) -> str:
        word = site.seen["word"]
        return f"{SIGNS[word]}\N{NO-BREAK SPACE}{word}"

    @admin.display(description="gateways online")
    def gateways(self, site: Any) -> SafeString:
        return _online("gateway", site)

    @admin.display(description="dataloggers online")
    def dataloggers(self, site: Any) -> SafeString:
        return _online("datalogger", site)

    @admin.display(description="last message")
    def last_message(self, site: Any) -> str:
        link = site.seen["connection"]
        return localize(timezone.localtime(link.last_message_at)) if link and link.last_message_at else "–"

    @admin.display(description="connection")
    def connection(self, site: Any) -> str | SafeString:
        link = site.seen["connection"]
        if link is None:
            return "–"
        path = reverse("admin:mqtt_app_mqttconnection_change", args=[link.pk])
        return format_html('<a href="{}">{}:{}</a>', path, link.broker_host, link.broker_port)

    @admin.display(description="page")
    def page(self, site: Site) -> SafeString:
        return format_html('<a href="/sites/{}">open</a>', site.pk)


def _online(kind: str, site: Any) -> SafeString:
    """How many of them are, and the way to their list."""
    counts = site.seen[f"{kind}s"]
    path = reverse(f"admin:sites_{kind}_changelist")
    return format_html(
        '<a href="{}?site__id__exact={}">{} of {}</a>', path, site.pk, counts[Presence.ONLINE], sum(counts.values())
    )
