"""Filters of the admin's lists that stay cheap on big tables: a range of time, and names that are known beforehand."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from sites import rest


class TimeRange(admin.FieldListFilter):
    """From one moment to before another, either left open. A day stands for its beginning; no zone is the server's."""

    template = "admin/time_range.html"

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        self.since, self.until = f"{field_path}__gte", f"{field_path}__lt"
        super().__init__(field, request, params, model, model_admin, field_path)
        given: dict[str, Any] = {**self.used_parameters}
        self.moments = {name: moment(values[-1]) for name, values in given.items() if values[-1]}
        self.used_parameters = {name: [found] for name, found in self.moments.items()}

    def expected_parameters(self) -> list[str | None]:
        return [self.since, self.until]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """One, which is a form."""
        fields = [(name, self._shown(name), words) for name, words in ((self.since, "from"), (self.until, "before"))]
        yield form(changelist, self) | {"fields": fields}

    def _shown(self, name: str) -> str:
        found = self.moments.get(name)
        return timezone.localtime(found).strftime("%Y-%m-%dT%H:%M") if found else ""


def form(changelist: Any, chosen: Any) -> dict[str, Any]:
    """What a filter that is a form sends along, the list's other filters, and the way back to the list without it."""
    own = chosen.expected_parameters()
    given = [(name, value) for name, values in changelist.filter_params.items() for value in values]
    return {
        "others": [(name, value) for name, value in given if name not in own],
        "is_set": bool(chosen.used_parameters),
        "query_string": changelist.get_query_string(remove=own),
    }


def moment(words: str) -> datetime:
    """A moment as a browser's field or a link says it. Raises IncorrectLookupParameters."""
    try:
        day = parse_date(words) if len(words) == len("2026-01-31") else None
        found = datetime(day.year, day.month, day.day) if day else parse_datetime(words)  # noqa: DTZ001  made aware below
        if found is None:
            raise IncorrectLookupParameters
        return rest.plausible(found if found.tzinfo else timezone.make_aware(found))
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters from error


class Named(admin.SimpleListFilter):
    """Rows by a column of names, offered from where they are known: to ask a big table for them is to read it all."""

    template = "admin/named.html"
    column: ClassVar[str]

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.parameter_name = self.column
        super().__init__(request, params, model, model_admin)

    def names(self, request: HttpRequest) -> list[str]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(name, name) for name in self.names(request)]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """One, which is a form."""
        yield form(changelist, self) | {"name": self.column, "value": self.value(), "names": self.lookup_choices}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        name = self.value()
        if not name:
            return queryset
        if "\0" in name:
            raise IncorrectLookupParameters
        return queryset.filter(**{self.column: name})
