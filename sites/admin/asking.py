"""Actions of the admin that ask for something first: a page with a form, which sends the same action again."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from sites import rest

MUTED_FOR = timedelta(hours=8)  # unless another time is said


class Muting(forms.Form):
    """Until when; empty ends it."""

    until = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="In UTC. Empty: its silence rings again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("until", timezone.now() + MUTED_FOR)

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        try:
            if until and rest.plausible(until) <= timezone.now():
                raise ValidationError("This moment has passed.")
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return until


class Naming(forms.Form):
    """A name for each of these rows; empty has none again. rows: id, what they are called else, and their name."""

    def __init__(self, rows: Iterable[tuple[int, str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pk, label, name in rows:
            self.fields[str(pk)] = forms.CharField(required=False, max_length=128, label=label, initial=name)

    def changed(self) -> dict[int, str]:
        """The names that are other than before, by id."""
        return {int(name): self.cleaned_data[name] for name in self.changed_data}


def sent(request: HttpRequest) -> Any:
    """What the page's form sent; None while it has not been asked yet."""
    return request.POST if "asked" in request.POST else None


def ask(
    request: HttpRequest, its_admin: Any, action: str, title: str, rows: Iterable[Model], form: Any
) -> HttpResponse:
    """The page. action: the name of the action that asks, which gets the same rows again."""
    words = {
        "title": title,
        "opts": its_admin.opts,
        "rows": list(rows),
        "form": form,
        "action": action,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/asking.html", its_admin.admin_site.each_context(request) | words)
