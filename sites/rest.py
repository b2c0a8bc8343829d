"""What every REST doorway shares: who calls, how a refusal is said, how lists are paged, which text is accepted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar, cast

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import CASCADE, Model, QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import AfterValidator, Field, StringConstraints

from sites import access
from sites.models import Role

T = TypeVar("T")
M = TypeVar("M", bound=Model)

COUNT_CAP = 10_000  # rows; an exact count of a big table costs more than the page it stands under
DELETE_ATTEMPTS = 5
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)  # what every layer can hold


@dataclass
class Refused(Exception):
    """The request is understood and not carried out. fields: what is wrong with which field. deletes: what would go."""

    status: int
    code: str
    message: str
    fields: dict[str, str] = field(default_factory=dict)
    deletes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the most that the way of signing in allows: everything for a session, its scope for a token."""

    user: User
    limit: Role


def caller(request: HttpRequest) -> Caller:
    """Set by the authentication of every route."""
    return cast("Caller", request.auth)  # type: ignore[attr-defined]


def require_scope(request: HttpRequest, role: Role) -> None:
    """Raises Refused (403) when the token's scope is below `role`."""
    if not access.reaches(caller(request).limit, role):
        raise Refused(403, "scope_too_low", f"This token's scope does not allow it; it needs that of the role {role}.")


def require(request: HttpRequest, site_id: int, role: Role) -> None:
    """Raises Refused (403) unless the caller, who may see the site, also holds `role` there."""
    require_scope(request, role)
    if not access.may(caller(request).user, site_id, role):
        raise Refused(403, "role_too_low", f"This needs the role {role} at this site.")


def visible(request: HttpRequest, queryset: QuerySet[M], path: str = "site") -> QuerySet[M]:
    """The rows of `queryset` that the caller may see."""
    return access.visible(queryset, caller(request).user, path)


def operated(request: HttpRequest, queryset: QuerySet[M], path: str = "site") -> QuerySet[M]:
    """The rows of `queryset` at sites where the caller is operator or more."""
    return access.visible(queryset, caller(request).user, path, Role.OPERATOR)


def find(queryset: QuerySet[M], **lookup: Any) -> M:
    """The one row. Raises Refused (404) in the same words whether it is absent or not the caller's to see."""
    row = queryset.filter(**lookup).first()
    if row is None:
        name = queryset.model._meta.verbose_name
        raise Refused(404, "not_found", f"There is no such {name}, or you may not see it.")
    return row


def change(row: Model, changes: dict[str, Any]) -> None:
    """Validate and write the named columns only: other writers own the others. Raises Django's ValidationError."""
    for name, value in changes.items():
        if value is None and not row._meta.get_field(name).null:
            raise ValidationError({name: "This field cannot be null."})
        setattr(row, name, value)
    row.full_clean(exclude=[column.name for column in row._meta.fields if column.name not in changes])
    if changes:
        row.save(update_fields=list(changes))


def delete(row: Model) -> None:
    """Delete a row and all below it. Raises IntegrityError when the flow adds to it faster than it can be deleted.

    Messages under way may add a row between our look and our commit, which fails then; the next look sees that row.
    """
    model, pk = type(row), row.pk
    for attempt in range(DELETE_ATTEMPTS):
        try:
            with transaction.atomic():
                for one in model._base_manager.filter(pk=pk):
                    one.delete()
        except IntegrityError:
            if attempt + 1 == DELETE_ATTEMPTS:
                raise
        else:
            return


def contents(model: type[Model], **lookup: Any) -> dict[str, int]:
    """How many rows of each kind go when the rows of `model` found by `lookup` are deleted, each capped."""
    counts: dict[str, int] = {}
    for relation in model._meta.related_objects:
        if relation.on_delete is CASCADE:
            below = {f"{relation.field.name}__{path}": value for path, value in lookup.items()}
            related = relation.related_model
            name = str(related._meta.verbose_name_plural).replace(" ", "_")
            counts[name] = min(capped(related._base_manager.filter(**below)), COUNT_CAP)
            counts |= contents(related, **below)
    return {name: count for name, count in counts.items() if count}


def printable(text: str) -> str:
    """Raises ValueError for NUL, which PostgreSQL cannot hold."""
    if "\0" in text:
        raise ValueError("NUL characters are not accepted")
    return text


def plausible(moment: datetime) -> datetime:
    """A time without a zone is UTC. Raises ValueError outside 1970 to 2999."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the year is out of range") from error
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("give a time between 1970 and 2999")
    return moment


Text = Annotated[str, StringConstraints(max_length=512), AfterValidator(printable)]
Pem = Annotated[str, StringConstraints(max_length=65_536), AfterValidator(printable)]
Moment = Annotated[datetime, AfterValidator(plausible)]


class Paging(Schema):
    """Which part of a list. Far down a long list a filter is the better way."""

    limit: int = Field(100, ge=1, le=1_000)
    offset: int = Field(0, ge=0, le=COUNT_CAP)


class Page(Schema, Generic[T]):
    """A part of a list. count stops at 10,000; count_is_capped says that there are more."""

    items: list[T]
    count: int
    count_is_capped: bool


class Depth(Schema):
    """How many rows of a history, newest first."""

    limit: int = Field(100, ge=1, le=1_000)


class Slice(Schema, Generic[T]):
    """A part of a history, newest first; `next` is the path of the part before it in time, null at the end."""

    items: list[T]
    next: str | None


class Deleted(Schema):
    """What went, by kind; histories are counted up to 10,000."""

    deleted: dict[str, int]


def capped(queryset: QuerySet[Any]) -> int:
    """How many rows, counted up to COUNT_CAP + 1."""
    return queryset.order_by()[: COUNT_CAP + 1].count()


def page(queryset: QuerySet[M], paging: Paging, sort: str) -> dict[str, Any]:
    """A Page of `queryset`. sort: a column from the route's own list of them, with - for descending."""
    count = capped(queryset)
    rows = queryset.order_by(sort, "pk")[paging.offset : paging.offset + paging.limit]
    return {"items": list(rows), "count": min(count, COUNT_CAP), "count_is_capped": count > COUNT_CAP}


def part(
    request: HttpRequest, queryset: QuerySet[M], depth: Depth, parameter: str, column: str, **fixed: str
) -> dict[str, Any]:
    """A Slice of `queryset` by a unique `column`, descending.

    parameter: the filter that `next` continues with. fixed: parameters that `next` repeats though the caller left them
    to a default that moves with time.
    """
    rows = list(queryset.order_by(f"-{column}")[: depth.limit + 1])
    items = rows[: depth.limit]
    following = None
    if len(rows) > depth.limit:
        query = request.GET.copy()
        for name, value in fixed.items():
            query[name] = value
        last = getattr(items[-1], column)
        query[parameter] = last.isoformat() if isinstance(last, datetime) else str(last)
        following = f"{request.path}?{query.urlencode()}"
    return {"items": items, "next": following}


def in_order(earlier: datetime | None, later: datetime | None) -> None:
    """Raises Refused (400) for a range that ends before it begins."""
    if earlier and later and later < earlier:
        raise Refused(400, "reversed_range", "The range ends before it begins: `to` must not be earlier than `from`.")


def listed(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Field errors as one text per field."""
    fields: dict[str, str] = {}
    for name, text in pairs:
        fields[name] = f"{fields[name]} {text}" if name in fields else text
    return fields
