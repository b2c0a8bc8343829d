"""The admin for connections: the wish can be changed, assignment and fact be seen, secrets only be written."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from mqtt_app import certificates, connections, discoveries
from mqtt_app.listening import lease
from mqtt_app.models import DiscoveryRun, MqttConnection
from mqtt_app.wire import reach
from sites import access
from sites.admin.rows import ReadOnly, Rows, SiteFilter, signed_in
from sites.fields import Undecryptable
from sites.models import Role

COLUMNS = {column.name for column in MqttConnection._meta.concrete_fields}


def applies() -> str:
    """When a wish applies, in words."""
    return f"applies within {settings.RECONCILE_PERIOD_S} s"


class Unshown(forms.Textarea):
    """Takes text and never gives any back, not even after a mistake elsewhere in the form."""

    def format_value(self, value: Any) -> None:  # noqa: ARG002
        return None


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Secrets are separate fields: what is stored is not loaded into the form at all."""

    new_password = forms.CharField(
        required=False,
        strip=False,
        max_length=65_535,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Never shown. Empty keeps the stored one.",
    )
    new_client_key = forms.CharField(
        required=False,
        max_length=65_536,
        widget=Unshown,
        validators=[certificates.validate_key],
        help_text="PEM. Never shown. Empty keeps the stored one.",
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    forget_secrets = forms.BooleanField(required=False, help_text="Delete the stored password and client key.")

    trusted: ClassVar[bool] = False
    """Whether the person may send the stored password anywhere."""

    class Meta:
        model = MqttConnection
        exclude = connections.SECRETS  # noqa: DJ006  the admin lists what is shown

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version

    def clean(self) -> None:
        """What REST checks, said beside the fields of this form."""
        if self.errors:
            return
        try:
            if self.instance.pk:
                changed = {name: self.cleaned_data[name] for name in self.changed_data if name in COLUMNS}
                connections.validate_change(self.instance, changed | self.secrets(), self.trusted)
            else:
                connections.validate_new(self.cleaned_data | self.secrets(), self.trusted)
        except ValidationError as error:
            for name, words in error.message_dict.items():
                self.add_error(f"new_{name}" if name in connections.SECRETS else name, words)

    def _post_clean(self) -> None:
        """When all else is right: of two pages that are open at once, the one that is saved later is refused."""
        super()._post_clean()  # type: ignore[misc]  # Django's last step, which checks the model; not in the stubs
        if not self.instance.pk or self.errors:
            return
        try:
            connections.claim(self.instance.pk, self.cleaned_data.get("seen_version"))
        except connections.Outdated as error:
            self.add_error(None, str(error))

    def secrets(self) -> dict[str, str]:
        """The secrets to write; those that stay as they are are absent."""
        given = {name: self.cleaned_data.get(f"new_{name}", "") for name in connections.SECRETS}
        forget = self.cleaned_data.get("forget_secrets", False)
        return {name: value for name, value in given.items() if value or forget}


@admin.register(MqttConnection)
class MqttConnectionAdmin(Rows):
    form = ConnectionForm
    list_display = (
        "site", "broker", "is_active", "status", "status_since", "last_message_at", "mqtt_retry_count",
        "mqtt_next_retry",
    )  # fmt: skip
    list_select_related = ("site",)
    list_filter = ("status", "is_active", "use_tls", ("site", SiteFilter))
    search_fields = ("broker_host", "site__name")
    ordering = ("site__name",)
    autocomplete_fields = ("site",)
    actions = ("start", "stop", "retry", "test", "discover")
    facts = (
        "client_id", "listener", "epoch", "assigned_at", "generation", "status", "status_since", "last_error",
        "mqtt_retry_count", "mqtt_next_retry", "last_connected_at", "last_message_at", "subscribed",
        "certificate_expires_at", "certificate_name",
    )  # fmt: skip
    fieldsets: ClassVar[Any] = (
        (
            None,
            {
                "fields": (
                    "site",
                    "is_active",
                    "broker_host",
                    "broker_port",
                    "protocol",
                    "client_id_prefix",
                    "seen_version",
                )
            },
        ),
        ("Sign-in", {"fields": ("username", "new_password", "new_client_key", "forget_secrets")}),
        ("TLS", {"fields": ("use_tls", "tls_verify", "ca_certificate", "client_certificate")}),
        ("Raw messages", {"fields": ("keep_raw_days",)}),
        ("Sparkplug B", {"fields": ("asks_for_births",)}),
        ("Discovery", {"fields": ("discover_until", "discover_system")}),
        ("What is", {"fields": facts}),
    )

    @admin.display(description="broker", ordering="broker_host")
    def broker(self, row: MqttConnection) -> str:
        return f"{row.broker_host}:{row.broker_port}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*connections.SECRETS).select_related("site", "listener")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.trusted = request.user.is_superuser  # type: ignore[attr-defined]  # a class made for this request
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """A connection stays with its site; leaving a broker's certificate unchecked takes a superuser."""
        fields = self.facts + (("site",) if obj else ())
        return fields if request.user.is_superuser else (*fields, "tls_verify")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.pk = connections.add(
                obj.site, trusted=request.user.is_superuser, **self._given(form), **form.secrets()
            ).pk
            return
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            for name, value in form.secrets().items():
                setattr(obj, name, value)
            if form.secrets():
                obj.save(update_fields=list(form.secrets()))
            connections.trust(obj.pk, dict.fromkeys(form.changed_data), request.user.is_superuser)
            connections.told([obj.pk])

    def _given(self, form: ConnectionForm) -> dict[str, Any]:
        return {name: value for name, value in form.cleaned_data.items() if name in COLUMNS - {"site"}}

    def operable(self, request: HttpRequest, rows: QuerySet[MqttConnection]) -> QuerySet[MqttConnection]:
        """Switching takes less than changing: the operator's role."""
        return access.visible(rows, request.user, self.site_path, Role.OPERATOR)

    @admin.action(description="Start (wish open)", permissions=["change"])
    def start(self, request: HttpRequest, queryset: QuerySet[MqttConnection]) -> None:
        self._switch(request, queryset, True)

    @admin.action(description="Stop (wish closed)", permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[MqttConnection]) -> None:
        self._switch(request, queryset, False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[MqttConnection], active: bool) -> None:
        changed = connections.switch(self.operable(request, queryset), active)
        word = "open" if active else "closed"
        self.message_user(request, f"{changed} connections are now wished {word}; this {applies()}.")

    @admin.action(description="Reset back-off (try again at once)", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[MqttConnection]) -> None:
        count = connections.retry(self.operable(request, queryset))
        self.message_user(request, f"{count} connections that are not open are tried again within some seconds.")

    @admin.action(description="Test (one)", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[MqttConnection]) -> None:
        """One at a time: a broker that does not answer keeps the person waiting."""
        chosen = self.operable(request, queryset).order_by().values_list("pk", flat=True)[:2]
        if len(chosen) != 1:
            self.message_user(request, "Choose one connection that you may operate.", messages.WARNING)
            return
        try:
            found = reach.reach(lease.wish_of(chosen[0]))
        except Undecryptable as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        for step in found.steps:
            level = {"ok": messages.SUCCESS, "failed": messages.ERROR, "skipped": messages.INFO}[step.state]
            self.message_user(request, f"{step.name.upper()}: {step.state} ({step.took_ms:.0f} ms) {step.words}", level)

    @admin.action(description="Listen to every topic for ten minutes", permissions=["change"])
    def discover(self, request: HttpRequest, queryset: QuerySet[MqttConnection]) -> None:
        count = discoveries.begin(self.operable(request, queryset), timezone.now(), user=signed_in(request))
        self.message_user(request, f"{count} connections will listen to every topic for ten minutes; this {applies()}.")


@admin.register(DiscoveryRun)
class DiscoveryRunAdmin(ReadOnly):
    site_path = "connection__site"
    list_display = ("site", "started_at", "until", "started_by", "with_system", "finished_at", "in_words")
    list_filter = ("with_system", ("connection__site", SiteFilter))
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        unread = (f"connection__{name}" for name in connections.SECRETS)
        return super().get_queryset(request).select_related("connection__site", "started_by").defer(*unread)

    @admin.display(description="site")
    def site(self, row: DiscoveryRun) -> str:
        return row.connection.site.name

    @admin.display(description="what was new")
    def in_words(self, row: DiscoveryRun) -> str:
        return discoveries.in_words(row.report) if row.finished_at else "It is still listening."
