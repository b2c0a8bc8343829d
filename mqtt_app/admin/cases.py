"""The admin for test cases of parsers: seen, run, and deleted; they are made where a message is tried."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mqtt_app.authoring import cases
from mqtt_app.models import ParserCase
from sites.admin.rows import Rows, SiteFilter
from sites.models import Role


@admin.register(ParserCase)
class ParserCaseAdmin(Rows):
    writing_role = Role.OPERATOR
    list_display = ("name", "site", "parser_name", "topic", "received_at", "created_at")
    list_select_related = ("site",)
    list_filter = ("parser_name", ("site", SiteFilter))
    search_fields = ("name", "topic")
    exclude = ("payload",)
    readonly_fields = ("site", "parser_name", "topic", "retain", "received_at", "expected", "created_by")
    actions = ("run",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    @admin.action(description="Run these test cases", permissions=["view"])
    def run(self, request: HttpRequest, queryset: QuerySet[ParserCase]) -> None:
        results = cases.run(queryset.select_related("site")[: cases.CASES_PER_PARSER])
        failed = [result for result in results if not result.passed]
        for result in failed[:20]:
            self.message_user(request, f"{result.case.name}: {'; '.join(result.differences)}", messages.ERROR)
        self.message_user(request, f"{len(results) - len(failed)} passed, {len(failed)} failed.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("site", "created_by")
