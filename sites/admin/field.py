"""The admin for sites; what stands there has an admin of its own."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from sites.admin.rows import Rows, signed_in
from sites.models import Membership, Role, Site

admin.site.site_header = admin.site.site_title = "Fieldledger"
admin.site.index_title = "Everything that is kept"


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
