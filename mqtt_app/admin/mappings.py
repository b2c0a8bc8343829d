"""The admin for parsers without code: each save of a definition is a version; one is active when its cases pass."""

from typing import Any

import pydantic
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mqtt_app.authoring import mappings
from mqtt_app.models import Mapping, MappingVersion
from mqtt_app.parsers.definition import Definition
from sites import access
from sites.admin.rows import Rows, SiteFilter, signed_in
from sites.models import Role


class MappingForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    definition = forms.JSONField(
        widget=forms.Textarea(attrs={"rows": 30, "cols": 100}),
        help_text="template, device or device_from, sensors: docs/parsers.md shows one. A change makes a new version.",
    )
    note = forms.CharField(required=False, max_length=500, help_text="What is new in this version.")

    class Meta:
        model = Mapping
        fields = ("site", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = self.instance.versions.order_by("-number").first() if self.instance.pk else None
        if newest and "definition" in self.fields:
            self.initial["definition"] = newest.definition

    def clean_definition(self) -> Definition:
        try:
            return Definition.model_validate(self.cleaned_data["definition"])
        except pydantic.ValidationError as error:
            words = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:20]]
            raise ValidationError(words) from error


@admin.register(Mapping)
class MappingAdmin(Rows):
    writing_role = Role.OPERATOR
    form = MappingForm
    list_display = ("name", "site", "active", "created_by", "created_at")
    list_select_related = ("site", "active", "created_by")
    list_filter = (("site", SiteFilter),)
    search_fields = ("name",)
    autocomplete_fields = ("site",)
    actions = ("activate", "deactivate")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Names are in test cases, topics and failures; they stay."""
        return ("site", "name") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        definition, note = form.cleaned_data["definition"], form.cleaned_data["note"]
        if not change:
            obj.pk = mappings.create(obj.site, obj.name, definition, signed_in(request), note).pk
        elif "definition" in form.changed_data:
            mappings.revise(obj, definition, signed_in(request), note)

    @admin.action(description="Activate the newest version, if its test cases pass", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Mapping]) -> None:
        for row in self.writable(request, queryset):
            newest = row.versions.select_related("mapping").order_by("-number").first()
            try:
                mappings.activate(newest)
            except mappings.NotReady as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{row}: version {newest.number} reads from the next batch on.")

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Mapping]) -> None:
        for row in self.writable(request, queryset):
            mappings.deactivate(row)
            self.message_user(request, f"{row} reads nothing from the next batch on.")

    def delete_model(self, request: HttpRequest, obj: Mapping) -> None:  # noqa: ARG002
        mappings.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Mapping]) -> None:  # noqa: ARG002
        for row in queryset:
            mappings.delete(row)

    def writable(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return access.visible(rows, request.user, self.site_path, self.writing_role)


@admin.register(MappingVersion)
class MappingVersionAdmin(Rows):
    site_path = "mapping__site"
    list_display = ("mapping", "number", "note", "created_by", "created_at")
    list_select_related = ("mapping", "created_by")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
