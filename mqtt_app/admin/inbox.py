"""The admin for failures by kind and for replays: settled, muted, read again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from mqtt_app import replay
from mqtt_app.models import ParsingGroup, Replay
from sites import access
from sites.admin.rows import ReadOnly, SiteFilter, signed_in
from sites.models import Role
from tasks.replay import submit

Handling = ParsingGroup.Handling


def begin(request: HttpRequest, site_id: int, **selection: Any) -> None:
    """Begin the dry run of a replay and have it done."""
    row = replay.begin(Replay(site_id=site_id, selection=selection, created_by=signed_in(request)))
    submit(row.pk)


def operable(request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    return access.visible(rows, request.user, "site", Role.OPERATOR)


def settle(request: HttpRequest, groups: QuerySet[ParsingGroup], state: ParsingGroup.Handling) -> int:
    """Put those of `groups` that the person may operate into this state; returns how many."""
    ids = list(operable(request, groups).values_list("pk", flat=True))
    return ParsingGroup.objects.filter(pk__in=ids).update(state=state, state_since=timezone.now())


@admin.register(ParsingGroup)
class ParsingGroupAdmin(ReadOnly):
    list_display = (
        "error_type", "path", "parser_name", "parser_version", "site", "count", "first_seen_at", "last_seen_at",
        "state",
    )  # fmt: skip
    list_select_related = ("site",)
    list_filter = ("state", "error_type", "parser_name", ("site", SiteFilter))
    search_fields = ("path", "error_type")
    ordering = ("-last_seen_at",)
    actions = ("resolve", "mute", "reopen", "replay")

    @admin.action(description="Resolve (opens again with the next failure)", permissions=["view"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[ParsingGroup]) -> None:
        self._set(request, queryset, Handling.RESOLVED)

    @admin.action(description="Mute", permissions=["view"])
    def mute(self, request: HttpRequest, queryset: QuerySet[ParsingGroup]) -> None:
        self._set(request, queryset, Handling.IGNORED)

    @admin.action(description="Reopen", permissions=["view"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[ParsingGroup]) -> None:
        self._set(request, queryset, Handling.OPEN)

    def _set(self, request: HttpRequest, queryset: QuerySet[ParsingGroup], state: ParsingGroup.Handling) -> None:
        self.message_user(request, f"{settle(request, queryset, state)} kinds of failure are now {state}.")

    @admin.action(description="Replay: begin with a dry run", permissions=["view"])
    def replay(self, request: HttpRequest, queryset: QuerySet[ParsingGroup]) -> None:
        chosen = list(operable(request, queryset).values_list("site_id", "fingerprint"))
        for site_id, fingerprint in chosen:
            begin(request, site_id, fingerprint=fingerprint)
        self.message_user(request, f"{len(chosen)} dry runs have begun; start them from the list of replays.")


@admin.register(Replay)
class ReplayAdmin(ReadOnly):
    list_display = ("__str__", "state", "is_paused", "total", "would", "did", "created_by", "finished_at")
    list_select_related = ("site", "created_by")
    list_filter = ("state", "source", ("site", SiteFilter))
    ordering = ("-pk",)
    actions = ("start", "pause", "resume", "cancel")

    @admin.display(description="would come of it")
    def would(self, row: Replay) -> str:
        return in_words(row.checked)

    @admin.display(description="came of it")
    def did(self, row: Replay) -> str:
        return in_words(row.applied)

    @admin.action(description="Start", permissions=["view"])
    def start(self, request: HttpRequest, queryset: QuerySet[Replay]) -> None:
        self._steer(request, queryset, replay.start, goes_on=True)

    @admin.action(description="Pause", permissions=["view"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Replay]) -> None:
        self._steer(request, queryset, lambda pk: replay.pause(pk, True), goes_on=False)

    @admin.action(description="Go on", permissions=["view"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Replay]) -> None:
        self._steer(request, queryset, lambda pk: replay.pause(pk, False), goes_on=True)

    @admin.action(description="Cancel (what is stored stays)", permissions=["view"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Replay]) -> None:
        self._steer(request, queryset, replay.cancel, goes_on=False)

    def _steer(self, request: HttpRequest, queryset: QuerySet[Replay], verb: Any, *, goes_on: bool) -> None:
        for row in operable(request, queryset):
            try:
                verb(row.pk)
            except replay.NotNow as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
                continue
            if goes_on:
                submit(row.pk)
            self.message_user(request, f"{row}: done.")


def in_words(report: dict[str, Any]) -> str:
    """A report in one line."""
    if not report:
        return "–"
    parts = [f"{number} {name}" for name, number in report["messages"].items()]
    parts += [f"readings to {name}: {number}" for name, number in report["readings"].items()]
    return f"{report['read']} read: {', '.join(parts)}"
