"""The admin for who may do what: roles, tokens, second factors; and for who did what."""

import json
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from sites import access, tokens
from sites.admin.rows import ReadOnly, Rows, SiteFilter, signed_in
from sites.models import ApiToken, AuditEntry, AuthenticatorApp, Membership, Role, Site

TOKEN_DAYS = 90


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
