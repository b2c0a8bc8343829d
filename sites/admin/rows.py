"""What every list of the admin is made of: few queries, only the rows that a person may see, and files of them."""

import csv
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from sites import access, rest
from sites.exports import plain
from sites.models import Role

COUNT_CAP = 10_000  # rows that are counted one by one
EXPORTED = 10_000  # rows of one file


def signed_in(request: HttpRequest) -> User:
    """Whoever uses the admin; nobody reaches it anonymously."""
    return cast("User", request.user)


class EstimatedCountPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Counts a big table by PostgreSQL's own estimate, and a filtered part of it up to 10,000 rows."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        if not rows.query.where:
            with connection.cursor() as cursor:
                cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
                estimate = int(cursor.fetchone()[0])
            if estimate > COUNT_CAP:
                return estimate
        return min(rest.capped(rows), COUNT_CAP)


class SiteFilter(admin.RelatedFieldListFilter):
    """Offers only the sites that the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        seen = access.for_user(request.user)
        return [(str(pk), name) for pk, name in seen.values_list("pk", "name")]


class Rows(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A table whose rows belong to sites. Staff see those of their sites, and write where their role allows it."""

    site_path: ClassVar[str] = "site"
    writing_role: ClassVar[Role] = Role.ADMIN
    paginator = EstimatedCountPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return access.visible(super().get_queryset(request), request.user, self.site_path)

    def writable(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `rows` that the person may change."""
        return access.visible(rows, request.user, self.site_path, self.writing_role)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_write(request, obj)

    def _may_write(self, request: HttpRequest, obj: Model | None) -> bool:
        if obj is None or request.user.is_superuser:
            return True
        return self.writable(request, type(obj)._base_manager.filter(pk=obj.pk)).exists()

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """A row may only be put where the person may write."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(related, Rows):
            rows = related.get_queryset(request)
            kwargs["queryset"] = access.visible(rows, request.user, related.site_path, self.writing_role)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:
        """Write only what the person changed: the other columns have other writers, who may be writing now."""
        if not change:
            return super().save_model(request, obj, form, change)
        columns = {column.name for column in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns]
        if changed:
            obj.save(update_fields=changed)
        return None

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[Any], list[Any]]:
        """Say how much goes with the rows, by counting: listing every reading of a site would take all memory."""
        rows = list(objs)
        forbidden = {self.opts.verbose_name for row in rows if not self.has_delete_permission(request, row)}
        goes = {str(self.opts.verbose_name_plural): len(rows)}
        goes |= rest.contents(self.model, pk__in=[row.pk for row in rows])
        return [str(row) for row in rows], goes, forbidden, []


def as_csv(name: str, heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A file to be kept. No text in it is a formula for whoever opens it as a sheet."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    file = csv.writer(answer)
    file.writerow(heading)
    file.writerows([plain(value) for value in row] for row in rows)
    return answer


class ReadOnly(Rows):
    """Rows that only the system writes. exported: columns of the file that `export` makes, where it is an action."""

    exported: ClassVar[tuple[str, ...]] = ()

    @admin.action(description="Export as CSV", permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        if queryset.count() > EXPORTED:
            text = f"A file holds {EXPORTED:,} rows; these are the first of them. Filter, or ask REST for the rest."
            self.message_user(request, text, messages.WARNING)
        rows = queryset.values_list(*self.exported)[:EXPORTED]
        heading = [column.replace("__", " ") for column in self.exported]
        return as_csv(self.opts.model_name or "rows", heading, rows.iterator(1_000))

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
