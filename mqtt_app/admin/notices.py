"""The admin for telling people: rules with an address that is only written, maintenance, and what was said."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from mqtt_app.alerting import notices
from mqtt_app.models import Delivery, Incident, Maintenance, NoticeRule, Problem
from sites.admin.rows import ReadOnly, Rows, SiteFilter, signed_in
from sites.models import Role


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The stored address is not loaded into the form at all."""

    problems = forms.MultipleChoiceField(choices=Problem.choices, widget=forms.CheckboxSelectMultiple)
    new_address = forms.CharField(
        required=False,
        max_length=512,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Of apprise: mailto://…, slack://…, tgram://…, json://…. Never shown; empty keeps the stored one.",
    )
    trusted: ClassVar[bool] = False

    class Meta:
        model = NoticeRule
        exclude = ("address", "service")  # noqa: DJ006  the admin lists what is shown

    def clean_new_address(self) -> str:
        address: str = self.cleaned_data["new_address"]
        if not address and self.instance.pk is None:
            raise ValidationError("A rule needs an address.")
        if address:
            try:
                self.instance.service = notices.validate(address, self.trusted)
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return address


@admin.register(NoticeRule)
class NoticeRuleAdmin(Rows):
    form = RuleForm
    list_display = ("name", "site", "service", "problems", "delay_s", "is_active")
    list_select_related = ("site",)
    list_filter = ("is_active", ("site", SiteFilter))
    search_fields = ("name", "site__name")
    autocomplete_fields = ("site",)
    actions = ("test",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("address")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.trusted = request.user.is_superuser  # type: ignore[attr-defined]  # a class made for this request
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        address = form.cleaned_data.get("new_address")
        if not change:
            obj.address = address
        super().save_model(request, obj, form, change)
        if change and address:
            obj.address = address
            obj.save(update_fields=["address", "service"])

    @admin.action(description="Send a test", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[NoticeRule]) -> None:
        for rule in self.writable(request, queryset)[:5]:
            made = notices.test(rule, signed_in(request).get_username())
            words = f"{rule.name}: {made.state}. {made.error}"
            self.message_user(request, words, messages.ERROR if made.error else messages.SUCCESS)


@admin.register(Maintenance)
class MaintenanceAdmin(Rows):
    writing_role = Role.OPERATOR
    list_display = ("site", "starts_at", "ends_at", "reason")
    list_select_related = ("site",)
    list_filter = (("site", SiteFilter),)
    autocomplete_fields = ("site",)


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    list_display = ("began_at", "site", "problem", "label", "good_since", "ended_at", "flaps")
    list_select_related = ("site",)
    list_filter = ("problem", "ended_at", ("site", SiteFilter))
    search_fields = ("label",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    site_path = "rule__site"
    list_display = ("created_at", "rule", "title", "state", "attempts", "sent_at", "error")
    list_filter = ("state", "created_at")
    search_fields = ("title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("rule").defer("rule__address")
