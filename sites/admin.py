"""The admin for sites, devices, members and tokens; and the base class that keeps lists fast and rows private."""

import csv
import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from sites import access, rest, tokens
from sites.exports import plain
from sites.models import ApiToken, AuditEntry, AuthenticatorApp, Datalogger, Gateway, Membership, Role, Sensor, Site

admin.site.site_header = admin.site.site_title = "Fieldledger"
admin.site.index_title = "Everything that is kept"

COUNT_CAP = 10_000  # rows that are counted one by one
TOKEN_DAYS = 90
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


class Device(ReadOnly):
    """A device comes from messages and is not edited; one that is gone for good can be deleted."""

    list_select_related: ClassVar[Any] = ("site",)
    search_fields: ClassVar[Any] = ("serial",)
    list_filter: ClassVar[Any] = ("status", ("site", SiteFilter))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super(ReadOnly, self).has_delete_permission(request, obj)


class SiteAdmin(Rows):
    """Whoever knows how the field speaks to us registers it, and shows in the list what is heard."""

    site_path = "pk"
    list_filter = ("is_active", "site_type")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}
    actions = ("show", "hide")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Site | None = None) -> Any:
        """Only for a new one: a slug names topics, and does not follow when the name changes."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not change:
                Membership.objects.create(user=signed_in(request), site=obj, role=Role.ADMIN)

    @admin.action(description="Show in the application", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Site]) -> None:
        self._set_visible(request, queryset, True)

    @admin.action(description="Hide from the application (messages are still taken)", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Site]) -> None:
        self._set_visible(request, queryset, False)

    def _set_visible(self, request: HttpRequest, queryset: QuerySet[Site], active: bool) -> None:
        changed = self.writable(request, queryset).update(is_active=active)
        self.message_user(request, f"{changed} sites are now {'shown' if active else 'hidden'}.")


@admin.register(Gateway)
class GatewayAdmin(Device):
    list_display = ("serial", "site", "status", "status_since", "last_seen_at", "firmware")


@admin.register(Datalogger)
class DataloggerAdmin(Device):
    list_display = ("serial", "site", "gateway", "kind", "status", "status_since", "last_seen_at")
    list_select_related = ("site", "gateway")


@admin.register(Sensor)
class SensorAdmin(Device):
    site_path = "datalogger__site"
    list_display = (
        "key", "label", "datalogger", "kind", "shown_unit", "latest_values", "latest_time", "latest_quality",
    )  # fmt: skip
    list_select_related = ("datalogger",)
    list_filter = ("kind", ("datalogger__site", SiteFilter))
    search_fields = ("key", "label", "datalogger__serial")


@admin.register(Membership)
class MembershipAdmin(Rows):
    list_display = ("user", "site", "role")
    list_select_related = ("user", "site")
    list_filter = ("role", ("site", SiteFilter))
    search_fields = ("user__username", "site__name")
    autocomplete_fields = ("user", "site")


class TokenForm(ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """sites: none chosen is all of the user's."""

    sites = ModelMultipleChoiceField(Site.objects.none(), required=False, help_text="None chosen: all of the user's.")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    """For who administers the site; what belongs to no site is for superusers."""

    list_display = ("at", "actor", "via", "action", "kind", "label", "site_id")
    list_filter = ("action", "kind", "at")
    search_fields = ("actor", "label")
    ordering = ("-id",)
    fields = ("at", "actor", "via", "action", "kind", "object_id", "label", "site_id", "what")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        entries = admin.ModelAdmin.get_queryset(self, request)
        return access.visible(entries, request.user, self.site_path, Role.ADMIN)

    @admin.display(description="changes")
    def what(self, entry: AuditEntry) -> SafeString:
        lines = (
            (name, *(json.dumps(each, ensure_ascii=False) for each in pair)) for name, pair in entry.changes.items()
        )
        return format_html_join("\n", "<p>{}: {} → {}</p>", lines)


@admin.register(AuthenticatorApp)
class AuthenticatorApps(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Whose device is lost asks here: it is deleted, and set up anew at /second-factor/. Its key is never read."""

    list_display = ("user", "confirmed", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = readonly_fields = ("user", "confirmed", "created_at", "last_used_at", "throttling_failure_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthenticatorApp]:
        return super().get_queryset(request).defer("key", "backup_codes")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Tokens are made and revoked, never changed. Staff have their own; superusers see everyone's."""

    form = TokenForm
    list_display = ("name", "prefix", "user", "scope", "reach", "expires_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("scope",)
    search_fields = ("name", "prefix", "user__username")
    show_full_result_count = False
    list_per_page = 50
    fields: ClassVar[Any] = ("name", "prefix", "user", "scope", "reach", "expires_at", "last_used_at", "created_at")
    readonly_fields = ("prefix", "reach", "last_used_at", "created_at")
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        everyone = super().get_queryset(request)
        return everyone if request.user.is_superuser else everyone.filter(user_id=request.user.pk)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is not None:
            return self.fields
        fields = ("name", "scope", "sites", "expires_at")
        return ("user", *fields) if request.user.is_superuser else fields

    @admin.display(description="sites")
    def reach(self, token: ApiToken) -> str:
        if token.site_ids is None:
            return "all of its user's"
        return ", ".join(Site.objects.filter(pk__in=token.site_ids).values_list("name", flat=True)) or "none any more"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "sites" in form.base_fields:
            form.base_fields["sites"].queryset = access.for_user(request.user)  # type: ignore[attr-defined]
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk, "expires_at": timezone.now() + timedelta(days=TOKEN_DAYS)}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002
        owner = obj.user if obj.user_id else signed_in(request)
        chosen = [site.pk for site in form.cleaned_data["sites"]] or None
        made, secret = tokens.issue(owner, obj.name, obj.scope, obj.expires_at, chosen)
        obj.pk, obj.user, obj.prefix = made.pk, made.user, made.prefix
        text = f"The token is {secret} – copy it now: it is shown this once and kept nowhere."
        self.message_user(request, text, messages.WARNING)
